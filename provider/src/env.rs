//! Every environment variable the provider reads, in one place.

use std::{env, path::PathBuf};

/// Path of a JSON file that replaces the whole connection: the end-to-end harness sets it.
pub const SANDBOX: &str = "SEEDLING_SANDBOX";

/// Folder of Docker's configuration, if it is not `.docker` in the home folder.
const DOCKER_CONFIG: &str = "DOCKER_CONFIG";

/// What the environment says, read once at configuration time.
#[derive(Debug, Default, Clone)]
pub struct Environment {
    /// Content of [`SANDBOX`]: a path, when the harness drives this run.
    pub sandbox: Option<String>,
}

impl Environment {
    /// Reads the process environment. Empty variables count as unset.
    pub fn read() -> Self {
        Self {
            sandbox: env::var(SANDBOX).ok().filter(|value| !value.is_empty()),
        }
    }
}

/// Docker's configuration file, where logins for registries are.
pub fn docker_config() -> Option<PathBuf> {
    let named = env::var_os(DOCKER_CONFIG).filter(|value| !value.is_empty());
    let folder = named
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".docker")))?;
    Some(folder.join("config.json"))
}
