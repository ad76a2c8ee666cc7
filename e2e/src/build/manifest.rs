//! A Go module of ours: where it is, and how it says that it is to be built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::home::NoHome;

/// A program cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The program is not built yet and its sources are not on this machine.
    #[error("the sources of `{module}` are not at {}, where this program was built", at.display())]
    NoSources {
        /// The module's folder below the repository's root.
        module: String,
        /// Where it was looked for.
        at: PathBuf,
    },
    /// `build.json` is not what it should be: a mistake of the repository.
    #[error("{}: {why}", file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The program is not built yet and there is no Go.
    #[error("no program `go` in PATH to build `{module}` with")]
    NoGo {
        /// The module's folder below the repository's root.
        module: String,
    },
    /// The compiler refused.
    #[error("building `{module}` with Go failed:\n{log}")]
    Failed {
        /// The module's folder below the repository's root.
        module: String,
        /// The last lines of what it said.
        log: String,
    },
    /// Where to keep the result is unknown.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl BuildError {
    /// The next step for the user.
    pub fn what_helps(&self) -> &'static str {
        match self {
            BuildError::NoSources { .. } => {
                "run Seedling inside a clone of its repository once, which builds and keeps the program"
            }
            BuildError::NoGo { .. } => "install Go 1.26 or newer: https://go.dev/dl",
            BuildError::Failed { .. } => {
                "check that Go is 1.26 or newer and can reach its module proxy (`go env GOPROXY`)"
            }
            BuildError::Manifest { .. } => "restore the file from the repository",
            BuildError::NoHome(_) => "set HOME",
            BuildError::Io { .. } => "make room and check the permissions of the folder",
        }
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
        let path = path.to_owned();
        move |source| BuildError::Io { path, source }
    }
}

/// `build.json`: what a plain `go build` would not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The program's name.
    pub output: String,
    /// The package to build.
    pub package: String,
    /// For the linker, one option each.
    #[serde(default)]
    pub ldflags: Vec<String>,
    /// For the environment of the build.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// A module with its manifest and the hash of its sources.
pub(super) struct Module {
    pub name: String,
    pub folder: PathBuf,
    pub manifest: Manifest,
    /// Of all that decides what is built; the same sources have the same hash on every machine of the same kind.
    pub hash: String,
}

impl Module {
    /// Reads the module in the repository that this program was built in.
    pub fn open(name: &str) -> Result<Module, BuildError> {
        let folder = repository().join(name);
        let file = folder.join("build.json");
        let text = std::fs::read_to_string(&file).map_err(|_| BuildError::NoSources {
            module: name.to_owned(),
            at: folder.clone(),
        })?;
        let manifest = serde_json::from_str(&text).map_err(|error| BuildError::Manifest {
            file,
            why: error.to_string(),
        })?;
        let hash = hash(&folder)?;
        Ok(Module {
            name: name.to_owned(),
            folder,
            manifest,
            hash,
        })
    }
}

/// The root of the repository that this program was built in; it need not exist any more.
pub(super) fn repository() -> &'static Path {
    let e2e = Path::new(env!("CARGO_MANIFEST_DIR"));
    e2e.parent().unwrap_or(e2e)
}

fn hash(folder: &Path) -> Result<String, BuildError> {
    let mut files = Vec::new();
    sources(folder, &mut files)?;
    files.sort();
    let mut hash = Sha256::new();
    hash.update(format!(
        "{} {}\n",
        std::env::consts::OS,
        std::env::consts::ARCH
    ));
    for file in files {
        let content = std::fs::read(&file).map_err(BuildError::io(&file))?;
        let name = file.strip_prefix(folder).unwrap_or(&file);
        hash.update(format!("{} {}\n", name.display(), content.len()));
        hash.update(content);
    }
    Ok(hex(&hash.finalize()[..8]))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    for entry in std::fs::read_dir(folder).map_err(BuildError::io(folder))? {
        let path = entry.map_err(BuildError::io(folder))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            sources(&path, found)?;
        } else if matches!(name, "go.mod" | "go.sum" | "build.json")
            || path.extension().is_some_and(|extension| extension == "go")
        {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_follows_the_sources_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("go.mod", "module a");
        write("main.go", "package main");
        let first = hash(folder.path()).unwrap();
        write("notes.txt", "not a source");
        assert_eq!(hash(folder.path()).unwrap(), first);
        write("main.go", "package main\n");
        assert_ne!(hash(folder.path()).unwrap(), first);
    }
}
