//! A folder as an engineer has it: configuration, state, and the commands typed in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use seedling_e2e::backend::Sandbox;
use seedling_e2e::driver::process::Finished;
use seedling_e2e::driver::providers::Needed;
use seedling_e2e::driver::session::Settings;
use seedling_e2e::driver::{Cli, Interrupt, Session};
use seedling_e2e::proof::SandboxFile;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::stage::Stage;

/// Far more than any command needs: a command that waits for what cannot come must fail the test in the end.
const DEADLINE: Duration = Duration::from_mins(4);

/// One root module.
pub struct Folder {
    /// The project, and `local.project` in the configuration: scenarios name their environments after it.
    pub project: String,
    session: Session,
    sandbox: Mutex<SandboxFile>,
    presses: watch::Sender<usize>,
    variables: Mutex<BTreeMap<String, String>>,
    place: TempDir,
}

/// How a command ended, as a person would read it.
pub struct Said {
    /// Exit code.
    pub code: Option<i32>,
    /// Both streams, without frames and line breaks.
    pub text: String,
    /// How long it took.
    pub took: Duration,
}

impl Folder {
    /// An empty folder whose provider block has nothing but the project.
    pub fn new(
        stage: &Stage,
        name: &str,
        project: &str,
        cli: &Cli,
        sandbox: Sandbox,
    ) -> Result<Folder, Failed> {
        let place = tempfile::Builder::new()
            .prefix(&format!("seedling-{name}-"))
            .tempdir()?;
        let logs = place.path().join("logs");
        std::fs::create_dir_all(&logs)?;
        std::fs::create_dir_all(place.path().join("root"))?;
        let sandbox = SandboxFile {
            path: place.path().join("sandbox.json"),
            content: sandbox,
        };
        sandbox.write()?;
        let (presses, interrupt) = Interrupt::manual();
        let session = Session::new(Settings {
            cli: cli.clone(),
            provider: stage.provider()?,
            folder: place.path().to_owned(),
            logs,
            sandbox: Some(sandbox.path.clone()),
            needed: Needed::default(),
            mirrors: Vec::new(),
            interrupt,
        })?;
        let folder = Folder {
            project: project.to_owned(),
            session,
            sandbox: Mutex::new(sandbox),
            presses,
            variables: Mutex::default(),
            place,
        };
        folder.head("")?;
        Ok(folder)
    }

    /// Writes the provider block anew, with `more` in its `cluster`.
    pub fn head(&self, more: &str) -> Result<(), Failed> {
        let project = &self.project;
        let text = format!(
            r#"
            terraform {{
              required_providers {{
                seedling = {{ source = "seedling-dev/seedling" }}
              }}
            }}
            provider "seedling" {{
              project = "{project}"
              cluster = {{
                kubeconfig = {{ path = "~/.kube/config", context = "nowhere" }}
                {more}
              }}
              ingress = {{ controller = "gateway", class = "approuting-istio" }}
            }}
            locals {{ project = "{project}" }}
            "#
        );
        Ok(std::fs::write(self.path().join("head.tf"), text)?)
    }

    /// Replaces the configuration, the provider block aside.
    pub fn write(&self, text: &str) -> Result<(), Failed> {
        Ok(std::fs::write(self.path().join("main.tf"), text)?)
    }

    /// Copies a folder of configuration over this one, with its own provider block.
    pub fn copy(&self, from: &Path) -> Result<(), Failed> {
        std::fs::remove_file(self.path().join("head.tf"))?;
        copy(from, &self.path())
    }

    /// The value of a variable in the commands to come.
    pub fn set(&self, variable: &str, value: &str) {
        self.variables
            .lock()
            .unwrap()
            .insert(variable.to_owned(), value.to_owned());
    }

    /// Changes what the provider is told about the cluster.
    pub fn connect(&self, change: impl FnOnce(&mut Sandbox)) -> Result<(), Failed> {
        let mut sandbox = self.sandbox.lock().unwrap();
        change(&mut sandbox.content);
        Ok(sandbox.write()?)
    }

    /// The value of `SEEDLING_SANDBOX` by which this folder's providers can be told from others.
    pub fn mark(&self) -> PathBuf {
        self.sandbox.lock().unwrap().path.clone()
    }

    /// Where the configuration and the state are.
    pub fn path(&self) -> PathBuf {
        self.place.path().join("root")
    }

    /// The state file.
    pub fn state_file(&self) -> PathBuf {
        self.path().join("terraform.tfstate")
    }

    /// The state as it stands in the file; null before the first apply.
    pub fn state(&self) -> Result<Value, Failed> {
        match std::fs::read(self.state_file()) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(_) => Ok(Value::Null),
        }
    }

    /// An attribute of the first instance of a resource in the state.
    pub fn attribute(&self, resource_type: &str, name: &str) -> Result<Value, Failed> {
        let state = self.state()?;
        let resources = state["resources"].as_array().into_iter().flatten();
        let found = resources.into_iter().find(|it| it["type"] == resource_type);
        Ok(found.map_or(Value::Null, |it| {
            it["instances"][0]["attributes"][name].clone()
        }))
    }

    /// Loses the state.
    pub fn forget_state(&self) {
        for name in ["terraform.tfstate", "terraform.tfstate.backup"] {
            let _ = std::fs::remove_file(self.path().join(name));
        }
    }

    /// Everything that any command wrote, of whatever kind.
    pub fn all_bytes(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, Failed> {
        let mut found = Vec::new();
        let mut waiting = vec![self.place.path().to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_symlink() {
                    continue;
                }
                if path.is_dir() {
                    waiting.push(path);
                } else {
                    found.push((path.clone(), std::fs::read(&path)?));
                }
            }
        }
        Ok(found)
    }

    /// Runs a command without judging it.
    pub async fn run(&self, arguments: &[&str]) -> Result<Said, Failed> {
        self.presses.send_replace(0);
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let variables = self.variables.lock().unwrap().clone();
        let until = Instant::now() + DEADLINE;
        let path = self.path();
        let finished = self
            .session
            .run(&self.project, &path, &arguments, variables.iter(), until)
            .await?;
        Ok(said(&finished))
    }

    /// `init`, which needs to be done once.
    pub async fn init(&self) -> Result<(), Failed> {
        self.run(&["init", "-no-color", "-input=false"])
            .await?
            .succeeded()?;
        Ok(())
    }

    /// `apply`, without judging it.
    pub async fn apply(&self) -> Result<Said, Failed> {
        self.run(&["apply", "-no-color", "-input=false", "-auto-approve"])
            .await
    }

    /// `plan`, without judging it: exit code 0 for an empty plan, 2 for a plan with changes.
    pub async fn plan(&self) -> Result<Said, Failed> {
        self.run(&["plan", "-no-color", "-input=false", "-detailed-exitcode"])
            .await
    }

    /// An apply that succeeds, and after which there is nothing left to do.
    pub async fn settles(&self) -> Result<Said, Failed> {
        let applied = self.apply().await?.succeeded()?;
        let plan = self.plan().await?;
        match plan.code {
            Some(0) => Ok(applied),
            _ => Err(format!("the plan after the apply is not empty: {}", plan.text).into()),
        }
    }

    /// What the running command has printed so far.
    pub fn printed(&self) -> String {
        let logs = std::fs::read_dir(self.place.path().join("logs"));
        let files = logs
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let newest = files.filter(|path| path.is_file()).max();
        newest
            .and_then(|path| std::fs::read_to_string(path).ok())
            .unwrap_or_default()
    }

    /// Presses Ctrl-C on the running command.
    pub fn press(&self) {
        self.presses.send_replace(1);
    }
}

impl Said {
    /// This, or its text as the failure unless the command succeeded.
    pub fn succeeded(self) -> Result<Said, Failed> {
        match self.code {
            Some(0) => Ok(self),
            code => Err(format!("exit code {code:?}: {}", self.errors()).into()),
        }
    }

    /// The text from its first error on.
    fn errors(&self) -> &str {
        &self.text[self.text.find("Error: ").unwrap_or_default()..]
    }

    /// This, or a failure unless the command failed and said all of these.
    pub fn failed_with(self, words: &[&str]) -> Result<Said, Failed> {
        match self.code {
            Some(1) => self.says(words),
            code => Err(format!("exit code {code:?} instead of an error: {}", self.text).into()),
        }
    }

    /// This, or a failure unless all of these were said.
    pub fn says(self, words: &[&str]) -> Result<Said, Failed> {
        match words.iter().find(|word| !self.text.contains(**word)) {
            None => Ok(self),
            Some(missing) => Err(format!("{missing:?} is not in: {}", self.text).into()),
        }
    }

    /// This, or a failure if any of these was said.
    pub fn says_nothing_of(self, words: &[&str]) -> Result<Said, Failed> {
        match words.iter().find(|word| self.text.contains(**word)) {
            None => Ok(self),
            Some(found) => Err(format!("{found:?} is in: {}", self.text).into()),
        }
    }
}

/// Terraform frames and wraps what it says.
fn said(finished: &Finished) -> Said {
    let lines = finished.stdout.lines().chain(finished.stderr.lines());
    let bare = lines.map(|line| line.trim_start_matches(['│', '╷', '╵']));
    let words: Vec<&str> = bare.flat_map(str::split_whitespace).collect();
    Said {
        code: finished.code,
        text: words.join(" "),
        took: finished.took,
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// Shared with a task that runs a command in it.
pub type Shared = Arc<Folder>;
