//! A simulator in this process, on a port of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::Failed;
use seedling_azure_sim::Simulator;
use seedling_azure_sim::authority::Authority;
use seedling_azure_sim::clock::{Clock, RunningClock};
use seedling_azure_sim::http::Listener;
use seedling_azure_sim::settings::Settings;
use seedling_azure_sim::store::{Seed, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A served simulator; it ends with this.
pub struct Served {
    pub simulator: Simulator,
    pub seed: Seed,
    /// The certificate to trust.
    pub authority: PathBuf,
    /// For the client's own files.
    pub home: TempDir,
    _runtime: Runtime,
}

impl Served {
    pub fn new(settings: Settings) -> Result<Served, Failed> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let home = tempfile::tempdir()?;
        let authority = Authority::new()?;
        let certificate = home.path().join("authority.pem");
        std::fs::write(&certificate, authority.certificate())?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = runtime.block_on(Listener::bind(address, &authority))?;
        let clock = Arc::new(RunningClock);
        let seed = Seed::default();
        let world = World::new(&seed, clock.now());
        let simulator = Simulator::new(world, settings, clock, authority, listener.url()?)?;
        runtime.spawn(listener.serve(simulator.clone()));
        runtime.spawn(simulator.clone().run());
        Ok(Served {
            simulator,
            seed,
            authority: certificate,
            home,
            _runtime: runtime,
        })
    }

    /// The object id of the first application's service principal.
    pub fn principal(&self) -> String {
        self.simulator
            .edit(|world, _| world.directory.applications[0].object_id.clone())
    }
}
