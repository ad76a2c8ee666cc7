//! Why a step did not hold.

use std::path::PathBuf;

use crate::backend::BackendError;
use crate::driver::DriverError;
use crate::poll::PollError;
use crate::report::artefacts::ArtefactError;

/// A step found something wrong, or could not find out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The comparison failed.
    #[error("{found}")]
    Broken {
        /// What was found, one line each.
        found: String,
        /// The next step for the user.
        hint: Option<String>,
    },
    /// The command line could not be run, or refused.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The API server answered an error to the harness itself.
    #[error("{what}: {}", answer(source))]
    Api {
        /// What was asked for.
        what: String,
        /// The answer.
        source: Box<kube::Error>,
    },
    /// The cluster could not be reached as another user.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The cluster did not get where it was waited for.
    #[error(transparent)]
    Poll(#[from] PollError),
    /// An artefact could not be written.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    /// Another file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What the API server said, without the rest of its answer.
pub(super) fn answer(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => format!("{} ({})", status.message, status.code),
        other => other.to_string(),
    }
}

impl ProofError {
    /// A failed comparison.
    pub fn broken(found: impl Into<String>) -> Self {
        Self::Broken {
            found: found.into(),
            hint: None,
        }
    }

    /// A failed comparison, with the next step.
    pub fn broken_with(found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Broken {
            found: found.into(),
            hint: Some(hint.into()),
        }
    }

    /// Wraps an answer of the API server with what was asked for.
    pub fn api(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let what = what.into();
        move |source| Self::Api {
            what,
            source: Box::new(source),
        }
    }

    /// The next step for the user, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Broken { hint, .. } => hint.clone(),
            Self::Driver(error) => error.hint(),
            Self::Artefact(error) => error.hint().map(str::to_owned),
            _ => None,
        }
    }

    /// Whether the user ended the run.
    pub fn is_interrupt(&self) -> bool {
        matches!(self, Self::Driver(DriverError::Interrupted))
    }
}
