//! A cluster with the stand-ins that a laptop lacks: classes, addresses, volumes, certificates.
//!
//! On backends that bring none of them a process of ours ([`stand_ins`]) provides them, for as long as the world lives. It is this
//! very program started again, so the first line of `main` must be [`run_if_asked`].

mod catalog;
mod definitions;
pub mod stand_ins;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

pub use stand_ins::run_if_asked;

use self::stand_ins::registry;
use crate::backend::{AccessError, Backend, BackendError, Cluster, Options, Sandbox};
use crate::ledger::{Ledger, LedgerError, Record, sweep};
use crate::poll::{Look, PollError, poll};
use crate::progress::Progress;

/// A world could not be started.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The cluster could not.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A process or folder could not be made or ended.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no way in.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The cluster refused something that every world has.
    #[error("installing {what}: {why}")]
    Install {
        /// What was installed.
        what: String,
        /// The answer.
        why: String,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Something did not come.
    #[error(transparent)]
    NotReady(#[from] PollError),
}

/// A running world. Dropping it ends it.
pub struct World {
    ledger: Arc<Ledger>,
    cluster: Box<dyn Cluster>,
    client: kube::Client,
    registry: String,
}

const STAND_INS: &str = "stand-ins";
const READY_DEADLINE: Duration = Duration::from_secs(30);

impl World {
    /// Ends what killed runs left, starts a cluster, installs what it lacks, and waits until the stand-ins have answered for the first time.
    pub async fn start(
        backend: &dyn Backend,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<World, WorldError> {
        // What killed runs left takes memory that this one needs; that it cannot be ended is no reason not to start.
        if let Err(error) = sweep() {
            tracing::warn!(%error, "leftovers of earlier worlds stay");
        }
        let ledger = Arc::new(Ledger::open(backend.name())?);
        let cluster = backend.start(&ledger, options, progress).await?;
        let client = cluster.admin().client().await?;
        let mut world = World {
            ledger,
            cluster,
            client,
            registry: String::new(),
        };
        progress.update("installing what a bare cluster lacks");
        definitions::install(&world.client).await?;
        catalog::install(&world.client).await?;
        world.registry = world.start_stand_ins().await?;
        world.describe()?;
        Ok(world)
    }

    /// The world's name.
    pub fn id(&self) -> String {
        self.ledger.id()
    }

    /// The cluster.
    pub fn cluster(&self) -> &dyn Cluster {
        &*self.cluster
    }

    /// An administrator's client, without retries.
    pub fn client(&self) -> kube::Client {
        self.client.clone()
    }

    /// The administrator's way in for a provider, and the registry that stands for all.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox {
            registry: Some(self.registry.clone()),
            ..self.cluster.admin().sandbox()
        }
    }

    /// Logs of all processes, by name; what a failed run shows.
    pub fn logs(&self) -> Vec<(String, PathBuf)> {
        let own = (STAND_INS.to_owned(), self.log());
        self.cluster.logs().into_iter().chain([own]).collect()
    }

    /// What the world consists of right now.
    pub fn record(&self) -> Record {
        self.ledger.record()
    }

    /// Ends everything that the world consists of.
    pub async fn stop(&self) -> Result<(), LedgerError> {
        let ledger = self.ledger.clone();
        // The processes' end is waited for, at most some seconds.
        tokio::task::spawn_blocking(move || ledger.end())
            .await
            .unwrap_or(Ok(()))
    }

    /// Leaves the world running when this process ends; [`crate::ledger::down`] ends it. The record's `about` names the files
    /// `kubeconfig` and `sandbox`.
    pub fn keep(self) -> Result<Record, LedgerError> {
        self.ledger.keep()
    }

    fn log(&self) -> PathBuf {
        self.cluster
            .folder()
            .join("logs")
            .join(format!("{STAND_INS}.log"))
    }

    /// Writes down what others need to use the world.
    fn describe(&self) -> Result<(), WorldError> {
        let path = self.cluster.folder().join("sandbox.json");
        let sandbox = serde_json::to_vec_pretty(&self.sandbox()).map_err(std::io::Error::from);
        sandbox
            .and_then(|text| std::fs::write(&path, text))
            .map_err(|source| WorldError::Io {
                path: path.clone(),
                source,
            })?;
        self.ledger.note("sandbox", path.display().to_string())?;
        self.ledger.note(
            "kubeconfig",
            self.cluster.kubeconfig().display().to_string(),
        )?;
        Ok(())
    }

    /// Gives the address of their registry.
    async fn start_stand_ins(&self) -> Result<String, WorldError> {
        let program = std::env::current_exe().map_err(|source| WorldError::Io {
            path: "this program".into(),
            source,
        })?;
        let mut command = Command::new(program);
        command
            .arg(stand_ins::ARGUMENT)
            .arg(self.cluster.folder())
            .arg(self.cluster.kubeconfig());
        self.ledger.spawn(STAND_INS, command, &self.log())?;
        poll("the stand-ins", READY_DEADLINE, || async {
            if let Some(status) = self.ledger.exited(STAND_INS) {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                return Look::Never(format!("their process ended ({status}): {log}"));
            }
            catalog::is_served(&self.client).await
        })
        .await?;
        let file = registry::address_file(self.cluster.folder());
        let address = poll("the stand-ins' registry", READY_DEADLINE, || async {
            Look::at(
                std::fs::read_to_string(&file).ok(),
                "it does not listen yet",
            )
        });
        Ok(address.await?)
    }
}
