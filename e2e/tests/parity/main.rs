//! Whether the simulated cluster is what the real one is: recordings of the real one that cover what is used, programs of other
//! people against both, and random operations on both.
//!
//! `SEEDLING_RECORD=1 cargo test -p seedling-e2e --test parity record` makes the recordings of `kube-sim` anew.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

#[path = "../../kube-sim/tests/replay/compare.rs"]
#[allow(dead_code)] // the replay uses the rest
mod compare;
#[path = "../../kube-sim/tests/replay/coverage.rs"]
#[allow(dead_code)] // the replay uses the rest
mod coverage;
mod documents;
#[path = "../../kube-sim/tests/replay/exchange.rs"]
mod exchange;
mod kubectl;
mod property;
mod record;
mod watcher;
mod worlds;

use libtest_mimic::Arguments;
use seedling_e2e::world::run_if_asked;

/// From this crate's folder.
const RECORDINGS: &str = "kube-sim/recordings";

fn main() {
    run_if_asked();
    let mut arguments = Arguments::from_args();
    // Two worlds are all that two cores bear, and one run of the standard proof is already one more.
    arguments.test_threads.get_or_insert(1);
    let trials = [
        watcher::trials(),
        property::trials(),
        kubectl::trials(),
        record::trials(),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    worlds::stop();
    conclusion.exit();
}
