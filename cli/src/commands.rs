//! The commands, one file each.

mod doctor;
mod down;
mod explain;
mod install;
mod sweep;
mod test;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use seedling_e2e::backend::{Backend, ProcessBackend};

use crate::failure::Failure;

/// Tries Terraform and OpenTofu configurations that use the provider `seedling-dev/seedling` on this machine.
#[derive(Debug, Parser)]
#[command(name = "seedling", version, propagate_version = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prove a configuration on a cluster made for it: apply, drift, import, access, rolling update, destroy.
    Test(test::Test),
    /// Start a cluster and leave it running.
    Up(up::Up),
    /// End a cluster that was left running.
    Down(down::Down),
    /// Remove what runs that were killed have left.
    Sweep(sweep::Sweep),
    /// Say how a live service is doing, and why.
    Explain(explain::Explain),
    /// Put the provider where terraform and tofu find it by themselves.
    Install(install::Install),
    /// Say what works on this machine, and what would enable the rest.
    Doctor(doctor::Doctor),
}

impl Command {
    /// Does it.
    pub async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Test(command) => command.run().await,
            Self::Up(command) => command.run().await,
            Self::Down(command) => command.run(),
            Self::Sweep(command) => command.run(),
            Self::Explain(command) => command.run().await,
            Self::Install(command) => command.run().await,
            Self::Doctor(command) => Ok(command.run()),
        }
    }
}

/// Clusters to run on.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum On {
    /// The real etcd, kube-apiserver, controller-manager and scheduler, with simulated nodes and pods.
    #[default]
    Process,
}

impl On {
    fn backend(self) -> Box<dyn Backend> {
        match self {
            Self::Process => Box::new(ProcessBackend),
        }
    }
}
