//! Which of several nodes is the best: by the default plugins' weights in their order, simplified to one after the other.

use std::cmp::Reverse;

use serde_json::Value;

use super::filter::{matches_term, tolerated};
use super::spread::Spread;
use crate::controllers::World;
use crate::controllers::amounts;
use crate::controllers::object::{list, name, number};

/// Fewest soft taints, most preferred, least crowded, least used; then by name, so that it is the same every time.
pub fn best<'a>(
    world: &World,
    pod: &Value,
    nodes: &[&'a Value],
    spread: &Spread<'_>,
) -> Option<&'a Value> {
    let rank = |node: &&Value| {
        (
            soft_taints(pod, node),
            Reverse(preference(pod, node)),
            spread.crowd(node),
            share_in_use(world, node),
            name(node).to_owned(),
        )
    };
    nodes.iter().copied().min_by_key(rank)
}

fn soft_taints(pod: &Value, node: &Value) -> usize {
    let taints = list(node, "/spec/taints").iter();
    let soft = |taint: &&Value| taint["effect"] == "PreferNoSchedule" && !tolerated(pod, taint);
    taints.filter(soft).count()
}

fn preference(pod: &Value, node: &Value) -> i64 {
    let preferred = "/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution";
    let terms = list(pod, preferred)
        .iter()
        .filter(|term| matches_term(&term["preference"], node));
    terms.filter_map(|term| number(term, "/weight")).sum()
}

/// Thousandths of processor and memory in use, and of the pods that fit.
fn share_in_use(world: &World, node: &Value) -> i128 {
    let has = amounts::of(node, "/status/allocatable");
    let used = world.used(name(node));
    let share = |resource: &str, used: i128| {
        let has = amounts::get(&has, resource).milli();
        if has > 0 { used * 1000 / has } else { 0 }
    };
    let requested =
        |resource: &str| share(resource, amounts::get(&used.requests, resource).milli());
    requested("cpu") + requested("memory") + share("pods", i128::from(used.pods) * 1000)
}
