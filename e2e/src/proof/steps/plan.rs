//! The first plan creates everything and nothing else.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Outcome, Step};
use crate::driver::root::PlanMode;
use crate::proof::{Proof, ProofError};

/// The first plan of one root, saved for its apply.
pub struct Plan {
    /// Its position.
    pub root: usize,
}

#[async_trait]
impl Step for Plan {
    fn key(&self) -> &'static str {
        "plan"
    }

    fn name(&self, proof: &Proof<'_>) -> String {
        format!("plan{}", proof.suffix(self.root))
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(5)
    }

    fn carries_the_rest(&self) -> bool {
        true
    }

    fn is_foundation(&self) -> bool {
        true
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let root = &proof.roots[self.root];
        let plan = root.plan("first", PlanMode::Normal, until).await?;
        proof
            .artefacts
            .write(&format!("plans/{}-first.txt", root.name), &plan.text)?;
        let changes = &plan.document.resource_changes;
        let others: Vec<String> = plan
            .document
            .touched()
            .filter(|change| change.change.actions != ["create"])
            .map(|change| format!("{}: {}", change.address, change.change.actions.join(", ")))
            .collect();
        if !others.is_empty() {
            let found = format!(
                "a first plan may only create, but this one does:\n{}",
                others.join("\n")
            );
            return Err(ProofError::broken(found));
        }
        let created = plan.document.touched().count();
        let compared = format!(
            "{} to create, none to change or remove",
            super::count(created, "resource")
        );
        if changes.is_empty() {
            return Err(ProofError::broken_with(
                "the configuration has no resources: there is nothing to prove",
                "name the folder of a root module with resources",
            ));
        }
        proof.plans.insert(root.name.clone(), plan);
        Ok(Outcome::held(compared))
    }
}
