//! The `process` backend: the real etcd, API server, controller manager and scheduler as child processes, with nodes and pods that
//! kwok moves on. No container is run; everything else is what a cluster does.

mod certificates;
mod layout;
mod parts;
pub(super) mod ready;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::layout::{Layout, Ports};
use self::parts::Part;
use super::nodes::create_nodes;
use super::{Access, Authority, Backend, BackendError, Cluster, Options};
use crate::build::{GO_MODULES, go_program};
use crate::ledger::{Ledger, ProcessId};
use crate::poll::{Look, poll};
use crate::progress::Progress;

/// Starts clusters whose parts are processes on this machine.
pub struct ProcessBackend;

/// Between the look for free ports and their use another program may take one.
const TRIES: u32 = 4;
/// Six times what a busy machine with two cores needs.
const START_DEADLINE: Duration = Duration::from_mins(1);

#[async_trait]
impl Backend for ProcessBackend {
    fn name(&self) -> &'static str {
        "process"
    }

    async fn start(
        &self,
        ledger: &Arc<Ledger>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Box<dyn Cluster>, BackendError> {
        let program = go_program(GO_MODULES.control_plane, progress).await?;
        progress.update("starting the control plane");
        let mut last = String::new();
        for _ in 0..TRIES {
            let layout = Layout::new(program.clone(), ledger, options)?;
            let cluster = ProcessCluster::new(ledger.clone(), layout)?;
            match cluster.start(options).await {
                Ok(()) => return Ok(Box::new(cluster)),
                Err(BackendError::Ended { part, log, .. })
                    if log.contains("address already in use") =>
                {
                    last = format!("{part}: address already in use");
                    ledger.end_processes()?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(BackendError::NoPorts { tries: TRIES, last })
    }
}

struct ProcessCluster {
    ledger: Arc<Ledger>,
    layout: Layout,
    authority: Authority,
    admin: Access,
    kubeconfig: PathBuf,
}

impl ProcessCluster {
    fn new(ledger: Arc<Ledger>, layout: Layout) -> Result<ProcessCluster, BackendError> {
        let authority = Authority::new()?;
        let admin = certificates::write_all(&authority, &layout)?;
        let kubeconfig = layout.kubeconfig(certificates::ADMIN);
        Ok(ProcessCluster {
            ledger,
            layout,
            authority,
            admin,
            kubeconfig,
        })
    }

    async fn start(&self, options: &Options) -> Result<(), BackendError> {
        self.spawn(Part::Etcd)?;
        self.spawn(Part::ApiServer)?;
        let client = self.admin.client().await?;
        self.until_ready(Part::ApiServer, || ready::answers(&client, "/readyz"))
            .await?;
        for part in [Part::ControllerManager, Part::Scheduler, Part::Kwok] {
            self.spawn(part)?;
        }
        create_nodes(&client, &options.pools, self.layout.ports.kwok).await?;
        self.until_ready(Part::Kwok, || ready::nodes(&client))
            .await?;
        // Without the controller manager a namespace gets no service account, so that no pod could be made in it.
        self.until_ready(Part::ControllerManager, || ready::service_account(&client))
            .await
    }

    fn spawn(&self, part: Part) -> Result<ProcessId, BackendError> {
        Ok(self.ledger.spawn(
            part.name(),
            part.command(&self.layout),
            &self.layout.log(part.name()),
        )?)
    }

    /// Polls; ends early, with the end of the log, when one of the parts has ended.
    async fn until_ready<F: Future<Output = Look<()>>>(
        &self,
        part: Part,
        mut look: impl FnMut() -> F,
    ) -> Result<(), BackendError> {
        let what = format!("the start of {}", part.name());
        let ready = poll(&what, START_DEADLINE, || {
            let (ended, look) = (self.ended(), look());
            async move {
                match ended {
                    Some(_) => Look::Never("a part of the control plane has ended".to_owned()),
                    None => look.await,
                }
            }
        });
        ready.await.map_err(|source| match self.ended() {
            Some((part, status)) => BackendError::Ended {
                part: part.name().to_owned(),
                status: status.to_string(),
                log: self.log_end(part),
            },
            None => BackendError::NotReady {
                part: part.name().to_owned(),
                source,
                log: self.log_end(part),
            },
        })
    }

    fn ended(&self) -> Option<(Part, std::process::ExitStatus)> {
        Part::ALL
            .into_iter()
            .find_map(|part| self.ledger.exited(part.name()).map(|status| (part, status)))
    }

    fn log_end(&self, part: Part) -> String {
        ready::log_end(&self.layout.log(part.name()))
    }
}

impl Cluster for ProcessCluster {
    fn admin(&self) -> &Access {
        &self.admin
    }

    fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    fn as_user(&self, user: &str, group: &str) -> Result<Access, BackendError> {
        Ok(self.admin.by(self.authority.client(user, Some(group))?))
    }

    fn authority(&self) -> &Authority {
        &self.authority
    }

    fn folder(&self) -> &Path {
        &self.layout.folder
    }

    fn logs(&self) -> Vec<(String, PathBuf)> {
        Part::ALL
            .into_iter()
            .map(|part| (part.name().to_owned(), self.layout.log(part.name())))
            .collect()
    }

    fn audit_log(&self) -> Option<&Path> {
        self.layout.audit_log.as_deref()
    }
}

impl Ports {
    /// Ports that are free at this moment.
    fn free() -> std::io::Result<Ports> {
        // All are held until all are known, so that they differ.
        let listeners = (0..6)
            .map(|_| std::net::TcpListener::bind(("127.0.0.1", 0)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut ports = listeners
            .iter()
            .map(|listener| listener.local_addr().map(|address| address.port()));
        let mut next = || {
            ports
                .next()
                .unwrap_or_else(|| Err(std::io::ErrorKind::AddrNotAvailable.into()))
        };
        Ok(Ports {
            etcd: next()?,
            etcd_peer: next()?,
            api: next()?,
            controllers: next()?,
            scheduler: next()?,
            kwok: next()?,
        })
    }
}
