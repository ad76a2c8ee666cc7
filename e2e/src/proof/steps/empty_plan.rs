//! After an apply there is nothing to do.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Outcome, Step, count};
use crate::driver::Root;
use crate::driver::root::{Plan, PlanMode};
use crate::proof::{Proof, ProofError};

/// The plan of one root after its apply.
pub struct EmptyPlan {
    /// Its position.
    pub root: usize,
}

#[async_trait]
impl Step for EmptyPlan {
    fn key(&self) -> &'static str {
        "empty-plan"
    }

    fn name(&self, proof: &Proof<'_>) -> String {
        format!("empty plan{}", proof.suffix(self.root))
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(5)
    }

    fn is_foundation(&self) -> bool {
        true
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let root = &proof.roots[self.root];
        let plan = root.plan("empty", PlanMode::Normal, until).await?;
        proof
            .artefacts
            .write(&format!("plans/{}-empty.txt", root.name), &plan.text)?;
        must_be_empty(root, &plan, "right after the apply")?;
        Ok(Outcome::held(format!(
            "{} refreshed, nothing to do",
            count(plan.document.resource_changes.len(), "resource")
        )))
    }
}

/// The error of a plan that should have had nothing to do; it names what would be done.
pub(super) fn must_be_empty(root: &Root, plan: &Plan, when: &str) -> Result<(), ProofError> {
    if plan.is_empty {
        return Ok(());
    }
    let touched: Vec<String> = plan
        .document
        .touched()
        .map(|change| {
            let attributes = change.changed_attributes().join(", ");
            format!(
                "{}: {} ({attributes})",
                change.address,
                change.change.actions.join(" and ")
            )
        })
        .collect();
    let what = if touched.is_empty() {
        "outputs change".to_owned()
    } else {
        touched.join("\n")
    };
    Err(ProofError::broken(format!(
        "the plan of {} {when} is not empty:\n{what}",
        root.name
    )))
}
