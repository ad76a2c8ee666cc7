//! The standard proof on the process backend: every example holds, and what is wrong is found.

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use seedling_e2e::backend::ProcessBackend;
use seedling_e2e::driver::Interrupt;
use seedling_e2e::proof::{Request, launch};
use seedling_e2e::report::{Live, Report, Verdict};
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};
use seedling_e2e::world::run_if_asked;

const NEEDS: &[Need] = &[Need::Process, Need::Terraform];

fn main() {
    run_if_asked();
    let mut trials = examples();
    trials.extend([
        trial(
            "an_invalid_configuration_is_told_at_validate",
            NEEDS,
            || block_on(invalid()),
        ),
        trial("a_wrong_access_table_is_found", NEEDS, || {
            block_on(wrong_access())
        }),
        trial("a_secret_in_the_state_is_found", NEEDS, || {
            block_on(leaked())
        }),
        trial(
            "a_rolling_step_that_rolls_nothing_does_not_hold",
            NEEDS,
            || block_on(nothing_rolls()),
        ),
    ]);
    trials.push(trial("a_newcomers_configuration_holds", NEEDS, || {
        block_on(newcomer())
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// One trial for each small example; the stacks have the command line's own run.
fn examples() -> Vec<Trial> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders: Vec<PathBuf> = ["resources", "data-sources", "functions"]
        .iter()
        .filter_map(|kind| std::fs::read_dir(examples.join(kind)).ok())
        .flat_map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()))
        .filter(|folder| folder.is_dir())
        .collect();
    folders.sort();
    let trial = |folder: PathBuf| {
        let parts: Vec<_> = folder
            .iter()
            .rev()
            .take(2)
            .map(|part| part.to_string_lossy())
            .collect();
        let name = format!("example_{}_{}", parts[1], parts[0]);
        trial(&name, NEEDS, move || block_on(holds(folder)))
    };
    folders.into_iter().map(trial).collect()
}

async fn holds(folder: PathBuf) -> Result<(), Failed> {
    let report = prove(Request {
        roots: vec![folder],
        ..Request::default()
    })
    .await?;
    if report.held() {
        Ok(())
    } else {
        Err(all(&report).into())
    }
}

/// Modules, `for_each`, `count`, a backend of their own, two projects in one cluster.
async fn newcomer() -> Result<(), Failed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/newcomer");
    let old_variables = [("image".to_owned(), "nginx:1.26".to_owned())].into();
    let report = prove(Request {
        roots: vec![folder],
        old_variables,
        ..Request::default()
    })
    .await?;
    let not_run: Vec<&str> = report
        .steps
        .iter()
        .filter(|s| s.verdict != Verdict::Held)
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(not_run, ["access"], "{}", all(&report));
    Ok(())
}

/// The report in lines, for messages.
fn all(report: &Report) -> String {
    let lines = report
        .steps
        .iter()
        .map(|step| format!("{} {}: {}", step.verdict.sign(), step.name, step.text));
    lines.collect::<Vec<_>>().join("\n")
}

async fn prove(mut request: Request) -> Result<Report, Failed> {
    let artefacts = tempfile::tempdir()?;
    request.artefacts = Some(artefacts.path().to_owned());
    request.cli = Some("terraform".into());
    let (_keep, interrupt) = Interrupt::manual();
    Ok(launch(&request, &ProcessBackend, &Live::new(), &interrupt)
        .await?
        .report)
}

fn broken(report: &Report) -> impl Iterator<Item = &seedling_e2e::report::StepRecord> {
    report
        .steps
        .iter()
        .filter(|step| step.verdict == Verdict::Broken)
}

/// The one step that broke, and what it said.
fn only_broken(report: &Report) -> Result<(&str, &str), Failed> {
    let all: Vec<_> = broken(report)
        .map(|step| (step.name.as_str(), step.text.as_str()))
        .collect();
    match all.as_slice() {
        [one] => Ok(*one),
        other => Err(format!("not exactly one step broke: {other:?}").into()),
    }
}

/// A folder with a provider block and `rest`.
fn configuration(rest: &str) -> Result<tempfile::TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    let head = r#"
terraform {
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}
provider "seedling" {
  project = "acme"
  cluster = { kubeconfig = { path = "~/.kube/config", context = "acme" } }
}
resource "seedling_environment" "dev" {
  name = "dev"
}
"#;
    std::fs::write(folder.path().join("main.tf"), format!("{head}{rest}"))?;
    Ok(folder)
}

fn request(folder: &tempfile::TempDir, only: &str) -> Request {
    Request {
        roots: vec![folder.path().to_owned()],
        only: vec![only.to_owned()],
        ..Request::default()
    }
}

async fn invalid() -> Result<(), Failed> {
    let folder =
        configuration("resource \"seedling_environment\" \"prod\" {\n  nam = \"prod\"\n}\n")?;
    let report = prove(request(&folder, "validate")).await?;
    let (step, text) = only_broken(&report)?;
    assert!(
        step == "validate" && text.contains("\"nam\""),
        "{step}: {text}"
    );
    let rest = report
        .steps
        .iter()
        .skip(1)
        .all(|step| step.verdict == Verdict::NotRun);
    assert!(rest, "{:?}", report.steps);
    Ok(())
}

async fn wrong_access() -> Result<(), Failed> {
    let group = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01";
    let folder = configuration(&format!(
        "resource \"seedling_group_access\" \"team\" {{\n  group = \"{group}\"\n  environments = {{ (seedling_environment.dev.name) = \"view\" }}\n}}\n"
    ))?;
    let table = format!(
        "group,environment,verb,resource,allowed\n{group},dev,get,pods,yes\n{group},dev,get,secrets,yes\n{group},dev,update,deployments.apps,no\n"
    );
    std::fs::write(folder.path().join("access.csv"), table)?;
    let report = prove(request(&folder, "access")).await?;
    let (step, text) = only_broken(&report)?;
    assert_eq!(step, "access");
    assert!(
        text.contains("1 of 3") && text.contains("get secrets in dev: should be yes"),
        "{text}"
    );
    Ok(())
}

const SERVICE: &str = r#"
variable "token" {
  type      = string
  sensitive = true
}
resource "seedling_service" "api" {
  environment = seedling_environment.dev.name
  name        = "api"
  image       = "registry.acme.example/api:1"
  config      = { TOKEN = var.token }
}
"#;

/// A value that is given to `config` and not to `secrets` is in the state, and the search says so.
async fn leaked() -> Result<(), Failed> {
    let folder = configuration(SERVICE)?;
    let report = prove(request(&folder, "secrets")).await?;
    let (step, text) = only_broken(&report)?;
    assert_eq!(step, "secrets");
    assert!(
        text.contains("\"token\"") && text.contains(".tfstate"),
        "{text}"
    );
    Ok(())
}

async fn nothing_rolls() -> Result<(), Failed> {
    let folder = configuration(&SERVICE.replace("sensitive = true", "default = \"plain\""))?;
    let request = Request {
        old: vec![folder.path().to_owned()],
        ..request(&folder, "rolling")
    };
    let report = prove(request).await?;
    let (step, text) = only_broken(&report)?;
    assert!(
        step == "rolling" && text.contains("no pod was replaced"),
        "{step}: {text}"
    );
    Ok(())
}
