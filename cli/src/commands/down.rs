//! `seedling down`: ends a cluster that was left running.

use std::process::ExitCode;

use clap::Args;
use seedling_e2e::ledger;

use crate::failure::Failure;
use crate::say;

/// End a cluster that was left running.
#[derive(Debug, Args)]
pub struct Down {
    /// Its name [default: the only one].
    #[arg(value_name = "WORLD")]
    world: Option<String>,
    /// End all of them.
    #[arg(long, conflicts_with = "world")]
    all: bool,
}

impl Down {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let names = match self.world {
            Some(name) => vec![name],
            None => running(self.all)?,
        };
        for name in names {
            super::sweep::tell(&ledger::down(&name)?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn running(all: bool) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = ledger::kept()?
        .into_iter()
        .map(|record| record.id)
        .collect();
    if names.is_empty() {
        say::out("no cluster is running");
    } else if names.len() > 1 && !all {
        let message = format!("{} clusters are running: {}", names.len(), names.join(", "));
        return Err(Failure::new(message).with_hint(Some("name one, or end all with --all")));
    }
    Ok(names)
}
