//! Programs of this workspace that the harness starts, such as the provider.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::manifest::repository;
use crate::progress::Progress;

/// The program cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RustBuildError {
    /// The variable names something else.
    #[error("{variable} names {}, which is no file: name the program, or unset the variable", path.display())]
    NoFile {
        /// The variable.
        variable: String,
        /// What it names.
        path: PathBuf,
    },
    /// It is in none of the places.
    #[error(
        "no program `{name}`: {variable} is not set, it is not beside {}, and this is not a build inside the repository; \
         put it beside, or set {variable} to its path",
        beside.display()
    )]
    NotFound {
        /// The program.
        name: String,
        /// The variable that could name it.
        variable: String,
        /// The program beside which it was looked for.
        beside: PathBuf,
    },
    /// Cargo refused.
    #[error("`cargo build --bin {name}` failed:\n{log}")]
    Failed {
        /// The program.
        name: String,
        /// What it said.
        log: String,
    },
    /// The operating system refused.
    #[error("starting {program}: {source}")]
    Io {
        /// What was started.
        program: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// The program `name`: named by the variable, else (when this very program is a build of the repository) brought up to date by cargo,
/// else beside this program. A build of the repository asks cargo even if the file is there, because a stale one would be proved
/// instead of the sources.
pub async fn rust_program(
    name: &str,
    variable: &str,
    progress: &dyn Progress,
) -> Result<PathBuf, RustBuildError> {
    if let Some(path) = std::env::var_os(variable).map(PathBuf::from) {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(RustBuildError::NoFile {
                variable: variable.to_owned(),
                path,
            })
        };
    }
    let own = std::env::current_exe().map_err(|source| RustBuildError::Io {
        program: "this program".to_owned(),
        source,
    })?;
    let folder = profile_folder(&own);
    if is_of_the_repository(folder) {
        progress.update(&format!("bringing {name} up to date"));
        cargo_build(name, folder.ends_with("release")).await?;
    }
    let program = folder.join(name);
    if program.is_file() {
        return Ok(program);
    }
    Err(RustBuildError::NotFound {
        name: name.to_owned(),
        variable: variable.to_owned(),
        beside: own,
    })
}

/// The folder of a program; cargo puts tests one folder deeper.
fn profile_folder(program: &Path) -> &Path {
    let folder = program.parent().unwrap_or(program);
    if folder.ends_with("deps") {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    }
}

/// Whether a program in `folder` is a build of the repository: in its target folder, or (with a target folder elsewhere) started by cargo.
fn is_of_the_repository(folder: &Path) -> bool {
    let by_cargo = std::env::var_os("CARGO_MANIFEST_DIR")
        .is_some_and(|package| Path::new(&package).starts_with(repository()));
    (by_cargo || folder.starts_with(repository())) && repository().join("Cargo.toml").is_file()
}

/// From the root and without `-p`, so that the features and thereby the build products are those of `cargo run` and `cargo test`.
async fn cargo_build(name: &str, release: bool) -> Result<(), RustBuildError> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = tokio::process::Command::new(&cargo)
        .args(["build", "--quiet", "--bin", name])
        .args(release.then_some("--release"))
        .current_dir(repository())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| RustBuildError::Io {
            program: cargo,
            source,
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(RustBuildError::Failed {
        name: name.to_owned(),
        log: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
