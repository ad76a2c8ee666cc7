//! A pull request and its merge: planned by an identity that may only read, reviewed, and applied by another one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Failed;
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::build::rust_program;
use seedling_e2e::driver::{Cli, mirror};
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::PROVIDER;
use seedling_e2e::world::World;
use tempfile::TempDir;

const GROUP: &str = "0f6f1c0e-0000-4000-8000-00000000000b";

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

provider "seedling" {
  project = "acme"
  cluster = { kubeconfig = { path = "~/.kube/config", context = "none" } }
}

variable "database_url" {
  type      = string
  ephemeral = true
}

resource "seedling_environment" "dev" {
  name = "dev"
}

resource "seedling_group_access" "pull_requests" {
  group        = "0f6f1c0e-0000-4000-8000-00000000000b"
  environments = { (seedling_environment.dev.name) = "plan" }
}

resource "seedling_service" "api" {
  environment = seedling_environment.dev.name
  name        = "api"
  image       = "registry.example/api:1"
  replicas    = 2
  secrets     = { DATABASE_URL = var.database_url }
  resources   = { cpu = "50m", memory = "32Mi" }
}
"#;

/// Where the roots are, and what the steps need.
struct Desk {
    folder: TempDir,
    cli: PathBuf,
    cli_configuration: PathBuf,
}

impl Desk {
    fn write(&self, from: &str, to: &str) -> Result<(), Failed> {
        let file = self.folder.path().join("dev/main.tf");
        std::fs::write(file, CONFIGURATION.replace(from, to))?;
        Ok(())
    }

    /// Runs a step of the pipelines as somebody who has this sandbox file.
    fn step(
        &self,
        sandbox: &Path,
        name: &str,
        arguments: &[&str],
        secret: &str,
    ) -> Result<Output, Failed> {
        let steps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/pipelines/steps");
        let own = Path::new(env!("CARGO_BIN_EXE_seedling")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new(steps.join(name))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", own.display()))
            .env("SEEDLING_CLI", &self.cli)
            .env("SEEDLING_SANDBOX", sandbox)
            .env("TF_CLI_CONFIG_FILE", &self.cli_configuration)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_VAR_database_url", secret)
            .output()?;
        Ok(output)
    }
}

#[allow(clippy::too_many_lines)] // one story, told in order
pub async fn reviewed_and_applied() -> Result<(), Failed> {
    let cli = Cli::find(Some(Path::new("terraform")))?
        .ok_or("no terraform")?
        .path;
    let provider = rust_program(PROVIDER.0, PROVIDER.1, &Lines).await?;
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let cluster = world.cluster();
    mirror::write(cluster.folder(), &provider)?;
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("dev"))?;
    let sandboxes = tempfile::tempdir()?;
    let sandbox = |name: &str, access: &seedling_e2e::backend::Access| -> Result<PathBuf, Failed> {
        let file = sandboxes.path().join(name);
        std::fs::write(&file, serde_json::to_string(&access.sandbox())?)?;
        Ok(file)
    };
    let applier = sandbox("admin.json", cluster.admin())?;
    let planner = sandbox("member.json", &cluster.as_user("pull-request", GROUP)?)?;
    let cli_configuration = cluster.folder().join(mirror::CLI_CONFIGURATION);
    let desk = Desk {
        folder,
        cli,
        cli_configuration,
    };

    // The lock file is part of a root; this one has none yet.
    desk.write("", "")?;
    let init = Command::new(&desk.cli)
        .args(["-chdir=dev", "init"])
        .current_dir(desk.folder.path())
        .env("TF_CLI_CONFIG_FILE", &desk.cli_configuration)
        .env("CHECKPOINT_DISABLE", "1")
        .output()?;
    ends(&init, 0, "")?;

    // The first review is made by the one who applies: nobody has the role yet.
    ends(
        &desk.step(&applier, "plan.sh", &["dev"], "canary-first")?,
        0,
        "planning dev",
    )?;
    ends(
        &desk.step(&applier, "review.sh", &["github", "dev"], "")?,
        2,
        "",
    )?;
    ends(
        &desk.step(
            &applier,
            "apply.sh",
            &["dev", "reviewed.json"],
            "canary-first",
        )?,
        0,
        "Nothing happens that was not reviewed",
    )?;

    // A pull request: another image, planned without the secrets by an identity that cannot read them.
    desk.write("api:1", "api:2")?;
    ends(
        &desk.step(&planner, "plan.sh", &["dev"], "placeholder")?,
        0,
        "planning dev",
    )?;
    ends(
        &desk.step(&planner, "review.sh", &["github", "dev"], "")?,
        0,
        "",
    )?;
    let comment = std::fs::read_to_string(desk.folder.path().join("comment.md"))?;
    assert!(
        comment.contains("2 pods restart, none missing meanwhile")
            && comment.contains("api:1 → registry.example/api:2"),
        "{comment}"
    );

    // Something slips in after the review.
    desk.write("replicas    = 2", "replicas    = 3")?;
    ends(
        &desk.step(
            &applier,
            "apply.sh",
            &["dev", "reviewed.json"],
            "canary-second",
        )?,
        2,
        "3 pods instead of 2 pods",
    )?;

    // What was reviewed, with another secret on top.
    desk.write("api:1", "api:2")?;
    ends(
        &desk.step(
            &applier,
            "apply.sh",
            &["dev", "reviewed.json"],
            "canary-second",
        )?,
        0,
        "Nothing happens that was not reviewed",
    )?;

    // A secret alone needs no review, and is named.
    let output = desk.step(
        &applier,
        "apply.sh",
        &["dev", "reviewed.json"],
        "canary-third",
    )?;
    ends(&output, 0, "the value of DATABASE_URL changes")?;
    silent(desk.folder.path())?;
    world.stop().await?;
    Ok(())
}

/// `--prove` on two folders that differ in the image.
pub async fn proved() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, image: &str| -> Result<String, Failed> {
        let root = folder.path().join(name);
        std::fs::create_dir(&root)?;
        std::fs::write(root.join("main.tf"), CONFIGURATION.replace("api:1", image))?;
        Ok(root.display().to_string())
    };
    let (base, head) = (write("base", "api:1")?, write("head", "api:2")?);
    // A copy, and a provider that is there already: a build meanwhile must not take the program away.
    let program = folder.path().join("seedling");
    std::fs::copy(env!("CARGO_BIN_EXE_seedling"), &program)?;
    let provider = rust_program(PROVIDER.0, PROVIDER.1, &Lines).await?;
    let output = Command::new(&program)
        .args([
            "review",
            &super::plan("terraform/image.json"),
            "--prove",
            &base,
            &head,
            "--cli",
            "terraform",
        ])
        .env(PROVIDER.1, provider)
        .output()?;
    ends(&output, 0, "dev/api: 2 of 2 available at the lowest")?;
    ends(&output, 0, "Tried on a cluster made for it")
}

fn ends(output: &Output, code: i32, text: &str) -> Result<(), Failed> {
    let said = [&output.stdout, &output.stderr]
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .concat();
    if output.status.code() == Some(code) && said.contains(text) && !said.contains("canary-") {
        return Ok(());
    }
    Err(format!(
        "{:?} instead of {code} and {text:?}:\n{said}",
        output.status.code()
    )
    .into())
}

/// What the pipeline keeps holds no secret.
fn silent(folder: &Path) -> Result<(), Failed> {
    for name in ["comment.md", "reviewed.json"] {
        let text = std::fs::read_to_string(folder.join(name))?;
        assert!(
            !text.contains("canary-") && !text.contains("placeholder"),
            "{name}: {text}"
        );
    }
    Ok(())
}
