//! Objects are deleted behind the provider's back; the plan notices each, the apply brings each back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::heal;
use super::{Outcome, Step, count};
use crate::driver::documents::StateResource;
use crate::driver::root::Plan;
use crate::poll::{Look, poll};
use crate::progress::Progress as _;
use crate::proof::cluster::compare;
use crate::proof::cluster::objects::{self, Live};
use crate::proof::{Proof, ProofError};

/// How long the cluster may take to remove what was deleted: a namespace goes with all it holds.
const REMOVAL: Duration = Duration::from_mins(3);

/// Kinds whose object stands for its resource.
const LEADING: [&str; 6] = [
    "Namespace",
    "Deployment",
    "Gateway",
    "HTTPRoute",
    "Ingress",
    "RoleBinding",
];

/// Deletes first what belongs to the leading objects, then everything.
pub struct DeleteObjects;

#[async_trait]
impl Step for DeleteObjects {
    fn key(&self) -> &'static str {
        "deletion"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(30)
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let all = in_use(proof).await?;
        if all.is_empty() {
            return Ok(Outcome::NotRun(
                "the configuration has no objects in the cluster".to_owned(),
            ));
        }
        if let Some(reason) = heal::unhealed(proof, until).await? {
            return Ok(Outcome::NotRun(reason));
        }
        let before = compare::snapshot(&all);
        // The cluster keeps a storage claim for as long as a pod uses it: it goes with everything else only.
        let stays = |object: &&Live| {
            let kind = object.resource.kind.as_str();
            LEADING.contains(&kind) || kind == "PersistentVolumeClaim"
        };
        let parts: Vec<Live> = all
            .iter()
            .filter(|object| !stays(object))
            .cloned()
            .collect();
        if !parts.is_empty() {
            delete(proof, &parts).await?;
            heal::heal(
                proof,
                "parts-deleted",
                &before,
                &damage(&parts),
                until,
                |plan, resources| found(plan, resources, &parts),
            )
            .await?;
        }
        let everything = in_use(proof).await?;
        delete(proof, &everything).await?;
        heal::heal(
            proof,
            "all-deleted",
            &before,
            &damage(&everything),
            until,
            |plan, resources| found(plan, resources, &everything),
        )
        .await?;
        let compared = format!(
            "{} deleted and missed one by one, then all {}: noticed, healed, all objects as before",
            count(parts.len(), "part"),
            count(everything.len(), "object")
        );
        Ok(Outcome::held(compared))
    }
}

/// The objects that would be missed.
async fn in_use(proof: &Proof<'_>) -> Result<Vec<Live>, ProofError> {
    let all = objects::of_projects(&proof.client).await?;
    Ok(all
        .iter()
        .filter(|object| !compare::is_spare(object, &all))
        .cloned()
        .collect())
}

/// Deletes objects and waits until they are gone.
async fn delete(proof: &Proof<'_>, objects: &[Live]) -> Result<(), ProofError> {
    proof
        .live
        .update(&format!("deleting {}", count(objects.len(), "object")));
    for object in objects {
        object.delete(&proof.client).await?;
    }
    poll("the removal of the deleted objects", REMOVAL, || async {
        let mut left = Vec::new();
        for object in objects {
            match object.again(&proof.client).await {
                Ok(None) => {}
                Ok(Some(_)) => left.push(object.to_string()),
                Err(error) => left.push(error.to_string()),
            }
        }
        if left.is_empty() {
            Look::Done(())
        } else {
            Look::NotYet(format!("still there: {}", left.join(", ")))
        }
    })
    .await?;
    Ok(())
}

/// Every deleted object, in words.
fn damage(deleted: &[Live]) -> BTreeSet<String> {
    deleted.iter().map(ToString::to_string).collect()
}

/// The deleted objects that a root's plan misses.
fn found(plan: &Plan, resources: &[&StateResource], deleted: &[Live]) -> BTreeSet<String> {
    let missed = deleted
        .iter()
        .filter(|object| heal::noticed(plan, resources, object).misses(object));
    missed.map(ToString::to_string).collect()
}
