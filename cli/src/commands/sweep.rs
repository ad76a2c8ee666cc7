//! `seedling sweep`: removes what killed runs have left.

use std::process::ExitCode;

use clap::Args;
use seedling_e2e::ledger::{self, Ended};

use crate::failure::Failure;
use crate::say;

/// Remove processes and folders of runs that were killed.
///
/// What still runs, and what was left on purpose, stays.
#[derive(Debug, Args)]
pub struct Sweep {}

impl Sweep {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Self {} = self;
        let ended = ledger::sweep()?;
        if ended.is_empty() {
            say::out("nothing was left behind");
        }
        ended.iter().for_each(tell);
        Ok(ExitCode::SUCCESS)
    }
}

/// What was ended.
pub(super) fn tell(ended: &Ended) {
    say::out(&format!(
        "ended {}: {} processes, {} folders",
        ended.id,
        ended.processes.len(),
        ended.folders.len()
    ));
}
