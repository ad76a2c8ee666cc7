//! Clusters to run against. A [`Backend`] knows how to make one; a [`Cluster`] is one that runs.
//!
//! A cluster has no `stop`: all that it consists of is in the [`Ledger`] that it was started with, and ends with that.

mod access;
mod authority;
mod embedded;
mod nodes;
mod process;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

pub use access::{Access, AccessError, Sandbox, SandboxKubernetes};
pub use authority::{Authority, AuthorityError, Credentials};
pub use embedded::EmbeddedBackend;
pub(crate) use embedded::run_if_asked as run_simulator_if_asked;
pub use nodes::{NodePool, Taint, default_pools};
pub use process::ProcessBackend;

use crate::build::BuildError;
use crate::ledger::{Ledger, LedgerError};
use crate::poll::PollError;
use crate::progress::Progress;

/// How a cluster is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its nodes.
    pub pools: Vec<NodePool>,
    /// Whether the API server writes each request down (who, what, which answer; no bodies): see [`Cluster::audit_log`].
    pub audit: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            pools: default_pools(),
            audit: false,
        }
    }
}

/// A way to have a cluster.
#[async_trait]
pub trait Backend: Send + Sync {
    /// The name by which users choose it.
    fn name(&self) -> &'static str;

    /// Starts a cluster whose API answers and whose nodes are there. All that is made is in the ledger before it is made, so an error
    /// leaves nothing that ending the ledger would not remove.
    async fn start(
        &self,
        ledger: &Arc<Ledger>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Box<dyn Cluster>, BackendError>;
}

/// A running cluster.
pub trait Cluster: Send + Sync {
    /// An administrator's way in.
    fn admin(&self) -> &Access;

    /// The administrator's kubeconfig as a file.
    fn kubeconfig(&self) -> &Path;

    /// The way in of a user who is member of a group: the API server itself judges what they may do.
    fn as_user(&self, user: &str, group: &str) -> Result<Access, BackendError>;

    /// The authority of the harness: what it signs, clients of this world trust.
    fn authority(&self) -> &Authority;

    /// A folder that goes with the cluster.
    fn folder(&self) -> &Path;

    /// The programs' logs, by name; what a failed run shows.
    fn logs(&self) -> Vec<(String, PathBuf)>;

    /// The requests that the API server answered, one JSON object a line, if [`Options::audit`] was set.
    fn audit_log(&self) -> Option<&Path>;
}

/// A cluster could not be started.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// Its program cannot be had.
    #[error("{cause}; {help}", cause = .0, help = .0.what_helps())]
    Build(#[from] BuildError),
    /// A process or folder could not be made.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A certificate could not be made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The API cannot be reached as expected.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// A file of the cluster could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The API refused something that a new cluster needs.
    #[error("{what}: {source}")]
    Api {
        /// What was asked for.
        what: String,
        /// The answer.
        source: Box<kube::Error>,
    },
    /// A part ended instead of serving.
    #[error("{part} ended ({status}) while the cluster was starting; the end of its log:\n{log}")]
    Ended {
        /// Which part.
        part: String,
        /// How it ended.
        status: String,
        /// The last lines of its log.
        log: String,
    },
    /// A part did not get ready.
    #[error("{source}; the end of the log of {part}:\n{log}")]
    NotReady {
        /// Which part.
        part: String,
        /// What was waited for, how long, and what was last seen.
        source: PollError,
        /// The last lines of its log.
        log: String,
    },
    /// Other programs took the ports again and again.
    #[error("no free ports on 127.0.0.1 after {tries} tries; the last: {last}")]
    NoPorts {
        /// How often.
        tries: u32,
        /// The last refusal.
        last: String,
    },
}

impl BackendError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BackendError {
        let path = path.to_owned();
        move |source| BackendError::Io { path, source }
    }

    pub(crate) fn api(what: impl Into<String>) -> impl FnOnce(kube::Error) -> BackendError {
        let what = what.into();
        move |source| BackendError::Api {
            what,
            source: Box::new(source),
        }
    }
}
