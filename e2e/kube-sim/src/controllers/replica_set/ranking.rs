//! Which pods go first when there are too many: `ActivePodsWithRanks` of `k8s.io/kubernetes/pkg/controller`.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use serde_json::Value;
use time::OffsetDateTime;

use crate::clock;
use crate::controllers::World;
use crate::controllers::kinds::{POD, REPLICA_SET};
use crate::controllers::object::{self, annotation, condition, list, number, text};

/// The pods, first to go first.
pub fn first_to_go<'a>(world: &World, set: &Value, pods: &[&'a Value]) -> Vec<&'a Value> {
    let crowd = neighbours(world, set);
    let mut ranked: Vec<(Rank<'a>, &'a Value)> = pods
        .iter()
        .map(|pod| (Rank::of(pod, &crowd, world.now), *pod))
        .collect();
    ranked.sort_by(|(one, _), (other, _)| one.compare(other));
    ranked.into_iter().map(|(_, pod)| pod).collect()
}

/// How many pods of the same owner's sets run on each node.
fn neighbours(world: &World, set: &Value) -> HashMap<String, usize> {
    let owner = object::controller(set).and_then(|owner| owner["uid"].as_str());
    let sets = match owner {
        Some(owner) => world.controlled_by(owner, &REPLICA_SET.resource),
        None => vec![set],
    };
    let mut crowd = HashMap::new();
    for set in sets {
        for pod in world.controlled_by(object::uid(set), &POD.resource) {
            let ended = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
            if !ended && !object::terminating(pod) {
                *crowd
                    .entry(text(pod, "/spec/nodeName").to_owned())
                    .or_default() += 1;
            }
        }
    }
    crowd
}

struct Rank<'a> {
    node: &'a str,
    phase: u8,
    /// Since when it is ready, if it is.
    ready: Option<i64>,
    cost: i64,
    crowd: usize,
    restarts: (i64, i64),
    age: i64,
    uid: &'a str,
}

impl<'a> Rank<'a> {
    fn of(pod: &'a Value, crowd: &HashMap<String, usize>, now: OffsetDateTime) -> Rank<'a> {
        let node = text(pod, "/spec/nodeName");
        let ready = condition(pod, "Ready").filter(|ready| ready["status"] == "True");
        let cost = annotation(pod, "controller.kubernetes.io/pod-deletion-cost");
        Rank {
            node,
            phase: match text(pod, "/status/phase") {
                "Unknown" => 1,
                "Running" => 2,
                _ => 0,
            },
            ready: ready.map(|ready| magnitude(&ready["lastTransitionTime"], now)),
            cost: cost.and_then(|cost| cost.parse().ok()).unwrap_or(0),
            crowd: crowd.get(node).copied().unwrap_or(0),
            restarts: restarts(pod),
            age: magnitude(&pod["metadata"]["creationTimestamp"], now),
            uid: object::uid(pod),
        }
    }

    fn compare(&self, other: &Rank<'_>) -> Ordering {
        let plain = |rank: &Rank<'_>| {
            (
                !rank.node.is_empty(),
                rank.phase,
                rank.ready.is_some(),
                rank.cost,
                Reverse(rank.crowd),
            )
        };
        // Lifetimes are compared by their order of magnitude; within it, chance decides: the uid.
        let readiness = match (self.ready, other.ready) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => Ordering::Equal,
        };
        plain(self)
            .cmp(&plain(other))
            .then(readiness)
            .then(other.restarts.cmp(&self.restarts))
            .then(self.age.cmp(&other.age))
            .then(self.uid.cmp(other.uid))
    }
}

/// The logarithm of the time since a moment: `logarithmicRankDiff`.
fn magnitude(moment: &Value, now: OffsetDateTime) -> i64 {
    let moment = moment.as_str().and_then(clock::parse);
    let since = moment.map_or(0, |moment| (now - moment).whole_nanoseconds());
    if since <= 0 {
        -1
    } else {
        i64::from(since.ilog2())
    }
}

/// The most restarts of a container, and of a sidecar (`compareMaxContainerRestarts`).
fn restarts(pod: &Value) -> (i64, i64) {
    let most = |which: &str| {
        let statuses = list(pod, which).iter();
        statuses
            .filter_map(|status| number(status, "/restartCount"))
            .max()
            .unwrap_or(0)
    };
    (
        most("/status/containerStatuses"),
        most("/status/initContainerStatuses"),
    )
}
