//! `seedling diff` on two live environments, as somebody who may only read them.

use std::process::{Command, Output};

use libtest_mimic::Failed;
use seedling_e2e::backend::{EmbeddedBackend, Options};
use seedling_e2e::build::rust_program;
use seedling_e2e::driver::mirror;
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::PROVIDER;
use seedling_e2e::require::Need;
use seedling_e2e::world::World;

const GROUP: &str = "0f6f1c0e-0000-4000-8000-00000000000c";

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

resource "seedling_environment" "this" {
  for_each = toset(["dev", "prod"])
  name     = each.key
}

resource "seedling_group_access" "readers" {
  group        = "0f6f1c0e-0000-4000-8000-00000000000c"
  environments = { for name, it in seedling_environment.this : it.name => "plan" }
}

resource "seedling_service" "api" {
  for_each    = seedling_environment.this
  environment = each.value.name
  name        = "api"
  image       = each.key == "dev" ? "registry.example/api:2" : "registry.example/api:1"
  replicas    = each.key == "dev" ? null : 2
  config      = merge({ LEVEL = "canary-${each.key}" }, each.key == "dev" ? { FEATURE = "canary" } : {})
  secrets     = merge({ DATABASE_URL = "canary-4711" }, each.key == "dev" ? { STRIPE_KEY = "canary-4712" } : {})
  files       = { "/etc/app.yaml" = "same" }
  resources   = { cpu = "50m", memory = "32Mi" }
}

resource "seedling_service" "worker" {
  environment = seedling_environment.this["dev"].name
  name        = "worker"
  image       = "registry.example/worker:1"
  resources   = { cpu = "50m", memory = "32Mi" }
}
"#;

const EXPECTED: &str = "\
dev and prod differ in 6 points
- service api
  - image: registry.example/api:2 in dev, registry.example/api:1 in prod
  - secret STRIPE_KEY: only in dev
  - config.FEATURE: only in dev
  - config.LEVEL: has another value in each
  - replicas: only in prod, 2
- service worker
  - only in dev
";

pub async fn told() -> Result<(), Failed> {
    let cli = super::command_line(Need::Terraform).await?;
    let provider = rust_program(PROVIDER.0, PROVIDER.1, &Lines).await?;
    let world = World::start(&EmbeddedBackend, &Options::default(), &Lines).await?;
    let cluster = world.cluster();
    mirror::write(cluster.folder(), &provider)?;
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<String, Failed> {
        let file = folder.path().join(name);
        std::fs::write(&file, text)?;
        Ok(file.display().to_string())
    };
    file("main.tf", CONFIGURATION)?;
    let sandbox = file(
        "sandbox.json",
        &serde_json::to_string(&cluster.admin().sandbox())?,
    )?;
    for arguments in [&["init"][..], &["apply", "-auto-approve", "-no-color"]] {
        let output = Command::new(&cli)
            .args(arguments)
            .current_dir(folder.path())
            .env(
                "TF_CLI_CONFIG_FILE",
                cluster.folder().join(mirror::CLI_CONFIGURATION),
            )
            .env("SEEDLING_SANDBOX", &sandbox)
            .env("CHECKPOINT_DISABLE", "1")
            .output()?;
        assert!(output.status.success(), "{}", said(&output));
    }

    let reader = cluster.as_user("reader", GROUP)?.kubeconfig();
    let reader = file("reader.kubeconfig", &reader)?;
    let nobody = cluster.as_user("nobody", "no-such-group")?.kubeconfig();
    let nobody = file("nobody.kubeconfig", &nobody)?;
    let diff = |kubeconfig: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seedling"));
        command
            .args(["diff", "--kubeconfig", kubeconfig])
            .args(more);
        command.output()
    };
    let known = ["dev", "prod", "--context", "seedling"];
    let output = diff(&reader, &known)?;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), EXPECTED);

    for (kubeconfig, arguments, code, text) in [
        (
            &reader,
            &["prod", "nowhere", "--context", "seedling"][..],
            2,
            "nowhere",
        ),
        (
            &reader,
            &["prod", "dev", "--context", "other"],
            2,
            "it has: seedling",
        ),
        (
            &reader,
            &["dev", "dev", "--context", "seedling"],
            2,
            "named twice",
        ),
        (&nobody, &known, 2, "`view` or `plan`"),
    ] {
        let output = diff(kubeconfig, arguments)?;
        let said = said(&output);
        let right = output.status.code() == Some(code) && said.contains(text);
        assert!(right && !said.contains("canary"), "{arguments:?}: {said}");
    }
    for format in ["json", "github"] {
        let output = diff(&reader, &[&known[..], &["--format", format]].concat())?;
        let said = said(&output);
        assert!(
            said.contains("STRIPE") && !said.contains("canary"),
            "{said}"
        );
    }
    world.stop().await?;
    Ok(())
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .concat()
}
