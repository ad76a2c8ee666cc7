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

/// What to do. Each command's help is the comment of its own type.
#[derive(Debug, Subcommand)]
pub enum Command {
    Test(test::Test),
    Up(up::Up),
    Down(down::Down),
    Sweep(sweep::Sweep),
    Review(Box<review::Review>),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Install(install::Install),
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
            Self::Doctor(command) => command.run().await,
        }
    }
}

/// Clusters to run on.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum On {
    /// A simulator of the Kubernetes API with its controllers: needs nothing but this program.
    #[default]
    Embedded,
    /// The real etcd, kube-apiserver, controller-manager and scheduler, with simulated nodes and pods.
    Process,
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
