//! `seedling diff`: in what two live environments differ.

mod live;
mod side;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use seedling_review::between::{self, Between};
use seedling_review::write::{self, Flavour};

use crate::failure::Failure;
use crate::say;
use live::Live;

/// The two differ.
const DIFFERENT: u8 = 1;

/// Say in what two live environments differ, without any secret.
///
/// That is: services and ingresses on one side only, images, sizes, configuration by key, keys of secrets that one side lacks;
/// never a value of `config`, files or secrets. Reads only, and no Secrets at all: the role `view` or `plan` is enough.
///
/// Exit code 0 if they are alike, 1 if they differ, 2 if they cannot be compared.
#[derive(Debug, Args)]
pub struct Diff {
    /// An environment, such as `dev`.
    one: String,
    /// Another one, such as `prod`.
    other: String,
    /// The kubeconfig.
    #[arg(long, value_name = "FILE", env = "KUBECONFIG")]
    kubeconfig: PathBuf,
    /// The context in it; there is no default. Given twice, the second is that of the other environment.
    #[arg(long, required = true)]
    context: Vec<String>,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The form of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// Markdown, as GitHub reads it.
    Github,
}

impl Diff {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let (first, second) = match self.context.as_slice() {
            [both] => (both, both),
            [first, second] => (first, second),
            more => {
                return Err(
                    Failure::new(format!("--context was given {} times", more.len()))
                        .with_hint(Some("give one for both environments, or one for each")),
                );
            }
        };
        if self.one == self.other && first == second {
            return Err(Failure::new(format!(
                "{} was named twice: there is nothing to compare",
                self.one
            )));
        }
        let (one, other) = tokio::try_join!(
            Box::pin(self.side(first, &self.one)),
            Box::pin(self.side(second, &self.other))
        )?;
        for guess in one.guesses.iter().chain(&other.guesses) {
            say::err(&format!("note: {guess}"));
        }
        let between = between::compare(&one.side, &other.side);
        say::out(self.written(&between)?.trim_end());
        Ok(if between.differences.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(DIFFERENT)
        })
    }

    async fn side(&self, context: &str, environment: &str) -> Result<side::Read, Failure> {
        let live = Live::connect(&self.kubeconfig, context, environment).await?;
        side::read(&live).await
    }

    fn written(&self, between: &Between) -> Result<String, Failure> {
        Ok(match self.format {
            Format::Text => write::differences(between, Flavour::Text),
            Format::Github => write::differences(between, Flavour::GitHub),
            Format::Json => serde_json::to_string_pretty(between)
                .map_err(|error| Failure::new(error.to_string()))?,
        })
    }
}
