//! Where the harness keeps things between runs: folders of the user, as the XDG base directory specification names them.

use std::path::PathBuf;

/// The folder of a user cannot be found.
#[derive(Debug, thiserror::Error)]
#[error(
    "neither {variable} nor HOME is set to an absolute path: set one of them, so that Seedling knows where to keep its {what}"
)]
pub struct NoHome {
    variable: &'static str,
    what: &'static str,
}

/// What can be made again: built programs.
pub fn cache() -> Result<PathBuf, NoHome> {
    folder("XDG_CACHE_HOME", ".cache", "built programs")
}

/// What must not be lost: which worlds are running.
pub fn state() -> Result<PathBuf, NoHome> {
    folder("XDG_STATE_HOME", ".local/state", "list of running worlds")
}

fn folder(variable: &'static str, below_home: &str, what: &'static str) -> Result<PathBuf, NoHome> {
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(below_home)))
        .map(|base| base.join("seedling"))
        .ok_or(NoHome { variable, what })
}
