//! The `embedded` backend: `kube-sim` as one child process of ours. Nothing but this program is needed.
//!
//! The child is this very program started again, so that a world survives its command (`up`) and ends with its ledger: the first line of
//! `main` must be [`crate::world::run_if_asked`].

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use seedling_kube_sim::http::{Listener, Serving};
use seedling_kube_sim::{Cluster as Simulated, ClusterOptions};

use super::nodes::create_nodes;
use super::process::ready;
use super::{Access, Authority, Backend, BackendError, Cluster, Options};
use crate::ledger::Ledger;
use crate::poll::{Look, poll};
use crate::progress::Progress;

/// The first argument that makes a program of ours this process.
pub const ARGUMENT: &str = "__kube-sim";

/// Starts clusters that are simulated.
pub struct EmbeddedBackend;

const NAME: &str = "kube-sim";
const START_DEADLINE: Duration = Duration::from_secs(20);
/// Logs come through the API server itself.
const NO_KUBELET: u16 = 0;
/// Where the child writes its address when it listens.
const ADDRESS: &str = "address";

#[async_trait]
impl Backend for EmbeddedBackend {
    fn name(&self) -> &'static str {
        "embedded"
    }

    async fn start(
        &self,
        ledger: &Arc<Ledger>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Box<dyn Cluster>, BackendError> {
        progress.update("starting the simulated cluster");
        let folder = std::env::temp_dir().join(format!("seedling-{}", ledger.id()));
        for folder in [&folder, &folder.join("logs")] {
            ledger.folder(folder)?;
        }
        let authority = Authority::new()?;
        authority.save(&folder)?;
        let server = authority.server(&["127.0.0.1", "localhost", "kubernetes.default.svc"])?;
        write(&folder.join("server.crt"), &server.certificate)?;
        write(&folder.join("server.key"), &server.key)?;
        let log = folder.join("logs").join(format!("{NAME}.log"));
        let program =
            std::env::current_exe().map_err(BackendError::io(Path::new("this program")))?;
        let mut command = Command::new(program);
        command.arg(ARGUMENT).arg(&folder);
        ledger.spawn(NAME, command, &log)?;
        let address = address(ledger, &folder, &log).await?;
        let admin = Access {
            server: format!("https://{address}"),
            ca: authority.certificate().to_owned(),
            credentials: authority.client("admin", Some("system:masters"))?,
        };
        let kubeconfig = folder.join("admin.kubeconfig");
        write(&kubeconfig, &admin.kubeconfig())?;
        let cluster = EmbeddedCluster {
            folder,
            log,
            authority,
            admin,
            kubeconfig,
        };
        cluster.populate(options).await?;
        Ok(Box::new(cluster))
    }
}

fn write(path: &Path, content: &str) -> Result<(), BackendError> {
    std::fs::write(path, content).map_err(BackendError::io(path))
}

/// Where the child listens, as soon as it does.
async fn address(ledger: &Ledger, folder: &Path, log: &Path) -> Result<String, BackendError> {
    let file = folder.join(ADDRESS);
    let found = poll("the simulated cluster", START_DEADLINE, || async {
        if let Some(status) = ledger.exited(NAME) {
            return Look::Never(format!("its process ended ({status})"));
        }
        Look::at(
            std::fs::read_to_string(&file).ok(),
            "it does not listen yet",
        )
    });
    found.await.map_err(|source| BackendError::NotReady {
        part: NAME.to_owned(),
        source,
        log: ready::log_end(log),
    })
}

struct EmbeddedCluster {
    folder: PathBuf,
    log: PathBuf,
    authority: Authority,
    admin: Access,
    kubeconfig: PathBuf,
}

impl EmbeddedCluster {
    async fn populate(&self, options: &Options) -> Result<(), BackendError> {
        let client = self.admin.client().await?;
        create_nodes(&client, &options.pools, NO_KUBELET).await?;
        let not_ready = |source| BackendError::NotReady {
            part: NAME.to_owned(),
            source,
            log: ready::log_end(&self.log),
        };
        poll("the nodes", START_DEADLINE, || ready::nodes(&client))
            .await
            .map_err(not_ready)?;
        poll("the first service account", START_DEADLINE, || {
            ready::service_account(&client)
        })
        .await
        .map_err(not_ready)
    }
}

impl Cluster for EmbeddedCluster {
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
        &self.folder
    }

    fn logs(&self) -> Vec<(String, PathBuf)> {
        vec![(NAME.to_owned(), self.log.clone())]
    }

    /// The simulator writes none.
    fn audit_log(&self) -> Option<&Path> {
        None
    }
}

/// Becomes the simulator's process, and ends with it, if that is asked for.
pub(crate) fn run_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != ARGUMENT) {
        return;
    }
    let folder = arguments.next().map(PathBuf::from).unwrap_or_default();
    let code = match run(&folder) {
        Ok(()) => 0,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "{NAME}: {error}");
            1
        }
    };
    std::process::exit(code);
}

/// Serves until the world's folder is gone.
fn run(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::WARN)
        .init();
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let ca = read("ca.crt")?;
    let serving = Serving {
        certificate: read("server.crt")?,
        key: read("server.key")?,
        client_ca: ca.clone(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &serving).await?;
        let address = listener.address()?.to_string();
        let cluster = Simulated::new(ClusterOptions {
            root_ca: ca,
            ..ClusterOptions::default()
        });
        // Renamed into place: whoever reads it reads all of it.
        let (new, place) = (folder.join("address.new"), folder.join(ADDRESS));
        std::fs::write(&new, address)?;
        std::fs::rename(&new, &place)?;
        tokio::select! {
            () = listener.serve(cluster.server().clone()) => {}
            () = cluster.controllers().run() => {}
            () = until_gone(folder) => {}
        }
        Ok(())
    })
}

async fn until_gone(folder: &Path) {
    while folder.exists() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
