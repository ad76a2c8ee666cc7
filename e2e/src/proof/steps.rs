//! The steps, one file each.

mod access;
mod apply;
mod delete_objects;
mod destroy;
mod drift;
mod empty_plan;
mod heal;
mod import;
mod plan;
mod rolling;
mod secrets;
mod validate;

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::run::selected;
use super::{Proof, ProofError};

/// How a step ended without an error.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Everything compared was as it should be.
    Held {
        /// What was compared, in one line.
        compared: String,
        /// What else a reader should know.
        notes: Vec<String>,
    },
    /// There was nothing to compare, for this reason.
    NotRun(String),
}

impl Outcome {
    /// Held, with nothing to add.
    pub fn held(compared: impl Into<String>) -> Self {
        Self::Held {
            compared: compared.into(),
            notes: Vec::new(),
        }
    }
}

/// One step of the proof.
#[async_trait]
pub trait Step: Send + Sync {
    /// The name by which users choose it.
    fn key(&self) -> &'static str;

    /// The name that is shown: with its root, where it has one.
    fn name(&self, proof: &Proof<'_>) -> String {
        let _ = proof;
        self.key().to_owned()
    }

    /// How long it may take.
    fn deadline(&self) -> Duration;

    /// Whether the steps after it stand on it.
    fn carries_the_rest(&self) -> bool {
        false
    }

    /// Whether it is run even if only another step was asked for.
    fn is_foundation(&self) -> bool {
        false
    }

    /// Whether it means something even after a step that carries the rest broke.
    fn runs_always(&self) -> bool {
        false
    }

    /// Does it.
    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError>;
}

/// Names that `--only` takes.
pub const NAMES: [&str; 11] = [
    "validate",
    "plan",
    "apply",
    "empty-plan",
    "drift",
    "deletion",
    "import",
    "access",
    "rolling",
    "destroy",
    "secrets",
];

/// The step that searches what the others have written.
pub(super) const LAST: &str = NAMES[NAMES.len() - 1];

/// All steps for the proof's roots, in order, or those needed for some of [`NAMES`].
pub fn all(proof: &Proof<'_>, only: &[String]) -> Vec<Box<dyn Step>> {
    let roots = 0..proof.roots.len();
    let mut steps: Vec<Box<dyn Step>> = roots
        .clone()
        .map(|root| Box::new(validate::Validate { root }) as _)
        .collect();
    for root in roots {
        steps.push(Box::new(plan::Plan { root }));
        steps.push(Box::new(apply::Apply { root }));
        steps.push(Box::new(empty_plan::EmptyPlan { root }));
    }
    steps.push(Box::new(drift::Drift));
    steps.push(Box::new(delete_objects::DeleteObjects));
    steps.push(Box::new(import::Import));
    steps.push(Box::new(access::Access));
    steps.push(Box::new(rolling::Rolling));
    steps.push(Box::new(destroy::Destroy));
    steps.push(Box::new(secrets::Secrets));
    steps.retain(|step| selected(step.as_ref(), only));
    steps
}

/// `1 resource`, `2 resources`.
pub(crate) fn count(number: usize, word: &str) -> String {
    if number == 1 {
        format!("1 {word}")
    } else {
        format!("{number} {word}s")
    }
}
