//! `seedling up`: a cluster that stays.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use seedling_e2e::backend::Options;
use seedling_e2e::build::rust_program;
use seedling_e2e::driver::{DriverError, Interrupt, mirror};
use seedling_e2e::ledger::Record;
use seedling_e2e::proof::PROVIDER;
use seedling_e2e::report::Live;
use seedling_e2e::world::World;

use super::On;
use crate::failure::Failure;
use crate::say;

/// Start a cluster, leave it running, and print what kubectl, terraform and tofu need to use it.
#[derive(Debug, Args)]
pub struct Up {
    /// A configuration to name in the printed commands.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The cluster to start.
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND")]
    on: On,
}

impl Up {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        if let Some(folder) = self.folder.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(DriverError::NoFolder(folder.clone()).into());
        }
        let interrupt = Interrupt::listen()?;
        let live = Live::new();
        let provider = rust_program(PROVIDER.0, PROVIDER.1, &live).await?;
        let backend = self.on.backend();
        let options = Options::default();
        live.begin("cluster");
        let world = tokio::select! {
            world = World::start(&*backend, &options, &live) => world?,
            () = interrupt.pressed(1) => return Err(Failure::interrupted()),
        };
        live.finish();
        mirror::write(world.cluster().folder(), &provider)?;
        tell(&world.keep()?, self.folder.as_deref());
        Ok(ExitCode::SUCCESS)
    }
}

/// What to type to use a world, as shell commands.
pub(super) fn tell(world: &Record, folder: Option<&Path>) {
    let about = |key: &str| world.about.get(key).map_or("", String::as_str);
    say::out(&format!(
        "world {} on {} is running; end it with: seedling down {}",
        world.id, world.backend, world.id
    ));
    say::out(&format!("export KUBECONFIG='{}'", about("kubeconfig")));
    say::out(&format!("export SEEDLING_SANDBOX='{}'", about("sandbox")));
    let configuration = world
        .folders
        .iter()
        .map(|folder| folder.join(mirror::CLI_CONFIGURATION))
        .find(|file| file.exists());
    if let Some(configuration) = configuration {
        say::out(&format!(
            "export TF_CLI_CONFIG_FILE='{}'",
            configuration.display()
        ));
    }
    if let Some(folder) = folder {
        say::out(&format!(
            "cd '{}' && tofu init && tofu apply",
            folder.display()
        ));
    }
}
