//! A protected environment refuses to be destroyed; with the protection lifted, a destroy leaves nothing.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::{Api, DeleteParams, ListParams};

use super::{Outcome, Step, count};
use crate::driver::root::PlanMode;
use crate::driver::{DriverError, Root};
use crate::poll::{Look, poll};
use crate::progress::Progress as _;
use crate::proof::cluster::objects::{self, PROJECT};
use crate::proof::{Proof, ProofError};

/// How long the garbage collector may take for what goes with its owner.
const COLLECTION: Duration = Duration::from_mins(1);

/// Destroys the roots, the last one first.
pub struct Destroy;

#[async_trait]
impl Step for Destroy {
    fn key(&self) -> &'static str {
        "destroy"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(20)
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let protected = show_refusals(proof, until).await?;
        proof.sandbox.content.lift_protection = true;
        proof.sandbox.write()?;
        let mut notes = Vec::new();
        for root in proof.roots.iter().rev() {
            proof.live.update(&format!("destroying {}", root.name));
            destroy(proof, root, &mut notes, until).await?;
        }
        notes.extend(remove_claims(proof).await?);
        nothing_left(proof).await?;
        let refused = match protected {
            0 => "no environment was protected".to_owned(),
            number => format!(
                "{} refused to go until unprotected",
                count(number, "environment")
            ),
        };
        Ok(Outcome::Held {
            compared: format!(
                "{refused}; then all went: no object, namespace or state entry is left"
            ),
            notes,
        })
    }
}

/// Plans the removal of every root with a protected environment; each must be refused by name.
async fn show_refusals(proof: &Proof<'_>, until: Instant) -> Result<usize, ProofError> {
    let mut number = 0;
    for root in &proof.roots {
        let state = root.state(until).await?;
        // Protection is the default: only a configuration that says so goes without.
        let is_protected = |value: Option<&serde_json::Value>| {
            value.and_then(serde_json::Value::as_bool) != Some(false)
        };
        let ours = state.ours();
        let protected: Vec<&str> = ours
            .iter()
            .filter(|r| {
                r.r#type == "seedling_environment"
                    && is_protected(r.values.get("deletion_protection"))
            })
            .map(|r| r.text("name"))
            .collect();
        if protected.is_empty() {
            continue;
        }
        let text = match root.plan("destroy-refused", PlanMode::Destroy, until).await {
            Err(DriverError::Failed { diagnostics, .. }) => diagnostics,
            Err(other) => return Err(other.into()),
            Ok(_) => {
                let found = format!(
                    "protected, but a destroy was planned all the same: {}",
                    protected.join(", ")
                );
                return Err(ProofError::broken(found));
            }
        };
        let unnamed: Vec<&&str> = protected
            .iter()
            .filter(|name| !text.contains(**name))
            .collect();
        if !text.contains("deletion_protection") || !unnamed.is_empty() {
            let found = format!(
                "the refusal to destroy does not name deletion_protection and {unnamed:?}:\n{text}"
            );
            return Err(ProofError::broken(found));
        }
        number += protected.len();
    }
    Ok(number)
}

/// Destroys a root. Storage that is kept on purpose holds its environment back: it is removed here, by name.
async fn destroy(
    proof: &Proof<'_>,
    root: &Root,
    notes: &mut Vec<String>,
    until: Instant,
) -> Result<(), ProofError> {
    match destroy_once(proof, root, until).await {
        Err(ProofError::Driver(error @ DriverError::Failed { .. })) => {
            let removed = remove_claims(proof).await?;
            if removed.is_empty() {
                return Err(error.into());
            }
            notes.extend(removed);
            destroy_once(proof, root, until).await
        }
        other => other,
    }
}

async fn destroy_once(proof: &Proof<'_>, root: &Root, until: Instant) -> Result<(), ProofError> {
    let plan = root.plan("destroy", PlanMode::Destroy, until).await?;
    proof
        .artefacts
        .write(&format!("plans/{}-destroy.txt", root.name), &plan.text)?;
    root.apply(&plan, until).await?;
    let state = root.state(until).await?;
    match state.resources().first() {
        None => Ok(()),
        Some(left) => Err(ProofError::broken(format!(
            "{} is still in the state after a destroy",
            left.address
        ))),
    }
}

/// Removes the projects' storage claims, and says which.
async fn remove_claims(proof: &Proof<'_>) -> Result<Vec<String>, ProofError> {
    let all: Api<PersistentVolumeClaim> = Api::all(proof.client.clone());
    let ours = ListParams::default().labels(PROJECT);
    let claims = all
        .list(&ours)
        .await
        .map_err(ProofError::api("listing storage claims"))?;
    let mut removed = Vec::new();
    for claim in claims {
        let (Some(namespace), Some(name)) = (claim.metadata.namespace, claim.metadata.name) else {
            continue;
        };
        let api: Api<PersistentVolumeClaim> = Api::namespaced(proof.client.clone(), &namespace);
        let what = format!("removing the claim {namespace}/{name}");
        api.delete(&name, &DeleteParams::default())
            .await
            .map_err(ProofError::api(what))?;
        removed.push(format!(
            "kept on purpose, removed by the harness: PersistentVolumeClaim {namespace}/{name}"
        ));
    }
    Ok(removed)
}

/// Nothing with the provider's labels is left, whoever made it.
async fn nothing_left(proof: &Proof<'_>) -> Result<(), ProofError> {
    poll(
        "the end of everything that was made",
        COLLECTION,
        || async {
            match objects::labelled(&proof.client).await {
                Ok(left) if left.is_empty() => Look::Done(()),
                Ok(left) => {
                    let names: Vec<String> = left.iter().map(ToString::to_string).collect();
                    Look::NotYet(format!("still there: {}", names.join(", ")))
                }
                Err(error) => Look::NotYet(error.to_string()),
            }
        },
    )
    .await?;
    Ok(())
}
