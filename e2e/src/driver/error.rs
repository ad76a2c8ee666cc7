//! What can go wrong before and around a command, told to the user in one sentence each.

use std::path::PathBuf;
use std::time::Duration;

use super::cli::{OLDEST, Version};

/// A reason why the command line could not be run, or did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The named program cannot be started.
    #[error("cannot run {}: {source}", path.display())]
    CliMissing {
        /// The program.
        path: PathBuf,
        /// Why it did not start.
        source: std::io::Error,
    },
    /// There is no program at all, and none can be built.
    #[error("neither tofu nor terraform is in PATH, and tofu cannot be built: {0}")]
    NoCli(crate::build::BuildError),
    /// The program is neither Terraform nor OpenTofu.
    #[error("{} is neither terraform nor tofu: it answered {answer:?} to `version`", path.display())]
    CliUnknown {
        /// The program.
        path: PathBuf,
        /// First line of its answer.
        answer: String,
    },
    /// The program is older than [`OLDEST`].
    #[error("{} is version {version}, but write-only attributes need {OLDEST} or newer", path.display())]
    CliTooOld {
        /// The program.
        path: PathBuf,
        /// Its version.
        version: Version,
    },
    /// The folder is missing or no folder.
    #[error("{}: no such folder", .0.display())]
    NoFolder(PathBuf),
    /// The folder has no configuration.
    #[error("{} holds no configuration: no file in it ends in .tf", .0.display())]
    NoConfiguration(PathBuf),
    /// The folder has a configuration in JSON syntax.
    #[error("{} is configuration in JSON syntax, which the harness does not read", .0.display())]
    JsonConfiguration(PathBuf),
    /// A file is no HCL.
    #[error("{} is not valid HCL: {message}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Position and reason.
        message: String,
    },
    /// A module would be fetched from elsewhere.
    #[error("module {name:?} in {} comes from {origin:?}, but a test run reaches nothing outside this machine", file.display())]
    RemoteModule {
        /// The module call's name.
        name: String,
        /// Where the call stands.
        file: PathBuf,
        /// Its source.
        origin: String,
    },
    /// A provider would reach elsewhere.
    #[error(
        "the configuration uses the provider {address} ({place}), which could reach systems outside this machine"
    )]
    ForeignProvider {
        /// `namespace/type`, with its host if it is no default one.
        address: String,
        /// File, and where in it.
        place: String,
    },
    /// `seedling_…` is used, but no source says whose provider that is.
    #[error(
        "{place} uses the provider seedling, but `required_providers` does not say where it comes from"
    )]
    SourceMissing {
        /// File, and where in it.
        place: String,
    },
    /// An allowed provider has no mirror to come from.
    #[error("the provider {address} is allowed, but none of the mirrors has it")]
    NoMirror {
        /// `namespace/type`.
        address: String,
    },
    /// A `--var` that no root declares.
    #[error("no configuration declares a variable {name:?}{}", nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownVariable {
        /// As given.
        name: String,
        /// A declared name that looks alike.
        nearest: Option<String>,
    },
    /// A variable needs a value.
    #[error("variable {name:?} of {} has no default and no value", folder.display())]
    ValueMissing {
        /// The variable.
        name: String,
        /// The root that declares it.
        folder: PathBuf,
        /// A value to suggest, by its type.
        example: String,
    },
    /// The configuration to copy is far too big to be one.
    #[error("{} holds more than {limit} files or folders: the configuration would be copied with all of them", folder.display())]
    TooBig {
        /// Where copying stopped.
        folder: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// Reading or writing a file failed.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The command ended with an error.
    #[error("`{command}` failed{}\n{diagnostics}", code.map(|c| format!(" (exit code {c})")).unwrap_or_default())]
    Failed {
        /// As it could be typed.
        command: String,
        /// Its exit code, if it was not ended by a signal.
        code: Option<i32>,
        /// What it printed on its error output.
        diagnostics: String,
    },
    /// The command did not end in time, and was ended.
    #[error("`{command}` did not end within {}s; it was interrupted. Its last words: {last}", waited.as_secs())]
    Deadline {
        /// As it could be typed.
        command: String,
        /// The deadline.
        waited: Duration,
        /// Its last line of output.
        last: String,
    },
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The command answered JSON that we do not understand.
    #[error("`{command}` answered something unexpected: {source}")]
    Answer {
        /// As it could be typed.
        command: String,
        /// Why it could not be read.
        source: serde_json::Error,
    },
}

impl DriverError {
    /// The next step for the user, where there is one; shown after the error.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::CliMissing { .. } | Self::CliUnknown { .. } => {
                "name the program with --cli PATH or SEEDLING_CLI, or leave both out to use tofu or terraform from PATH".into()
            }
            Self::CliTooOld { .. } => {
                "install a newer terraform or tofu, or name another one with --cli PATH; without any, one is built where Go is installed".into()
            }
            Self::NoCli(error) => format!(
                "install OpenTofu (https://opentofu.org/docs/intro/install) or Terraform, {OLDEST} or newer; or: {}",
                error.what_helps()
            ),
            Self::NoFolder(_) | Self::NoConfiguration(_) => {
                "name the folder of a root module, for example examples/stacks/startup".into()
            }
            Self::JsonConfiguration(_) => "write it in HCL syntax, as a .tf file".into(),
            Self::RemoteModule { .. } => "copy the module beside the configuration and use a relative source (\"./…\" or \"../…\")".into(),
            Self::ForeignProvider { address, .. } => {
                format!("if it is harmless, allow it with --provider {address} and give a folder that holds it with --mirror DIR")
            }
            Self::SourceMissing { .. } => {
                "add to the module:\nterraform {\n  required_providers {\n    seedling = { source = \"seedling-dev/seedling\" }\n  }\n}".into()
            }
            Self::NoMirror { address } => format!(
                "give a folder laid out as HOST/{address}/VERSION/OS_ARCH with --mirror DIR (`terraform providers mirror DIR` makes one)"
            ),
            Self::ValueMissing { name, example, .. } => format!("give one with --var '{name}={example}'"),
            Self::TooBig { .. } => "move the configuration and its modules to a folder of their own".into(),
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                "the disk is full: free some space, or choose another place with TMPDIR and --artifacts DIR".into()
            }
            _ => return None,
        })
    }

    /// Wraps a file error with the file's name.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
