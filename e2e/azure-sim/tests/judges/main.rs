//! The simulator judged by clients that others wrote: the Azure CLI and the Azure SDK for Python. Where they disagree, they are right.

mod az;
mod clusters;
mod directory;
mod pools;
mod python;
mod sdk;
mod signing_in;
mod world;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// What a test does with a client.
type Test = fn(&python::Python) -> Result<(), Failed>;

const TESTS: &[(&str, Test)] = &[
    ("az_signs_in", signing_in::run),
    ("az_manages_a_cluster", clusters::run),
    ("az_manages_node_pools", pools::run),
    ("az_assigns_roles", directory::roles),
    ("az_manages_groups", directory::groups),
    ("sdk_signs_in_by_every_credential", sdk::credentials),
    ("sdk_polls_and_is_refused", sdk::pools),
    ("sdk_retries_what_is_throttled_and_cut", sdk::retries),
];

fn main() {
    let trials = TESTS.iter().map(|(name, test)| {
        Trial::ignorable_test(*name, move || match python::Python::have() {
            Err(missing) if python::is_required() => Err(missing.into()),
            Err(missing) => Ok(Completion::ignored_with(missing)),
            Ok(python) => test(&python).map(|()| Completion::Completed),
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
