//! Every owned field is changed behind the provider's back; the plan names each, the apply puts each back.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};

use super::heal;
use super::{Outcome, Step, count};
use crate::driver::documents::StateResource;
use crate::driver::root::Plan;
use crate::progress::Progress as _;
use crate::proof::cluster::compare;
use crate::proof::cluster::intrude::{Intrusion, intrude};
use crate::proof::cluster::objects;
use crate::proof::{Proof, ProofError};

/// How many objects are changed at the same time.
const OBJECTS: usize = 4;

/// The provider's marks of its own progress: they follow from no configuration.
const MARKS: [&str; 2] = ["seedling.dev/created", "seedling.dev/unfinished"];

/// Changes all fields of all objects at once.
pub struct Drift;

#[async_trait]
impl Step for Drift {
    fn key(&self) -> &'static str {
        "drift"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(20)
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let objects = objects::of_projects(&proof.client).await?;
        if objects.is_empty() {
            return Ok(Outcome::NotRun(
                "the configuration has no objects in the cluster".to_owned(),
            ));
        }
        let before = compare::snapshot(&objects);
        proof.live.update(&format!(
            "changing the fields of {}",
            count(objects.len(), "object")
        ));
        let changes = objects
            .into_iter()
            .map(|object| intrude(&proof.client, object, &MARKS));
        let intrusions: Vec<Intrusion> = futures::stream::iter(changes)
            .buffered(OBJECTS)
            .try_collect()
            .await?;
        let list = proof.artefacts.write("drift.txt", listed(&intrusions))?;

        proof.live.update("planning and healing");
        heal::heal(proof, "drift", &before, until, |plan, resources| {
            unnamed(plan, resources, &intrusions)
        })
        .await?;

        let changed: usize = intrusions.iter().map(|i| i.changed.len()).sum();
        let refused: usize = intrusions.iter().map(|i| i.refused.len()).sum();
        let compared = format!(
            "{} of {} changed at once: each named in a plan, healed, all objects as before",
            count(changed, "field"),
            count(intrusions.len(), "object")
        );
        let note = format!(
            "{} cannot be changed; the server's refusals are in {}",
            count(refused, "field"),
            list.display()
        );
        Ok(Outcome::Held {
            compared,
            notes: if refused > 0 { vec![note] } else { Vec::new() },
        })
    }
}

/// Changed fields of the root's objects that its plan does not name.
fn unnamed(plan: &Plan, resources: &[&StateResource], intrusions: &[Intrusion]) -> Vec<String> {
    let mut missed = Vec::new();
    let owned =
        |i: &&Intrusion| crate::proof::cluster::owners::owner_of(resources, &i.before).is_some();
    for intrusion in intrusions.iter().filter(owned) {
        let object = &intrusion.before;
        let noticed = heal::noticed(plan, resources, object);
        let paths = intrusion.changed.iter().map(ToString::to_string);
        let unnamed = paths.filter(|path| !noticed.names(object, path));
        missed.extend(unnamed.map(|path| format!("not noticed: {object} {path}")));
    }
    missed
}

/// All that was and could not be changed, for people.
fn listed(intrusions: &[Intrusion]) -> String {
    let mut lines = Vec::new();
    for intrusion in intrusions {
        lines.push(intrusion.before.to_string());
        lines.extend(
            intrusion
                .changed
                .iter()
                .map(|path| format!("  changed  {path}")),
        );
        // The server repeats the values it refuses, and values may be secret: only Secrets hold such.
        let secret = intrusion.before.resource.kind == "Secret";
        lines.extend(intrusion.refused.iter().map(|(path, why)| {
            let why = if secret {
                "refused by the server"
            } else {
                why.as_str()
            };
            format!("  refused  {path}: {why}")
        }));
    }
    lines.join("\n") + "\n"
}
