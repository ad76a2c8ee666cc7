//! The scheduler: which node a pod gets, or why none. After `k8s.io/kubernetes/pkg/scheduler` 1.36 with its
//! default plugins, as far as they look at nodes, taints, resources, volumes and spread; pods are never evicted
//! for others.

mod claims;
mod filter;
mod message;
mod score;
mod spread;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::event::{Event, Teller};
use super::kinds::{CLAIM, NODE, POD};
use super::object::{self, condition, list, text};
use super::write::{Act, Client, Write};
use super::{Answer, Controller, Plan, World};
use crate::clock::seconds;
use crate::store::{Change, Happened, Key};

use claims::Claims;

const TELLER: Teller<'static> = Teller::controller(Client::Scheduler, "default-scheduler");

/// The scheduler.
pub struct Scheduler;

impl Controller for Scheduler {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        let resource = &change.key.resource;
        let pod = *resource == POD.resource;
        let bound = !text(&change.object, "/spec/nodeName").is_empty();
        if pod && !bound && change.happened != Happened::Deleted {
            return vec![change.key.clone()];
        }
        let frees_room = pod && (change.happened == Happened::Deleted || has_ended(&change.object));
        if frees_room || *resource == NODE.resource || *resource == CLAIM.resource {
            return world.unbound().cloned().collect();
        }
        Vec::new()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(pod) = world.get(key).filter(|pod| is_waiting(pod)) else {
            return Plan::nothing();
        };
        if !list(pod, "/spec/schedulingGates").is_empty() {
            let words = "Scheduling is blocked due to non-empty scheduling gates";
            return refuse(world, pod, "SchedulingGated", words, false).into();
        }
        let nodes: Vec<&Value> = world
            .all(&NODE.resource)
            .filter(|node| !object::terminating(node))
            .collect();
        if nodes.is_empty() {
            return refuse(
                world,
                pod,
                "Unschedulable",
                "no nodes available to schedule pods",
                true,
            )
            .into();
        }
        match place(world, pod, &nodes) {
            Ok((node, claims)) => {
                let mut writes = claims.selected(object::name(node));
                if writes.is_empty() && claims.are_bound() {
                    writes.push(bind(key, pod, node));
                }
                writes.into()
            }
            Err(words) => refuse(world, pod, "Unschedulable", &words, true).into(),
        }
    }

    fn answered(&self, world: &World, key: &Key, write: &Write, answer: &Answer) -> Vec<Write> {
        let (Act::Bind { node, .. }, Ok(_), Some(pod)) = (&write.act, answer, world.get(key))
        else {
            return Vec::new();
        };
        let message = format!(
            "Successfully assigned {}/{} to {node}",
            key.namespace, key.name
        );
        let event = Event {
            about: pod,
            kind: &POD,
            severity: "Normal",
            reason: "Scheduled",
            message: &message,
        };
        vec![event.told_with_action(TELLER, "Binding", world)]
    }
}

fn has_ended(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

fn is_waiting(pod: &Value) -> bool {
    let ours = matches!(text(pod, "/spec/schedulerName"), "" | "default-scheduler");
    ours && text(pod, "/spec/nodeName").is_empty() && !object::terminating(pod) && !has_ended(pod)
}

/// The best of the nodes that a pod can have.
fn place<'a>(
    world: &'a World,
    pod: &'a Value,
    nodes: &[&'a Value],
) -> Result<(&'a Value, Claims<'a>), String> {
    let claims =
        Claims::of(world, pod).map_err(|words| message::before_nodes(nodes.len(), &words))?;
    let spread = spread::Spread::of(world, pod, nodes);
    let mut fitting = Vec::new();
    let mut refusals = Vec::new();
    for node in nodes {
        match filter::refusal(world, pod, node, &claims, &spread) {
            None => fitting.push(*node),
            Some(refusal) => refusals.push(refusal),
        }
    }
    let best = score::best(world, pod, &fitting, &spread);
    best.map(|node| (node, claims))
        .ok_or_else(|| message::no_node(&refusals))
}

fn bind(key: &Key, pod: &Value, node: &Value) -> Write {
    Write {
        client: Client::Scheduler,
        key: key.clone(),
        act: Act::Bind {
            uid: object::uid(pod).to_owned(),
            node: object::name(node).to_owned(),
        },
    }
}

/// The condition and the event that say why a pod has no node; nothing if they say so already.
fn refuse(world: &World, pod: &Value, reason: &str, words: &str, tell: bool) -> Vec<Write> {
    let current = condition(pod, "PodScheduled");
    if current.is_some_and(|current| current["reason"] == reason && current["message"] == words) {
        return Vec::new();
    }
    let since = match current {
        Some(current) if current["status"] == "False" => current["lastTransitionTime"].clone(),
        _ => seconds(world.now).into(),
    };
    let mut said = json!({
        "type": "PodScheduled",
        "status": "False",
        "lastProbeTime": null,
        "lastTransitionTime": since,
        "reason": reason,
        "message": words,
    });
    if let Some(generation) = object::number(pod, "/metadata/generation") {
        said["observedGeneration"] = generation.into();
    }
    let mut conditions = list(pod, "/status/conditions").to_vec();
    conditions.retain(|condition| condition["type"] != "PodScheduled");
    conditions.push(said);
    let mut changed = pod.clone();
    changed["status"]["conditions"] = conditions.into();
    let status = Write::status(Client::Scheduler, &POD.resource, changed);
    if !tell {
        return vec![status];
    }
    let event = Event {
        about: pod,
        kind: &POD,
        severity: "Warning",
        reason: "FailedScheduling",
        message: words,
    };
    vec![event.told_with_action(TELLER, "Scheduling", world), status]
}
