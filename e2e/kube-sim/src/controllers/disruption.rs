//! The status of PodDisruptionBudgets: how many pods may be evicted now.
//! After `k8s.io/kubernetes/pkg/controller/disruption` 1.36.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::event::{Event, Teller};
use super::kinds::{BUDGET, DEPLOYMENT, POD, REPLICA_SET};
use super::object::{self, condition, holds, namespace, number, text, without_nulls};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::clock::seconds;
use crate::store::{Change, Key};

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "controllermanager");

/// The disruption controller.
pub struct DisruptionBudgets;

impl Controller for DisruptionBudgets {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource == BUDGET.resource {
            return vec![change.key.clone()];
        }
        let counts = [&POD.resource, &DEPLOYMENT.resource, &REPLICA_SET.resource];
        if !counts.contains(&&change.key.resource) {
            return Vec::new();
        }
        // A pod concerns those that guard it, its owner those that guard what it makes.
        let budgets: Vec<&Value> = if change.key.resource == POD.resource {
            world.selecting(&BUDGET.resource, &change.object)
        } else {
            guarding(world, &change.object)
        };
        budgets
            .into_iter()
            .map(|budget| Key::of(&BUDGET.resource, budget))
            .collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(budget) = world.get(key) else {
            return Plan::nothing();
        };
        let mut changed = budget.clone();
        changed["status"] = status(world, budget);
        if changed == *budget {
            return Plan::nothing();
        }
        let mut writes = vec![Write::status(CLIENT, &BUDGET.resource, changed)];
        if guarded(world, budget).is_empty() {
            writes.push(no_pods(world, budget));
        }
        writes.into()
    }
}

/// The budgets of the pods that a Deployment or a ReplicaSet makes.
fn guarding<'a>(world: &'a World, owner: &Value) -> Vec<&'a Value> {
    let mut pod = owner["spec"]["template"].clone();
    pod["metadata"]["namespace"] = namespace(owner).into();
    world.selecting(&BUDGET.resource, &pod)
}

/// Its pods that have not ended.
fn guarded<'a>(world: &'a World, budget: &Value) -> Vec<&'a Value> {
    let pods = world.selected(
        &POD.resource,
        namespace(budget),
        &budget["spec"]["selector"],
    );
    let lives = |pod: &&Value| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    pods.into_iter().filter(lives).collect()
}

fn no_pods(world: &World, budget: &Value) -> Write {
    let event = Event {
        about: budget,
        kind: &BUDGET,
        severity: "Normal",
        reason: "NoPods",
        message: "No matching pods found",
    };
    event.told_by(TELLER, world)
}

fn status(world: &World, budget: &Value) -> Value {
    let pods = guarded(world, budget);
    let healthy = length(
        pods.iter()
            .filter(|pod| holds(pod, "Ready") && !object::terminating(pod))
            .count(),
    );
    let (expected, desired) = wanted(world, budget, &pods);
    let allowed = if expected > 0 {
        (healthy - desired).max(0)
    } else {
        0
    };
    let mut status = json!({
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": budget["metadata"]["generation"],
        "disruptedPods": budget["status"]["disruptedPods"],
    });
    status["conditions"] = json!([allows(world, budget, allowed > 0)]);
    without_nulls(status)
}

/// How many pods there should be, and how many of them healthy (`getExpectedPodCount`). A plain number of pods
/// that must be available counts the pods that are there; everything else counts what their controllers want.
fn wanted(world: &World, budget: &Value, pods: &[&Value]) -> (i64, i64) {
    let spec = &budget["spec"];
    if !spec["maxUnavailable"].is_null() {
        let expected = scale(world, pods);
        return (
            expected,
            (expected - share(&spec["maxUnavailable"], expected)).max(0),
        );
    }
    match &spec["minAvailable"] {
        Value::Number(least) => (length(pods.len()), least.as_i64().unwrap_or(0)),
        least => {
            let expected = scale(world, pods);
            (expected, share(least, expected))
        }
    }
}

/// A number or a percentage, rounded up.
fn share(amount: &Value, of: i64) -> i64 {
    let percent = amount
        .as_str()
        .and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
    percent.map_or_else(
        || amount.as_i64().unwrap_or(0),
        |percent| (percent * of + 99).div_euclid(100),
    )
}

/// What the controllers of pods want together.
fn scale(world: &World, pods: &[&Value]) -> i64 {
    let top = |pod: &&Value| {
        let set = world.get(world.by_uid(text(object::controller(pod)?, "/uid"))?)?;
        let above =
            object::controller(set).and_then(|owner| world.get(world.by_uid(text(owner, "/uid"))?));
        let top = above.unwrap_or(set);
        Some((object::uid(top), number(top, "/spec/replicas").unwrap_or(1)))
    };
    let controllers: BTreeSet<(&str, i64)> = pods.iter().filter_map(top).collect();
    controllers.into_iter().map(|(_, wanted)| wanted).sum()
}

fn allows(world: &World, budget: &Value, allowed: bool) -> Value {
    let (status, reason) = if allowed {
        ("True", "SufficientPods")
    } else {
        ("False", "InsufficientPods")
    };
    let before = condition(budget, "DisruptionAllowed").filter(|before| before["status"] == status);
    json!({
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": "",
        "observedGeneration": budget["metadata"]["generation"],
        "lastTransitionTime": before.map_or_else(|| seconds(world.now).into(), |before| before["lastTransitionTime"].clone()),
    })
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::testing::Sim;

    #[test]
    fn evictions_allowed() {
        for (spec, healthy, expected) in [
            (json!({"minAvailable": 1}), 2, (2, 1, 1)),
            (json!({"minAvailable": "50%"}), 2, (3, 2, 0)),
            (json!({"maxUnavailable": 1}), 3, (3, 2, 1)),
            (json!({"maxUnavailable": 1}), 2, (3, 2, 0)),
        ] {
            let mut sim = Sim::with(vec![Box::new(DisruptionBudgets)]);
            let set = sim.create(
                &REPLICA_SET,
                json!({"metadata": {"name": "s", "namespace": "n"}, "spec": {"replicas": 3}}),
            );
            for number in 0..healthy {
                let pod = json!({"metadata": {
                    "name": format!("p{number}"),
                    "namespace": "n",
                    "labels": {"app": "a"},
                    "ownerReferences": [object::owned_by(&set, &REPLICA_SET)],
                }});
                let mut pod = Value::clone(&sim.create(&POD, pod));
                pod["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}]});
                sim.store.put(&Key::of(&POD.resource, &pod), pod);
            }
            let mut budget = json!({"metadata": {"name": "b", "namespace": "n"}, "spec": spec});
            budget["spec"]["selector"] = json!({"matchLabels": {"app": "a"}});
            sim.create(&BUDGET, budget);
            sim.settle();
            let budget = sim.get(&BUDGET, "n", "b").unwrap();
            let of = |member: &str| number(&budget["status"], member).unwrap();
            assert_eq!(
                (
                    of("/expectedPods"),
                    of("/desiredHealthy"),
                    of("/disruptionsAllowed")
                ),
                expected,
                "{spec}"
            );
            assert_eq!(holds(&budget, "DisruptionAllowed"), expected.2 > 0);
        }
    }
}
