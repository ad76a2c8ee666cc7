//! The driver with the real command lines, on configurations that need no cluster.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed};
use seedling_e2e::driver::providers::Needed;
use seedling_e2e::driver::root::PlanMode;
use seedling_e2e::driver::session::Settings;
use seedling_e2e::driver::values::Values;
use seedling_e2e::driver::{Cli, Configuration, DriverError, Interrupt, Root, Session};
use seedling_e2e::progress::Lines;
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};
use tempfile::TempDir;

fn main() {
    let mut trials = Vec::new();
    for (name, needs, need) in [
        ("terraform", &[Need::Terraform] as &[Need], Need::Terraform),
        ("tofu", &[Need::Tofu], Need::Tofu),
    ] {
        trials.push(trial(
            &format!("{name}_applies_and_destroys_in_a_copy"),
            needs,
            move || block_on(whole_life(need)),
        ));
        trials.push(trial(
            &format!("{name}_tells_why_it_failed"),
            needs,
            move || block_on(failure(need)),
        ));
        trials.push(trial(
            &format!("{name}_is_interrupted_properly"),
            needs,
            move || block_on(interrupted(need)),
        ));
        trials.push(trial(
            &format!("{name}_gets_values_by_environment_only"),
            needs,
            move || block_on(values(need)),
        ));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A session with one root, and the user's tree that it was copied from.
struct Bench {
    root: Root,
    session: Arc<Session>,
    tree: TempDir,
    /// Removed at the end.
    _run: TempDir,
}

impl Bench {
    /// `files` are laid out below a folder; the root module is `live/`.
    async fn new(need: Need, files: &[(&str, &str)], interrupt: Interrupt) -> Result<Self, Failed> {
        let (tree, run) = (tempfile::tempdir()?, tempfile::tempdir()?);
        for (name, text) in files {
            let path = tree.path().join(name);
            std::fs::create_dir_all(path.parent().ok_or("no parent")?)?;
            std::fs::write(path, text)?;
        }
        let logs = run.path().join("logs");
        std::fs::create_dir(&logs)?;
        let session = Arc::new(Session::new(Settings {
            cli: cli(need).await?,
            // No configuration here uses it.
            provider: std::env::current_exe()?,
            folder: run.path().join("run"),
            logs,
            sandbox: None,
            needed: Needed::default(),
            mirrors: Vec::new(),
            interrupt,
        })?);
        let configuration = Configuration::read(&tree.path().join("live"), session.cli().flavour)?;
        let values = Values::choose(&configuration, &BTreeMap::new())?;
        let root = Root::new(&session, configuration, "live", "live", values)?;
        Ok(Self {
            root,
            session,
            tree,
            _run: run,
        })
    }

    fn log(&self, word: &str) -> String {
        let is_its = |name: &str| name.contains(word);
        let entries = std::fs::read_dir(self.session.logs())
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        let file = entries
            .map(|entry| entry.path())
            .find(|p| is_its(&p.to_string_lossy()));
        file.and_then(|file| std::fs::read_to_string(file).ok())
            .unwrap_or_default()
    }
}

async fn cli(need: Need) -> Result<Cli, Failed> {
    Ok(Cli::find_or_build(Some(Path::new(need.name())), &Lines).await?)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(2)
}

const BACKEND: &str = r#"
terraform {
  cloud {
    organization = "acme"
    workspaces { name = "prod" }
  }
}
module "greeting" {
  source = "../modules/greeting"
}
"#;

const MODULE: &str = r#"
resource "terraform_data" "text" {
  input = file("${path.module}/../../shared/text")
}
"#;

/// The user's backend, state and lock file take no part, and stay as they were.
async fn whole_life(need: Need) -> Result<(), Failed> {
    let (_keep, interrupt) = Interrupt::manual();
    let files = [
        ("live/main.tf", BACKEND),
        ("live/terraform.tfstate", "not a state"),
        ("live/.terraform.lock.hcl", "not a lock file"),
        ("modules/greeting/main.tf", MODULE),
        ("shared/text", "hello"),
    ];
    let bench = Bench::new(need, &files, interrupt).await?;
    let root = &bench.root;
    root.init(soon()).await?;
    root.validate(soon()).await?;
    let plan = root.plan("first", PlanMode::Normal, soon()).await?;
    assert!(!plan.is_empty);
    root.apply(&plan, soon()).await?;
    let state = root.state(soon()).await?;
    let resources = state.resources();
    assert_eq!(resources.len(), 1);
    assert_eq!(
        (resources[0].address.as_str(), resources[0].text("input")),
        ("module.greeting.terraform_data.text", "hello")
    );
    assert!(root.plan("empty", PlanMode::Normal, soon()).await?.is_empty);
    let destroy = root.plan("destroy", PlanMode::Destroy, soon()).await?;
    root.apply(&destroy, soon()).await?;
    assert!(root.state(soon()).await?.resources().is_empty());
    for (name, text) in files {
        assert_eq!(
            std::fs::read_to_string(bench.tree.path().join(name))?,
            text,
            "{name}"
        );
    }
    assert_eq!(
        std::fs::read_dir(bench.tree.path().join("live"))?.count(),
        3
    );
    Ok(())
}

async fn failure(need: Need) -> Result<(), Failed> {
    let (_keep, interrupt) = Interrupt::manual();
    let files = [(
        "live/main.tf",
        "resource \"terraform_data\" \"x\" {\n  inputs = 1\n}\n",
    )];
    let bench = Bench::new(need, &files, interrupt).await?;
    bench.root.init(soon()).await?;
    let error = bench
        .root
        .validate(soon())
        .await
        .err()
        .ok_or("an unknown argument was accepted")?;
    let text = error.to_string();
    assert!(
        matches!(error, DriverError::Failed { code: Some(1), .. }),
        "{text}"
    );
    assert!(
        text.contains("inputs") && text.contains("validate"),
        "{text}"
    );
    assert!(bench.log("validate").contains("inputs"));
    Ok(())
}

const SLOW: &str = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo begun; exec sleep 120"
  }
}
"#;

/// One Ctrl-C: the command line hears it once, ends what it does, and keeps its state.
async fn interrupted(need: Need) -> Result<(), Failed> {
    let (presses, interrupt) = Interrupt::manual();
    let bench = Bench::new(need, &[("live/main.tf", SLOW)], interrupt).await?;
    bench.root.init(soon()).await?;
    let plan = bench.root.plan("first", PlanMode::Normal, soon()).await?;
    let start = Instant::now();
    let press = async {
        while !bench.log("apply").contains("begun") && start.elapsed() < Duration::from_mins(1) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        presses.send_replace(1);
    };
    let (result, ()) = tokio::join!(bench.root.apply(&plan, soon()), press);
    assert!(
        matches!(result, Err(DriverError::Interrupted)),
        "{result:?}"
    );
    assert!(
        start.elapsed() < Duration::from_mins(1),
        "took {:?}",
        start.elapsed()
    );
    let log = bench.log("apply");
    assert_eq!(log.matches("Interrupt received").count(), 1, "{log}");
    let state = std::fs::read_to_string(bench.root.state_file())?;
    assert!(
        state.contains("terraform_data"),
        "the state was lost: {state}"
    );
    Ok(())
}

/// The value of a secret is in no argument, log or plan.
async fn values(need: Need) -> Result<(), Failed> {
    let text = "variable \"token\" {\n  type = string\n  ephemeral = true\n}\n\
                resource \"terraform_data\" \"x\" {\n  input = \"x\"\n}\n\
                check \"arrived\" {\n  assert {\n    condition = startswith(var.token, \"canary-\")\n    error_message = \"no token\"\n  }\n}\n";
    let (_keep, interrupt) = Interrupt::manual();
    let bench = Bench::new(need, &[("live/main.tf", text)], interrupt).await?;
    bench.root.init(soon()).await?;
    let plan = bench.root.plan("first", PlanMode::Normal, soon()).await?;
    assert!(
        !plan.text.contains("no token"),
        "the value did not arrive: {}",
        plan.text
    );
    bench.root.apply(&plan, soon()).await?;
    let canary = &bench.root.canaries()[0].text;
    let mut files = 0;
    for folder in [
        bench.session.trace_folder(),
        bench.session.state_folder(),
        bench.session.logs().to_owned(),
    ] {
        for entry in std::fs::read_dir(folder)?
            .filter_map(Result::ok)
            .filter(|e| e.path().is_file())
        {
            files += 1;
            let bytes = std::fs::read(entry.path())?;
            assert!(
                !String::from_utf8_lossy(&bytes).contains(canary.as_str()),
                "{}",
                entry.path().display()
            );
        }
    }
    assert!(files > 6, "only {files} files were written");
    Ok(())
}
