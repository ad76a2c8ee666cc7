//! The configuration is installed and valid without a cluster.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Outcome, Step};
use crate::proof::{Proof, ProofError};

/// `init` and `validate` of one root.
pub struct Validate {
    /// Its position.
    pub root: usize,
}

#[async_trait]
impl Step for Validate {
    fn key(&self) -> &'static str {
        "validate"
    }

    fn name(&self, proof: &Proof<'_>) -> String {
        format!("validate{}", proof.suffix(self.root))
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(3)
    }

    fn carries_the_rest(&self) -> bool {
        true
    }

    fn is_foundation(&self) -> bool {
        true
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let root = &proof.roots[self.root];
        root.init(until).await?;
        let finished = root.validate(until).await?;
        let warnings = finished.stdout.matches("Warning:").count();
        let modules = super::count(root.configuration.modules.len(), "module");
        Ok(Outcome::held(format!(
            "{modules} valid, {}",
            super::count(warnings, "warning")
        )))
    }
}
