//! `seedling doctor`: what works here.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use seedling_e2e::build::{GO_MODULES, go_program};
use seedling_e2e::driver::Cli;
use seedling_e2e::report::Live;
use seedling_e2e::require::{Need, find_program};

use crate::failure::Failure;
use crate::say;

/// Say which command lines and clusters work on this machine, and what would enable the others.
///
/// Exit code 0 if `seedling test` can run: that needs one command line, as the backend `embedded` needs nothing.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Build this program now instead of on first use, and print where it is.
    #[arg(long, value_name = "PROGRAM")]
    build: Option<Buildable>,
}

/// What is built with Go, once, into the user's cache folder.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Buildable {
    /// The real Kubernetes programs of the backend `process`.
    ControlPlane,
    /// `OpenTofu`'s command line.
    Tofu,
}

impl Doctor {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        match self.build {
            Some(program) => build(program).await,
            None => Ok(Self::examine()),
        }
    }

    fn examine() -> ExitCode {
        let findings: Vec<(Need, Result<String, String>)> = Need::ALL
            .into_iter()
            .map(|need| (need, look(need)))
            .collect();
        for (need, finding) in &findings {
            let (sign, text) = match finding {
                Ok(text) => ("✓", text),
                Err(text) => ("✗", text),
            };
            say::out(&format!("{sign} {:10} {text}", need.name()));
        }
        let works = |wanted: Need| {
            findings
                .iter()
                .any(|(need, finding)| *need == wanted && finding.is_ok())
        };
        if !works(Need::Terraform) && !works(Need::Tofu) {
            say::out(
                "\n`seedling test` cannot run here yet: it needs one of the two command lines",
            );
            return ExitCode::FAILURE;
        }
        say::out(if works(Need::Process) {
            "\n`seedling test` can run here, on the simulated cluster and on the real API server (`--on process`)"
        } else {
            "\n`seedling test` can run here, on the simulated cluster"
        });
        ExitCode::SUCCESS
    }
}

async fn build(program: Buildable) -> Result<ExitCode, Failure> {
    let module = match program {
        Buildable::ControlPlane => GO_MODULES.control_plane,
        Buildable::Tofu => GO_MODULES.tofu,
    };
    let live = Live::new();
    let built = go_program(module, &live).await;
    live.finish();
    let path = built
        .map_err(|error| Failure::new(error.to_string()).with_hint(Some(error.what_helps())))?;
    say::out(&path.display().to_string());
    Ok(ExitCode::SUCCESS)
}

/// What there is, or what is missing and how to get it.
fn look(need: Need) -> Result<String, String> {
    need.check()
        .map_err(|missing| format!("{}; to enable it, {}", missing.missing, missing.enable))?;
    match need {
        Need::Terraform | Need::Tofu => match find_program(need.name()) {
            Some(path) => Cli::at(&path)
                .map(|cli| cli.to_string())
                .map_err(|error| error.to_string()),
            None => Ok("is built with Go on first use".to_owned()),
        },
        Need::Process => Ok(
            "a control plane of real Kubernetes programs, built with Go on first use".to_owned(),
        ),
        Need::Kubectl | Need::Kind | Need::Registry | Need::Actionlint => {
            Ok(find_program(need.name())
                .map_or_else(String::new, |path| path.display().to_string()))
        }
    }
}
