//! `--prove` on two folders that differ in the images of two services.

use std::process::Command;

use libtest_mimic::Failed;
use seedling_e2e::build::rust_program;
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::PROVIDER;

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

resource "seedling_environment" "dev" {
  name = "dev"
}

resource "seedling_service" "api" {
  environment = seedling_environment.dev.name
  name        = "api"
  image       = "registry.example/api:1"
  replicas    = 2
  resources   = { cpu = "50m", memory = "32Mi" }
}

# Rolls after the api.
resource "seedling_service" "web" {
  environment = seedling_environment.dev.name
  name        = "web"
  image       = "registry.example/web:1"
  resources   = { cpu = "50m", memory = "32Mi" }
  depends_on  = [seedling_service.api]
}
"#;

pub async fn proved() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, version: &str| -> Result<String, Failed> {
        let root = folder.path().join(name);
        std::fs::create_dir(&root)?;
        std::fs::write(root.join("main.tf"), CONFIGURATION.replace(":1\"", version))?;
        Ok(root.display().to_string())
    };
    let (base, head) = (write("base", ":1\"")?, write("head", ":2\"")?);
    // Copies: a build meanwhile must not take the programs away.
    let provider = rust_program(PROVIDER.0, PROVIDER.1, &Lines).await?;
    let copies = [
        (env!("CARGO_BIN_EXE_seedling").into(), "seedling"),
        (provider, PROVIDER.0),
    ]
    .map(|(from, name): (std::path::PathBuf, &str)| {
        let copy = folder.path().join(name);
        std::fs::copy(from, &copy).map(|_| copy)
    });
    let [program, provider] = copies;
    let output = Command::new(program?)
        .args(["review", &super::plan("terraform/image.json")])
        .args([
            "--prove",
            &base,
            &head,
            "--on",
            "process",
            "--cli",
            "terraform",
        ])
        .env(PROVIDER.1, provider?)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let order = said
        .lines()
        .find(|line| line.contains("in this order: dev/api from"));
    let complete = output.status.code() == Some(0)
        && said.contains("Tried on a cluster made for it")
        && said.contains("dev/api: 2 of 2 available at the lowest")
        && order.is_some_and(|line| line.contains(", dev/web from"))
        && said.contains("the API server refused");
    if complete {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{:?}:\n{said}\n{errors}", output.status.code()).into())
}
