//! `seedling test`: the standard proof.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use seedling_e2e::driver::Interrupt;
use seedling_e2e::proof::{Launched, Request, launch};
use seedling_e2e::report::{Live, json};

use super::On;
use crate::failure::Failure;
use crate::say;

/// Prove a configuration on a cluster made for it: apply, drift, import, access, rolling update, destroy.
///
/// The real terraform or tofu works on a copy of the folder. Nothing of your own set-up takes part: no state, backend,
/// registry or CLI configuration. Exit code 0 only if every step held; 1 if one broke; 2 if nothing could be proved.
#[derive(Debug, Args)]
pub struct Test {
    /// Folders of root modules; several are applied in this order into one cluster, and destroyed in reverse.
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The cluster to run on.
    #[arg(long, value_enum, default_value_t, value_name = "BACKEND")]
    on: On,
    /// terraform or tofu, 1.11 or newer [default: tofu, then terraform, from PATH].
    #[arg(long, env = "SEEDLING_CLI", value_name = "PATH")]
    cli: Option<PathBuf>,
    /// The old configuration for the rolling step, once for each DIR.
    #[arg(long, value_name = "DIR", conflicts_with = "old_var")]
    old: Vec<PathBuf>,
    /// A variable that had another value in the old configuration.
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::assignment)]
    old_var: Vec<(String, String)>,
    /// A variable's value. Ephemeral and sensitive ones without a value get random ones, which are searched for.
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::assignment)]
    var: Vec<(String, String)>,
    /// Source of a provider that may be used besides seedling, random, null, time, tls and local.
    #[arg(long, value_name = "SOURCE")]
    provider: Vec<String>,
    /// A folder with such providers (HOST/NAMESPACE/TYPE/…), besides the plugin cache.
    #[arg(long, value_name = "DIR")]
    mirror: Vec<PathBuf>,
    /// Where to put logs, plans, objects and reports [default: a new folder for temporary files].
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Run only these steps, with those they stand on.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Leave the cluster running; end it with `seedling down`.
    #[arg(long)]
    keep: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let interrupt = Interrupt::listen()?;
        let live = Live::new();
        let (backend, as_json) = (self.on.backend(), self.json);
        let request = self.request();
        let launched = launch(&request, &*backend, &live, &interrupt).await;
        live.finish();
        let launched = launched?;
        tell(&launched, as_json);
        if interrupt.is_pressed() {
            return Err(Failure::interrupted());
        }
        Ok(if launched.report.held() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn request(self) -> Request {
        let pairs = |pairs: Vec<(String, String)>| pairs.into_iter().collect::<BTreeMap<_, _>>();
        Request {
            roots: self.folders,
            old: self.old,
            variables: pairs(self.var),
            old_variables: pairs(self.old_var),
            cli: self.cli,
            providers: self.provider,
            mirrors: self.mirror,
            artefacts: self.artifacts,
            only: self.only,
            keep: self.keep,
        }
    }
}

fn tell(launched: &Launched, as_json: bool) {
    if as_json {
        say::out(&format!("{:#}", json::render(&launched.report)));
    } else {
        say::out(&format!("\n{}", launched.report.summary()));
        say::out(&format!(
            "artefacts: {}",
            launched.artefacts.folder().join("report.md").display()
        ));
    }
    if let Some(world) = &launched.kept {
        super::up::tell(world, None);
    }
}
