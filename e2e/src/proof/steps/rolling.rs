//! From an old configuration to the new one, no more pods are missing than was promised.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Outcome, Step, count};
use crate::driver::Root;
use crate::driver::documents::StateResource;
use crate::driver::root::PlanMode;
use crate::progress::Progress as _;
use crate::proof::cluster::pods::{Sampler, Seen, Workload, workloads};
use crate::proof::{Proof, ProofError};

/// What the provider promises where the configuration says nothing.
const DEFAULT: &str = "25%";

/// Applies the old configuration, then the new one under a count of available pods.
pub struct Rolling;

#[async_trait]
impl Step for Rolling {
    fn key(&self) -> &'static str {
        "rolling"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(30)
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let Some(old) = &proof.old else {
            return Ok(Outcome::NotRun(
                "no old configuration: give one with --old DIR or --old-var NAME=VALUE".to_owned(),
            ));
        };
        proof.live.update("applying the old configuration");
        for root in old {
            root.init(until).await?;
            apply(proof, root, "old", until).await?;
        }
        let before = workloads(&proof.client).await?;
        let sampler = Sampler::start(&proof.client, before.clone()).await?;
        // What is there before the apply is what must have been replaced after it.
        proof
            .live
            .update("applying the new configuration, counting pods");
        let mut promises = BTreeMap::new();
        for root in &proof.roots {
            apply(proof, root, "new", until).await?;
            let state = root.state(until).await?;
            promises.extend(state.ours().into_iter().filter_map(promise));
        }
        let seen = sampler.stop();
        let after: BTreeMap<String, i64> = workloads(&proof.client)
            .await?
            .into_iter()
            .map(|w| (w.name, w.replicas))
            .collect();
        judge(&before, &after, &seen, &promises)
    }
}

async fn apply(
    proof: &Proof<'_>,
    root: &Root,
    label: &str,
    until: Instant,
) -> Result<(), ProofError> {
    let plan = root.plan(label, PlanMode::Normal, until).await?;
    proof
        .artefacts
        .write(&format!("plans/{}-{label}.txt", root.name), &plan.text)?;
    root.apply(&plan, until).await?;
    Ok(())
}

/// `prod/api` and its promised unavailability and surge.
fn promise(service: &StateResource) -> Option<(String, (String, String))> {
    if service.r#type != "seedling_service" {
        return None;
    }
    let rollout = service.values.get("rollout");
    let part = |name: &str| {
        let value = rollout
            .and_then(|rollout| rollout.get(name))
            .filter(|value| !value.is_null());
        value.map_or_else(
            || DEFAULT.to_owned(),
            |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned),
        )
    };
    let name = format!("{}/{}", service.text("environment"), service.text("name"));
    Some((name, (part("max_unavailable"), part("max_surge"))))
}

fn judge(
    before: &[Workload],
    after: &BTreeMap<String, i64>,
    seen: &[Seen],
    promises: &BTreeMap<String, (String, String)>,
) -> Result<Outcome, ProofError> {
    let (mut notes, mut order) = (Vec::new(), Vec::new());
    let mut wrong = Vec::new();
    for (workload, seen) in before.iter().zip(seen) {
        let replicas = after
            .get(&workload.name)
            .map_or(workload.replicas, |now| workload.replicas.min(*now));
        let rolled = i64::try_from(seen.pods.len()).is_ok_and(|pods| pods > workload.replicas);
        let Some((unavailable, surge)) = promises.get(&workload.name).filter(|_| rolled) else {
            continue;
        };
        let missing = allowed_missing(replicas, unavailable, surge);
        let line = format!(
            "{}: {} of {replicas} available at the lowest, {} promised (max_unavailable = {unavailable})",
            workload.name,
            seen.lowest,
            replicas - missing
        );
        let held = i64::try_from(seen.lowest).is_ok_and(|lowest| lowest >= replicas - missing);
        order.extend(seen.rolled.map(|times| (times, workload.name.as_str())));
        if held {
            notes.push(line);
        } else {
            wrong.push(line);
        }
    }
    if !wrong.is_empty() {
        return Err(ProofError::broken(format!(
            "more pods were missing than promised:\n{}",
            wrong.join("\n")
        )));
    }
    if notes.is_empty() {
        return Err(ProofError::broken_with(
            "no pod was replaced: the old and the new configuration mean the same pods",
            "give an old configuration that differs in an image, a config or a secret",
        ));
    }
    let compared = format!(
        "{} rolled, none below what was promised",
        count(notes.len(), "service")
    );
    order.sort_unstable();
    let order = order.iter().map(|((began, ended), name)| {
        format!(
            "{name} from {:.1} s to {:.1} s",
            began.as_secs_f64(),
            ended.as_secs_f64()
        )
    });
    notes.push(format!(
        "in this order: {}",
        order.collect::<Vec<_>>().join(", ")
    ));
    Ok(Outcome::Held { compared, notes })
}

/// Pods that may be missing, as the Deployment controller computes it: shares are rounded down, and where neither
/// surge nor unavailability would allow a step, one pod may be missing.
/// (`ResolveFenceposts` in <https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/deployment/util/deployment_util.go>)
fn allowed_missing(replicas: i64, unavailable: &str, surge: &str) -> i64 {
    let share = |text: &str, up: bool| match text.strip_suffix('%') {
        Some(percent) => {
            let hundredths = percent.parse::<i64>().unwrap_or(0) * replicas;
            if up {
                (hundredths + 99) / 100
            } else {
                hundredths / 100
            }
        }
        None => text.parse().unwrap_or(0),
    };
    match (share(unavailable, false), share(surge, true)) {
        (0, 0) => 1,
        (missing, _) => missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_as_the_controller_does() {
        let table = [
            (4, "25%", "25%", 1),
            (3, "25%", "25%", 0),
            (2, "0", "0", 1),
            (10, "3", "0", 3),
            (1, "25%", "25%", 0),
        ];
        for (replicas, unavailable, surge, missing) in table {
            assert_eq!(
                allowed_missing(replicas, unavailable, surge),
                missing,
                "{replicas} {unavailable} {surge}"
            );
        }
    }
}
