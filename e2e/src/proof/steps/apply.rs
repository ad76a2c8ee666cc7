//! The saved plan is applied; what the state says exists in the cluster, finished.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Outcome, Step, count};
use crate::proof::cluster::{objects, owners};
use crate::proof::{Proof, ProofError};

/// The apply of one root's first plan.
pub struct Apply {
    /// Its position.
    pub root: usize,
}

#[async_trait]
impl Step for Apply {
    fn key(&self) -> &'static str {
        "apply"
    }

    fn name(&self, proof: &Proof<'_>) -> String {
        format!("apply{}", proof.suffix(self.root))
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(30)
    }

    fn carries_the_rest(&self) -> bool {
        true
    }

    fn is_foundation(&self) -> bool {
        true
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let root = &proof.roots[self.root];
        let Some(plan) = proof.plans.remove(&root.name) else {
            return Ok(Outcome::NotRun("there is no plan to apply".to_owned()));
        };
        root.apply(&plan, until).await?;
        let state = root.state(until).await?;
        let planned = plan.document.touched().count();
        if state.resources().len() < planned {
            let found = format!(
                "{} planned, but only {} in the state",
                count(planned, "resource"),
                state.resources().len()
            );
            return Err(ProofError::broken(found));
        }
        let objects = objects::of_projects(&proof.client).await?;
        for object in &objects {
            proof.artefacts.write_object(
                &format!("objects/{}.json", object.file_name()),
                &object.json,
            )?;
        }
        check_ownership(&state.ours(), &objects)?;
        let compared = format!(
            "{} in the state, each with its objects in the cluster ({} of the project, none unfinished)",
            count(state.resources().len(), "resource"),
            count(objects.len(), "object")
        );
        Ok(Outcome::held(compared))
    }
}

/// Each resource has an object that carries its labels, and no object says that its resource is unfinished.
fn check_ownership(
    resources: &[&crate::driver::documents::StateResource],
    objects: &[objects::Live],
) -> Result<(), ProofError> {
    let mut found: Vec<String> = objects
        .iter()
        .filter(|object| object.annotation(objects::UNFINISHED).is_some())
        .map(|object| format!("{object} is still marked as unfinished"))
        .collect();
    for resource in resources {
        if !objects.iter().any(|object| owners::owns(resource, object)) {
            found.push(format!(
                "{} is in the state, but no object in the cluster carries its labels",
                resource.address
            ));
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(ProofError::broken(found.join("\n")))
    }
}
