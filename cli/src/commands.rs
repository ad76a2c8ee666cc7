//! The commands, one file each.

mod diff;
mod doctor;
mod down;
mod explain;
mod install;
mod review;
mod sweep;
mod test;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use seedling_e2e::backend::{Backend, EmbeddedBackend, ProcessBackend};

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
    /// Say what a saved plan will do, the most dangerous first.
    Review(Box<review::Review>),
    /// Say in what two live environments differ, without any secret.
    Diff(diff::Diff),
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
            Self::Review(command) => command.run().await,
            Self::Diff(command) => command.run().await,
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
    /// A simulator of the Kubernetes API with its controllers: needs nothing but this program.
    Embedded,
}

impl On {
    fn backend(self) -> Box<dyn Backend> {
        match self {
            Self::Process => Box::new(ProcessBackend),
            Self::Embedded => Box::new(EmbeddedBackend),
        }
    }
}

/// `NAME=VALUE`
fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    if name.is_empty() {
        Err("the name is missing".into())
    } else {
        Ok((name.to_owned(), value.to_owned()))
    }
}
