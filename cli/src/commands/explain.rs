//! `seedling explain`: how a live service is doing, and what holds its rollout up.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::failure::Failure;
use crate::say;

/// Say how a live service is doing, and why.
///
/// That is: pods and reasons, the last warnings, the last log lines of a failing container. Reads only, with any kubeconfig;
/// secret values are blacked out.
#[derive(Debug, Args)]
pub struct Explain {
    /// The service, as `environment/name`.
    #[arg(value_name = "ENVIRONMENT/NAME", value_parser = service)]
    service: (String, String),
    /// The kubeconfig.
    #[arg(long, value_name = "FILE", env = "KUBECONFIG")]
    kubeconfig: PathBuf,
    /// The context in it; there is no default.
    #[arg(long)]
    context: String,
}

impl Explain {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let (environment, name) = self.service;
        let told =
            seedling_provider::explain(self.kubeconfig, self.context, &environment, &name).await;
        say::out(told.map_err(Failure::new)?.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}

fn service(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((environment, name)) if !environment.is_empty() && !name.is_empty() => {
            Ok((environment.to_owned(), name.to_owned()))
        }
        _ => Err("write it as environment/name, such as prod/api".to_owned()),
    }
}
