//! `seedling review`: what a plan will do, in one comment.

mod input;
mod prove;

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use rustls::crypto::aws_lc_rs;
use seedling_review::cost::Prices;
use seedling_review::write::{self, Flavour};
use seedling_review::{Kind, Options, Review as Reviewed, same};

use super::On;
use crate::failure::Failure;
use crate::say;

/// A person is needed: something of a kind in `--fail-on` will happen, or something that was not reviewed.
const NEEDS_A_PERSON: u8 = 2;
/// The review could not be made.
const ERROR: u8 = 1;

/// Say what a saved plan will do, the most dangerous first, without any secret.
///
/// Exit code 0 if nothing needs a person, 2 if something does, 1 if the plan cannot be reviewed.
#[derive(Debug, Args)]
pub struct Review {
    /// Plans: JSON from `show -json`, plan files, or folders that hold one (`plan.json`, `tfplan` or one `*.tfplan`);
    /// `-` reads JSON from the standard input. Each is called by its folder.
    #[arg(value_name = "PLAN", required = true)]
    plans: Vec<PathBuf>,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where to write it [default: the standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What needs a person, by kind; `none` for nothing.
    #[arg(
        long,
        value_name = "KIND,…",
        value_delimiter = ',',
        default_value = "loss,unreadable,destroy,downtime,access,exposure,check"
    )]
    fail_on: Vec<FailOn>,
    /// A price table instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Refuse whatever this review (in JSON form) does not hold. Secret values may change; they are named by key.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fail_on", "prove"])]
    same_as: Option<PathBuf>,
    /// Apply the configuration BASE and then HEAD on a cluster made for it, and add what happened. Can be repeated.
    #[arg(long, num_args = 2, value_names = ["BASE", "HEAD"])]
    prove: Vec<PathBuf>,
    /// A variable's value for `--prove`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::assignment, requires = "prove")]
    var: Vec<(String, String)>,
    /// The cluster for `--prove`.
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "BACKEND",
        requires = "prove"
    )]
    on: On,
    /// terraform or tofu, for plan files and `--prove` [default: the one whose registry the lock file names].
    #[arg(long, env = "SEEDLING_CLI", value_name = "PATH")]
    cli: Option<PathBuf>,
}

/// The form of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For `--same-as` and for programs.
    Json,
    /// A comment on GitHub.
    Github,
    /// A comment on GitLab.
    Gitlab,
    /// A comment in Azure DevOps.
    AzureDevops,
}

/// One kind of finding, or none.
#[derive(Clone, Copy, Debug)]
struct FailOn(Option<Kind>);

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            kind => kind.parse().map(|kind| Self(Some(kind))),
        }
    }
}

impl Review {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        self.review()
            .await
            .map_err(|failure| failure.with_code(ERROR))
    }

    async fn review(self) -> Result<ExitCode, Failure> {
        let earlier = self.earlier()?;
        let key = match &earlier {
            Some(review) => review.key.clone(),
            None => random_key()?,
        };
        let options = Options {
            prices: self.prices()?,
            key,
            compares: self.plans.len() > 1,
        };
        let mut review = Reviewed::new(&options);
        for plan in input::labelled(&self.plans)? {
            input::read(&plan, self.cli.as_deref(), &options, &mut review).await?;
        }
        if let Some(earlier) = earlier {
            return self.compare(&earlier, &review);
        }
        for pair in self.prove.chunks_exact(2) {
            let proved = prove::prove(&pair[0], &pair[1], &self.var, self.cli.clone(), self.on);
            review.proved.push(proved.await?);
        }
        self.tell(&self.written(&review)?)?;
        let kinds: Vec<Kind> = self.fail_on.iter().filter_map(|kind| kind.0).collect();
        let held = review.proved.iter().all(|proved| proved.held);
        Ok(if held && review.risky(&kinds).next().is_none() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(NEEDS_A_PERSON)
        })
    }

    fn earlier(&self) -> Result<Option<Reviewed>, Failure> {
        let Some(file) = &self.same_as else {
            return Ok(None);
        };
        let review = input::text(file)?;
        let review = Reviewed::from_json(&review);
        let review = review.map_err(|error| {
            let hint = "make it with: seedling review --format json --out reviewed.json PLAN";
            Failure::new(format!("{}: {error}", file.display())).with_hint(Some(hint))
        });
        review.map(Some)
    }

    fn prices(&self) -> Result<Prices, Failure> {
        let prices = match &self.prices {
            Some(file) => Prices::parse(&input::text(file)?),
            None => Prices::built_in(),
        };
        prices.map_err(|error| Failure::new(error.to_string()))
    }

    fn written(&self, review: &Reviewed) -> Result<String, Failure> {
        let flavour = match self.format {
            Format::Json => {
                let json = write::json(review);
                return json.map_err(|error| Failure::new(error.to_string()));
            }
            Format::Text => Flavour::Text,
            Format::Github => Flavour::GitHub,
            Format::Gitlab => Flavour::GitLab,
            Format::AzureDevops => Flavour::AzureDevOps,
        };
        Ok(write::text(review, flavour))
    }

    fn compare(&self, earlier: &Reviewed, now: &Reviewed) -> Result<ExitCode, Failure> {
        let comparison = same::compare(earlier, now);
        self.tell(&comparison.to_string())?;
        Ok(if comparison.refused.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(NEEDS_A_PERSON)
        })
    }

    fn tell(&self, text: &str) -> Result<(), Failure> {
        match &self.out {
            None => say::out(text.trim_end()),
            Some(file) => std::fs::write(file, text).map_err(|error| {
                Failure::new(format!("{} cannot be written: {error}", file.display()))
            })?,
        }
        Ok(())
    }
}

/// The key of the fingerprints: nobody who sees only a comment can guess values by it.
fn random_key() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    let random = aws_lc_rs::default_provider().secure_random;
    random
        .fill(&mut bytes)
        .map_err(|_| Failure::new("the operating system gave no random bytes; try again"))?;
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    Ok(digits.collect::<Vec<_>>().concat())
}
