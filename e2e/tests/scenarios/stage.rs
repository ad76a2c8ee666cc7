//! The world that all scenarios share, and the programs they run.

use std::path::PathBuf;
use std::sync::OnceLock;

use libtest_mimic::{Failed, Trial};
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::build::{GO_MODULES, go_program, rust_program};
use seedling_e2e::driver::Cli;
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::PROVIDER;
use seedling_e2e::require::{Need, find_program};
use seedling_e2e::trial::trial;
use seedling_e2e::world::World;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::cluster::Cluster;
use crate::folder::Folder;

/// What every scenario needs of the machine.
pub const NEEDS: &[Need] = &[Need::Process, Need::Terraform];

static STAGE: OnceLock<Stage> = OnceLock::new();

/// A runtime, because a client belongs to the one it was made on; and what is started by the first scenario that needs it.
pub struct Stage {
    runtime: Runtime,
    set: OnceCell<Result<Set, String>>,
}

struct Set {
    world: World,
    terraform: Cli,
    provider: PathBuf,
    control_plane: PathBuf,
}

/// A scenario as a test.
pub fn scenario<F>(name: &str, needs: &'static [Need], play: fn(&'static Stage) -> F) -> Trial
where
    F: Future<Output = Result<(), Failed>> + 'static,
{
    trial(name, needs, move || {
        let stage = STAGE.get_or_init(|| Stage {
            runtime: Runtime::new().unwrap(),
            set: OnceCell::new(),
        });
        stage.runtime.block_on(async {
            stage.set.get_or_init(set_up).await;
            play(stage).await
        })
    })
}

/// Ends the world: it lives in a static, which is never dropped.
pub fn stop() {
    if let Some(stage) = STAGE.get()
        && let Some(Ok(set)) = stage.set.get()
    {
        stage.runtime.block_on(set.world.stop()).unwrap();
    }
}

async fn set_up() -> Result<Set, String> {
    let wrong = |error: &dyn std::fmt::Display| error.to_string();
    let (name, variable) = PROVIDER;
    let provider = rust_program(name, variable, &Lines)
        .await
        .map_err(|e| wrong(&e))?;
    let control_plane = go_program(GO_MODULES.control_plane, &Lines)
        .await
        .map_err(|e| wrong(&e))?;
    let terraform = find_program("terraform").ok_or("no terraform in PATH")?;
    let terraform = Cli::at(&terraform).map_err(|e| wrong(&e))?;
    let world = World::start(&ProcessBackend, &Options::default(), &Lines)
        .await
        .map_err(|e| wrong(&e))?;
    Ok(Set {
        world,
        terraform,
        provider,
        control_plane,
    })
}

impl Stage {
    fn set(&self) -> Result<&Set, Failed> {
        self.set
            .get()
            .ok_or("not started")?
            .as_ref()
            .map_err(Failed::from)
    }

    /// The shared world.
    pub fn world(&self) -> Result<&World, Failed> {
        Ok(&self.set()?.world)
    }

    /// The provider's program.
    pub fn provider(&self) -> Result<PathBuf, Failed> {
        Ok(self.set()?.provider.clone())
    }

    /// The scenario's own eyes and hands in the shared world.
    pub fn cluster(&self) -> Result<Cluster, Failed> {
        let set = self.set()?;
        Ok(Cluster::of(&set.world, set.control_plane.clone()))
    }

    /// The same in another world.
    pub fn cluster_of(&self, world: &World) -> Result<Cluster, Failed> {
        Ok(Cluster::of(world, self.set()?.control_plane.clone()))
    }

    /// A folder of a new project, with terraform.
    pub fn folder(&self, project: &str) -> Result<Folder, Failed> {
        self.folder_of(project, project, &self.set()?.terraform)
    }

    /// A folder for a project that may have others, with a given command line.
    pub fn folder_of(&self, name: &str, project: &str, cli: &Cli) -> Result<Folder, Failed> {
        let access = self.world()?.cluster().admin();
        Folder::new(self, name, project, cli, access.sandbox())
    }

    /// HashiCorp's command line.
    pub fn terraform(&self) -> Result<&Cli, Failed> {
        Ok(&self.set()?.terraform)
    }
}

/// OpenTofu, built where it is not installed.
pub async fn tofu() -> Result<Cli, Failed> {
    let path = match find_program("tofu") {
        Some(path) => path,
        None => go_program(GO_MODULES.tofu, &Lines).await?,
    };
    Ok(Cli::at(&path)?)
}
