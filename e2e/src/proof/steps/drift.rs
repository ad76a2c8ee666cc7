//! Every owned field is changed behind the provider's back; the plan names each, the apply puts each back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};

use super::heal;
use super::{Outcome, Step, count};
use crate::driver::documents::StateResource;
use crate::driver::root::Plan;
use crate::progress::Progress as _;
use crate::proof::cluster::compare;
use crate::proof::cluster::fields::FieldPath;
use crate::proof::cluster::intrude::{Intrusion, intrude};
use crate::proof::cluster::objects::{self, Live};
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
        heal::heal(
            proof,
            "drift",
            &before,
            &damage(&intrusions),
            until,
            |plan, resources| found(plan, resources, &intrusions),
        )
        .await?;

        let changed: usize = intrusions.iter().map(|i| i.changed.len()).sum();
        let refused: usize = intrusions.iter().map(|i| i.refused.len()).sum();
        let compared = format!(
            "{} of {} changed at once: each named in a plan, healed, all objects as before",
            count(changed, "field"),
            count(intrusions.len(), "object")
        );
        let note = format!(
            "{} cannot be changed; the reasons are in {}",
            count(refused, "field"),
            list.display()
        );
        Ok(Outcome::Held {
            compared,
            notes: if refused > 0 { vec![note] } else { Vec::new() },
        })
    }
}

/// Every changed field, in words.
fn damage(intrusions: &[Intrusion]) -> BTreeSet<String> {
    let lines = intrusions
        .iter()
        .flat_map(|it| it.changed.iter().map(|path| in_words(&it.before, path)));
    lines.collect()
}

/// The changed fields that a root's plan names.
fn found(plan: &Plan, resources: &[&StateResource], intrusions: &[Intrusion]) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for Intrusion {
        before, changed, ..
    } in intrusions
    {
        let noticed = heal::noticed(plan, resources, before);
        let its = changed
            .iter()
            .filter(|path| noticed.names(before, &path.to_string()));
        named.extend(its.map(|path| in_words(before, path)));
    }
    named
}

fn in_words(object: &Live, path: &FieldPath) -> String {
    format!("{object} {path}")
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
