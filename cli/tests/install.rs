//! `seedling install`, then the command lines on a configuration and kubeconfig of one's own.

use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed};
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::driver::Cli;
use seedling_e2e::progress::Lines;
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};
use seedling_e2e::world::{World, run_if_asked};

fn main() {
    run_if_asked();
    let trials = vec![
        trial(
            "terraform_finds_what_was_installed",
            &[Need::Process, Need::Terraform],
            || block_on(works(Need::Terraform)),
        ),
        trial(
            "tofu_finds_what_was_installed",
            &[Need::Process, Need::Tofu],
            || block_on(works(Need::Tofu)),
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Init, apply, an empty plan and destroy, as a user would: without a sandbox, through a kubeconfig.
async fn works(need: Need) -> Result<(), Failed> {
    let cli = Cli::find_or_build(Some(Path::new(need.name())), &Lines).await?;
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let (home, folder) = (tempfile::tempdir()?, tempfile::tempdir()?);
    // Cargo and rustup keep their things below the home folder too.
    let provider = seedling_e2e::build::rust_program(
        "terraform-provider-seedling",
        "SEEDLING_PROVIDER",
        &Lines,
    )
    .await?;
    let mut install = Command::new(env!("CARGO_BIN_EXE_seedling"));
    expect(
        &install
            .arg("install")
            .env("HOME", home.path())
            .env("SEEDLING_PROVIDER", provider)
            .output()?,
        0,
    )?;

    let kubeconfig = world.cluster().kubeconfig().display();
    std::fs::write(
        folder.path().join("main.tf"),
        CONFIGURATION.replace("KUBECONFIG", &kubeconfig.to_string()),
    )?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&cli.path);
        command
            .args(arguments)
            .current_dir(folder.path())
            .env_clear();
        command
            .env("HOME", home.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.output()
    };
    expect(&run(&["init", "-no-color"])?, 0)?;
    expect(&run(&["apply", "-no-color", "-auto-approve"])?, 0)?;
    expect(&run(&["plan", "-no-color", "-detailed-exitcode"])?, 0)?;
    expect(&run(&["destroy", "-no-color", "-auto-approve"])?, 0)?;
    world.stop().await?;
    Ok(())
}

fn expect(output: &Output, code: i32) -> Result<(), Failed> {
    if output.status.code() == Some(code) {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!(
        "{}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
    .into())
}

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}
provider "seedling" {
  project = "mine"
  cluster = { kubeconfig = { path = "KUBECONFIG", context = "seedling" } }
}
resource "seedling_environment" "mine" {
  name                = "mine"
  deletion_protection = false
}
resource "seedling_service" "web" {
  environment = seedling_environment.mine.name
  name        = "web"
  image       = "nginx:1.27"
  port        = 80
}
"#;
