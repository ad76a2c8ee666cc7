//! Finds the command line that runs the configuration.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::DriverError;
use crate::build::{self, GO_MODULES};
use crate::progress::Progress;
use crate::require::find_program;

/// Write-only attributes, on which the handling of secrets rests, came with 1.11 in both command lines.
pub const OLDEST: Version = Version {
    major: 1,
    minor: 11,
    patch: 0,
};

/// Programs looked for on PATH, in this order.
pub const PROGRAMS: [&str; 2] = ["tofu", "terraform"];

/// Which of the two command lines it is: their default registry hosts and folders differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// HashiCorp's `terraform`.
    Terraform,
    /// OpenTofu's `tofu`.
    OpenTofu,
}

impl Flavour {
    /// The host a provider source without one is completed with.
    pub const fn registry(self) -> &'static str {
        match self {
            Self::Terraform => "registry.terraform.io",
            Self::OpenTofu => "registry.opentofu.org",
        }
    }
}

/// A release number; pre-release tags are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A command line that was asked for its version and is new enough.
#[derive(Clone, Debug)]
pub struct Cli {
    /// Where the program is.
    pub path: PathBuf,
    /// Which program it is.
    pub flavour: Flavour,
    /// Its version.
    pub version: Version,
}

impl std::fmt::Display for Cli {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.flavour {
            Flavour::Terraform => "Terraform",
            Flavour::OpenTofu => "OpenTofu",
        };
        write!(f, "{name} {} ({})", self.version, self.path.display())
    }
}

impl Cli {
    /// The program that was named, else the first one on PATH that is new enough; `None` if PATH has none at all.
    ///
    /// A named program that is missing, is no such command line or is too old is an error: nobody wants to find
    /// out later that another one was used.
    pub fn find(named: Option<&Path>) -> Result<Option<Self>, DriverError> {
        if let Some(path) = named {
            return Self::at(&resolve(path)).map(Some);
        }
        let mut refused = None;
        for program in PROGRAMS {
            let Some(path) = find_program(program) else {
                continue;
            };
            match Self::at(&path) {
                Ok(cli) => return Ok(Some(cli)),
                Err(error) => refused = Some(error),
            }
        }
        refused.map_or(Ok(None), Err)
    }

    /// As [`Cli::find`]; where there is none, or no `tofu` that was asked for by its bare name, builds our pinned
    /// OpenTofu, once per user.
    pub async fn find_or_build(
        named: Option<&Path>,
        progress: &dyn Progress,
    ) -> Result<Self, DriverError> {
        let no_tofu = named == Some(Path::new("tofu")) && find_program("tofu").is_none();
        match if no_tofu { None } else { Self::find(named)? } {
            Some(cli) => Ok(cli),
            None => Self::at(
                &build::go_program(GO_MODULES.tofu, progress)
                    .await
                    .map_err(DriverError::NoCli)?,
            ),
        }
    }

    /// Asks the program at a path for its name and version.
    pub fn at(path: &Path) -> Result<Self, DriverError> {
        let output = Command::new(path)
            .arg("version")
            // Neither the user's CLI configuration nor a version check over the network belongs to the question.
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .map_err(|source| DriverError::CliMissing {
                path: path.into(),
                source,
            })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (flavour, version) = parse_version(&text).ok_or_else(|| DriverError::CliUnknown {
            path: path.into(),
            answer: text.lines().next().unwrap_or_default().to_owned(),
        })?;
        if version < OLDEST {
            return Err(DriverError::CliTooOld {
                path: path.into(),
                version,
            });
        }
        Ok(Self {
            path: path.into(),
            flavour,
            version,
        })
    }
}

/// The first line of `version` is the one place where both programs tell their name (`version -json` does not).
fn parse_version(text: &str) -> Option<(Flavour, Version)> {
    let mut words = text.lines().next()?.split_whitespace();
    let flavour = match words.next()? {
        "Terraform" => Flavour::Terraform,
        "OpenTofu" => Flavour::OpenTofu,
        _ => return None,
    };
    let release = words.next()?.strip_prefix('v')?;
    let mut numbers = release.split(['.', '-', '+']).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some((
        flavour,
        Version {
            major: next()?,
            minor: next()?,
            patch: next()?,
        },
    ))
}

/// A bare name is looked up on PATH, as a shell would.
fn resolve(path: &Path) -> PathBuf {
    let bare = path.components().count() == 1;
    let found = bare.then(|| path.to_str().and_then(find_program)).flatten();
    found.unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_first_line() {
        let terraform = parse_version("Terraform v1.11.4\non linux_amd64\n").unwrap();
        assert_eq!(
            terraform,
            (
                Flavour::Terraform,
                Version {
                    major: 1,
                    minor: 11,
                    patch: 4
                }
            )
        );
        let tofu = parse_version("OpenTofu v1.12.0-rc1\non linux_amd64\n").unwrap();
        assert_eq!(
            tofu,
            (
                Flavour::OpenTofu,
                Version {
                    major: 1,
                    minor: 12,
                    patch: 0
                }
            )
        );
        assert_eq!(parse_version("git version 2.43.0"), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn a_named_program_that_is_missing_is_an_error() {
        let error = Cli::find(Some(Path::new("/nowhere/tofu"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere/tofu"), "{error}");
    }
}
