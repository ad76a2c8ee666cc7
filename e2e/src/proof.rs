//! The standard proof: what any configuration must stand, checked against a running cluster.
//!
//! A [`Proof`] has the roots, the cluster and what was found so far; [`steps`] are what is done with it, in the
//! order of [`steps::all`]; [`run`] does them and keeps the [`Report`](crate::report::Report). What the steps look
//! at is in [`cluster`]: objects of the project, their owned fields, ways to change them.

pub mod cluster;
mod error;
mod evidence;
mod launch;
pub mod requests;
mod run;
pub mod steps;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use error::ProofError;
pub use launch::{LaunchError, Launched, PROVIDER, Request, launch};
pub use run::run;

use crate::backend::{Cluster, Sandbox};
use crate::driver::root::Plan;
use crate::driver::{Root, Session};
use crate::report::{Artefacts, Live};

/// Everything the steps work with.
pub struct Proof<'a> {
    /// The roots, in the order in which they are applied.
    pub roots: Vec<Root>,
    /// The old configurations of the same roots, for the rolling step.
    pub old: Option<Vec<Root>>,
    /// What the commands share.
    pub session: Arc<Session>,
    /// The cluster.
    pub cluster: &'a dyn Cluster,
    /// The harness's own way in, as an administrator.
    pub client: kube::Client,
    /// Logs of the cluster's processes, by name.
    pub logs: Vec<(String, PathBuf)>,
    /// Where the provider finds its connection.
    pub sandbox: SandboxFile,
    /// Where files for people go.
    pub artefacts: Artefacts,
    /// Where progress is shown.
    pub live: &'a Live,
    /// Why the steps to come would prove nothing, once a step that carries them did not hold.
    pub blocked: Option<String>,
    /// Saved plans that wait for their apply, by the root's name.
    pub plans: BTreeMap<String, Plan>,
}

/// The file that `SEEDLING_SANDBOX` names.
pub struct SandboxFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub content: Sandbox,
}

impl SandboxFile {
    /// Writes what it says; the provider reads it at its next start.
    pub fn write(&self) -> Result<(), ProofError> {
        let text = serde_json::to_vec_pretty(&self.content).map_err(std::io::Error::other);
        text.and_then(|text| std::fs::write(&self.path, text))
            .map_err(|source| ProofError::File {
                path: self.path.clone(),
                source,
            })
    }
}

impl Proof<'_> {
    /// ` (dev)` where there are several roots, else nothing: for names of steps and plans.
    pub fn suffix(&self, root: usize) -> String {
        match self.roots.get(root) {
            Some(root) if self.roots.len() > 1 => format!(" {}", root.name),
            _ => String::new(),
        }
    }
}
