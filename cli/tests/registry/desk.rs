//! A user's configuration with one image, planned by the real CLI with the real provider.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use libtest_mimic::Failed;
use seedling_e2e::build::rust_program;
use seedling_e2e::driver::{Cli, mirror};
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::PROVIDER;
use serde_json::{Value, json};
use tempfile::TempDir;

/// No cluster answers there, and none is asked.
const NO_CLUSTER: &str = "https://127.0.0.1:1";

pub struct Desk {
    folder: TempDir,
    cli: PathBuf,
}

impl Desk {
    pub async fn new(image: &str) -> Result<Self, Failed> {
        let cli = Cli::find(Some(Path::new("terraform")))?.ok_or("no terraform")?;
        let provider = rust_program(PROVIDER.0, PROVIDER.1, &Lines).await?;
        let folder = tempfile::tempdir()?;
        mirror::write(folder.path(), &provider)?;
        std::fs::create_dir(folder.path().join("root"))?;
        std::fs::create_dir(folder.path().join("docker"))?;
        let desk = Self {
            folder,
            cli: cli.path,
        };
        desk.image(image)?;
        desk.expect(&["init"], 0, "")?;
        Ok(desk)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Writes the configuration with this image.
    pub fn image(&self, image: &str) -> Result<(), Failed> {
        let text = format!(
            r#"terraform {{
  required_providers {{
    seedling = {{ source = "seedling-dev/seedling" }}
  }}
}}

provider "seedling" {{
  project = "acme"
  cluster = {{ host = "{NO_CLUSTER}", token = "none" }}
}}

data "seedling_image" "it" {{
  image = "{image}"
}}

output "reference" {{
  value = data.seedling_image.it.reference
}}
"#
        );
        Ok(std::fs::write(self.root().join("main.tf"), text)?)
    }

    /// As `docker login` leaves it.
    pub fn log_in(&self, registry: &str, user: &str, password: &str) -> Result<(), Failed> {
        let auth = BASE64_STANDARD.encode(format!("{user}:{password}"));
        let config = json!({ "auths": { registry: { "auth": auth } } });
        let file = self.folder.path().join("docker/config.json");
        Ok(std::fs::write(file, config.to_string())?)
    }

    /// From now on a sandbox, with this registry.
    pub fn sandbox(&self, registry: Option<&str>) -> Result<(), Failed> {
        let content =
            json!({ "kubernetes": { "server": NO_CLUSTER, "ca": "" }, "registry": registry });
        Ok(std::fs::write(
            self.folder.path().join("sandbox.json"),
            content.to_string(),
        )?)
    }

    /// Runs the CLI and expects an exit code and a text; lines that the CLI has broken count as whole.
    pub fn expect(&self, arguments: &[&str], code: i32, text: &str) -> Result<(), Failed> {
        let mut command = Command::new(&self.cli);
        command
            .args(arguments)
            .args(["-no-color"])
            .current_dir(self.root())
            .env(
                "TF_CLI_CONFIG_FILE",
                self.folder.path().join(mirror::CLI_CONFIGURATION),
            )
            .env("DOCKER_CONFIG", self.folder.path().join("docker"))
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("SEEDLING_SANDBOX");
        let sandbox = self.folder.path().join("sandbox.json");
        if sandbox.exists() {
            command.env("SEEDLING_SANDBOX", sandbox);
        }
        let output = command.output()?;
        let said = [&output.stdout, &output.stderr]
            .map(|it| String::from_utf8_lossy(it).into_owned())
            .concat();
        std::fs::write(self.root().join(format!("{}.log", arguments[0])), &said)?;
        let words: Vec<&str> = said.split_whitespace().filter(|it| *it != "│").collect();
        if output.status.code() == Some(code) && words.join(" ").contains(text) {
            return Ok(());
        }
        Err(format!(
            "{arguments:?}: {:?} instead of {code} and {text:?}:\n{said}",
            output.status.code()
        )
        .into())
    }

    /// Nothing in the root's folder holds this text.
    pub fn silent(&self, secret: &str) -> Result<(), Failed> {
        let state: Value =
            serde_json::from_slice(&std::fs::read(self.root().join("terraform.tfstate"))?)?;
        assert!(state["outputs"]["reference"]["value"].is_string());
        for entry in std::fs::read_dir(self.root())? {
            let file = entry?.path();
            if file.is_file() {
                let text = std::fs::read_to_string(&file)?;
                assert!(!text.contains(secret), "{}", file.display());
            }
        }
        Ok(())
    }
}
