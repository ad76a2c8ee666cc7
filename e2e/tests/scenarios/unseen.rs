//! The standard proof on a configuration that was not made for it.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use seedling_e2e::backend::ProcessBackend;
use seedling_e2e::driver::Interrupt;
use seedling_e2e::proof::{Request, launch};
use seedling_e2e::report::Live;

use crate::stage::{NEEDS, Stage, scenario};

pub fn trials() -> Vec<Trial> {
    vec![scenario(
        "proof_of_a_new_users_configuration",
        NEEDS,
        bakery,
    )]
}

/// Modules, `for_each`, `count`, and two projects in one cluster, in a world of its own: the proof counts what is left.
async fn bakery(stage: &'static Stage) -> Result<(), Failed> {
    let artefacts = tempfile::tempdir()?;
    let request = Request {
        roots: vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations/bakery")],
        old_variables: [("bread".to_owned(), "rye-1".to_owned())].into(),
        cli: Some(stage.terraform()?.path.clone()),
        artefacts: Some(artefacts.path().join("artefacts")),
        ..Request::default()
    };
    let (_, interrupt) = Interrupt::manual();
    let live = Live::new();
    let launched = launch(&request, &ProcessBackend, &live, &interrupt).await;
    live.finish();
    let report = launched?.report;
    let broken: Vec<String> = report
        .steps
        .iter()
        .filter(|step| step.verdict != seedling_e2e::report::Verdict::Held)
        .map(|step| format!("{}: {}", step.name, step.text))
        .collect();
    if report.held() && broken.is_empty() {
        return Ok(());
    }
    Err(broken.join("\n").into())
}
