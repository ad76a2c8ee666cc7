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
    named(intrusions, |_, _| true)
}

/// The changed fields that a root's plan names.
fn found(plan: &Plan, resources: &[&StateResource], intrusions: &[Intrusion]) -> BTreeSet<String> {
    named(intrusions, |object, path| {
        heal::noticed(plan, resources, object).names(object, path)
    })
}

fn named(intrusions: &[Intrusion], is_wanted: impl Fn(&Live, &str) -> bool) -> BTreeSet<String> {
    let fields = intrusions
        .iter()
        .flat_map(|i| i.changed.iter().map(|path| (&i.before, path.to_string())));
    let wanted = fields.filter(|(object, path)| is_wanted(object, path));
    wanted
        .map(|(object, path)| format!("{object} {path}"))
        .collect()
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
