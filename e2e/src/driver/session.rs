//! What all commands of one run share: the program, its surroundings, its logs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::process::Command;

use super::process::{self, Conditions, Finished};
use super::providers::Needed;
use super::{Cli, DriverError, Interrupt, mirror};

/// What a run is made of.
pub struct Settings {
    /// The command line.
    pub cli: Cli,
    /// The provider's executable.
    pub provider: PathBuf,
    /// An empty folder of the run: home, mirror, states and copies lie below it.
    pub folder: PathBuf,
    /// An existing folder that gets one log per command.
    pub logs: PathBuf,
    /// The file that `SEEDLING_SANDBOX` names, which need not exist yet; none to connect as the configuration says.
    pub sandbox: Option<PathBuf>,
    /// Providers to install.
    pub needed: Needed,
    /// Folders with providers that are not ours.
    pub mirrors: Vec<PathBuf>,
    /// The user's Ctrl-C.
    pub interrupt: Interrupt,
}

/// A prepared run.
pub struct Session {
    settings: Settings,
    commands: AtomicUsize,
}

impl Session {
    /// Lays out the run's folder: an empty home, the provider's mirror and the CLI configuration.
    pub fn new(settings: Settings) -> Result<Self, DriverError> {
        let mirror = settings.folder.join("mirror");
        mirror::fill(&mirror, &settings.provider, &settings.needed)?;
        let text = mirror::cli_configuration(&mirror, &settings.needed, &settings.mirrors)?;
        let session = Self {
            settings,
            commands: AtomicUsize::new(0),
        };
        let folders = [
            session.home(),
            session.temporary(),
            session.trace_folder(),
            session.plan_folder(),
            session.state_folder(),
            session.documents(),
        ];
        for folder in folders {
            std::fs::create_dir_all(&folder).map_err(DriverError::file(&folder))?;
        }
        let file = session.cli_configuration();
        std::fs::write(&file, text).map_err(DriverError::file(&file))?;
        Ok(session)
    }

    /// The command line that is used.
    pub fn cli(&self) -> &Cli {
        &self.settings.cli
    }

    /// The user's Ctrl-C.
    pub fn interrupt(&self) -> &Interrupt {
        &self.settings.interrupt
    }

    /// The run's own folder.
    pub fn folder(&self) -> &Path {
        &self.settings.folder
    }

    /// Where the commands' output goes, one file each.
    pub fn logs(&self) -> &Path {
        &self.settings.logs
    }

    /// Where TRACE logs of command line and provider go, one file per command.
    pub fn trace_folder(&self) -> PathBuf {
        self.settings.logs.join("trace")
    }

    /// Where saved plans lie.
    pub fn plan_folder(&self) -> PathBuf {
        self.settings.folder.join("plans")
    }

    /// Where states lie.
    pub fn state_folder(&self) -> PathBuf {
        self.settings.folder.join("states")
    }

    /// Answers of `show -json`: they hold the values of sensitive variables, so they stay in the run's own folder.
    fn documents(&self) -> PathBuf {
        self.settings.folder.join("documents")
    }

    fn home(&self) -> PathBuf {
        self.settings.folder.join("home")
    }

    /// Sockets of providers that are killed would stay in the machine's own folder for ever.
    fn temporary(&self) -> PathBuf {
        self.settings.folder.join("tmp")
    }

    fn cli_configuration(&self) -> PathBuf {
        self.settings.folder.join(mirror::CLI_CONFIGURATION)
    }

    /// Runs one command in a folder. `root` and the first argument name its logs.
    pub async fn run(
        &self,
        root: &str,
        folder: &Path,
        arguments: &[OsString],
        variables: impl Iterator<Item = (&String, &String)>,
        until: Instant,
    ) -> Result<Finished, DriverError> {
        let number = self.commands.fetch_add(1, Ordering::Relaxed) + 1;
        let verb = arguments
            .first()
            .map(|a| a.to_string_lossy())
            .unwrap_or_default();
        let name = format!("{number:02}-{root}-{verb}.log");
        let mut command = Command::new(&self.settings.cli.path);
        command
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(self.environment());
        command.env("TF_LOG_PATH", self.trace_folder().join(&name));
        command.envs(variables.map(|(variable, value)| (format!("TF_VAR_{variable}"), value)));
        let program = self
            .settings
            .cli
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let words: Vec<_> = arguments.iter().map(|a| a.to_string_lossy()).collect();
        let conditions = Conditions {
            shown: format!("{program} {}", words.join(" ")),
            log: &if verb == "show" {
                self.documents().join(&name)
            } else {
                self.settings.logs.join(&name)
            },
            until,
            interrupt: &self.settings.interrupt,
        };
        process::run(command, conditions).await
    }

    /// Everything a command sees of the outside: a search path and a language.
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let mut environment: Vec<(&'static str, OsString)> = vec![
            ("HOME", self.home().into()),
            ("TMPDIR", self.temporary().into()),
            ("TF_CLI_CONFIG_FILE", self.cli_configuration().into()),
            ("CHECKPOINT_DISABLE", "1".into()),
            ("TF_IN_AUTOMATION", "1".into()),
            ("TF_INPUT", "0".into()),
            ("TF_LOG", "TRACE".into()),
        ];
        environment.extend(
            self.settings
                .sandbox
                .iter()
                .map(|file| ("SEEDLING_SANDBOX", file.into())),
        );
        let kept = ["PATH", "LANG"];
        environment.extend(
            kept.into_iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        );
        environment
    }
}
