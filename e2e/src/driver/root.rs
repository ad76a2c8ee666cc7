//! One root module: its copy, its state, its values, and the commands that work on them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::de::DeserializeOwned;

use super::documents::{PlanDocument, StateDocument};
use super::process::Finished;
use super::values::{Canary, Values};
use super::{Configuration, DriverError, Session, copy};

/// A root module that commands can be run on.
pub struct Root {
    /// Short and unique in its run: names logs, plans and the state.
    pub name: String,
    /// What was read of it.
    pub configuration: Configuration,
    session: Arc<Session>,
    folder: PathBuf,
    state: PathBuf,
    values: Values,
}

/// Which plan to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanMode {
    /// What the configuration asks for.
    #[default]
    Normal,
    /// Removal of everything.
    Destroy,
}

/// A saved plan.
pub struct Plan {
    /// The file, for [`Root::apply`].
    pub file: PathBuf,
    /// Whether there is nothing to do (`-detailed-exitcode`).
    pub is_empty: bool,
    /// What would be done.
    pub document: PlanDocument,
    /// What the user would have read.
    pub text: String,
}

impl Root {
    /// Copies a configuration into the run's folder. Two roots with the same `state` name share a state: an old
    /// and a new configuration of the same things.
    pub fn new(
        session: &Arc<Session>,
        configuration: Configuration,
        name: &str,
        state: &str,
        values: Values,
    ) -> Result<Self, DriverError> {
        let state = session.state_folder().join(format!("{state}.tfstate"));
        let folder = copy::copy(
            &configuration,
            &session.folder().join("copies").join(name),
            &state,
        )?;
        Ok(Self {
            name: name.to_owned(),
            configuration,
            session: Arc::clone(session),
            folder,
            state,
            values,
        })
    }

    /// The copy's folder: files put there take part in the next command.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The state file; it exists after the first apply.
    pub fn state_file(&self) -> &Path {
        &self.state
    }

    /// The secrets among the variables' values.
    pub fn canaries(&self) -> &[Canary] {
        &self.values.canaries
    }

    /// The values of its variables.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// Installs providers and modules.
    pub async fn init(&self, until: Instant) -> Result<Finished, DriverError> {
        self.run(&["init", "-no-color", "-input=false"], until)
            .await?
            .succeeded()
    }

    /// Checks the configuration without the cluster.
    pub async fn validate(&self, until: Instant) -> Result<Finished, DriverError> {
        self.run(&["validate", "-no-color"], until)
            .await?
            .succeeded()
    }

    /// Makes and reads a plan. `label` names its file.
    pub async fn plan(
        &self,
        label: &str,
        mode: PlanMode,
        until: Instant,
    ) -> Result<Plan, DriverError> {
        let file = self
            .session
            .plan_folder()
            .join(format!("{}-{label}.tfplan", self.name));
        let mut out = OsString::from("-out=");
        out.push(&file);
        let mut arguments: Vec<OsString> =
            ["plan", "-no-color", "-input=false", "-detailed-exitcode"]
                .map(OsString::from)
                .to_vec();
        arguments.push(out);
        if mode == PlanMode::Destroy {
            arguments.push("-destroy".into());
        }
        let finished = self.run_os(&arguments, until).await?;
        // Exit code 2 is "there are changes"; everything but 0 and 2 is an error.
        let is_empty = match finished.code {
            Some(0) => true,
            Some(2) => false,
            _ => return Err(finished.failed()),
        };
        let document = self.show(Some(&file), until).await?;
        Ok(Plan {
            file,
            is_empty,
            document,
            text: finished.stdout,
        })
    }

    /// Does what a plan says.
    pub async fn apply(&self, plan: &Plan, until: Instant) -> Result<Finished, DriverError> {
        let arguments = ["apply", "-no-color", "-input=false"].map(OsString::from);
        let arguments = [arguments.as_slice(), &[plan.file.clone().into_os_string()]].concat();
        self.run_os(&arguments, until).await?.succeeded()
    }

    /// The current state.
    pub async fn state(&self, until: Instant) -> Result<StateDocument, DriverError> {
        if !self.state.exists() {
            return Ok(StateDocument::default());
        }
        self.show(None, until).await
    }

    async fn show<T: DeserializeOwned>(
        &self,
        plan: Option<&Path>,
        until: Instant,
    ) -> Result<T, DriverError> {
        let mut arguments = ["show", "-no-color", "-json"].map(OsString::from).to_vec();
        arguments.extend(plan.map(|file| file.as_os_str().to_owned()));
        let finished = self.run_os(&arguments, until).await?.succeeded()?;
        serde_json::from_str(&finished.stdout).map_err(|source| DriverError::Answer {
            command: finished.command,
            source,
        })
    }

    /// Runs any command on this root, without judging how it ended.
    pub async fn run(&self, arguments: &[&str], until: Instant) -> Result<Finished, DriverError> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        self.run_os(&arguments, until).await
    }

    async fn run_os(
        &self,
        arguments: &[OsString],
        until: Instant,
    ) -> Result<Finished, DriverError> {
        self.session
            .run(
                &self.name,
                &self.folder,
                arguments,
                self.values.environment.iter(),
                until,
            )
            .await
    }
}
