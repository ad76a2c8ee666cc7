//! ReplicaSets: so many pods of one template. After `k8s.io/kubernetes/pkg/controller/replicaset` 1.36.

mod ranking;
mod status;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::adopt::adopt_and_release;
use super::event::{Event, Teller};
use super::kinds::{POD, REPLICA_SET};
use super::object::{self, number, text};
use super::write::{Act, Client, Write};
use super::{Answer, Controller, Plan, World};
use crate::store::{Change, Key};

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "replicaset-controller");

/// At most so many pods are made or deleted in one call (`BurstReplicas`).
const BURST: usize = 500;

/// The ReplicaSet controller.
pub struct ReplicaSets;

impl Controller for ReplicaSets {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource == REPLICA_SET.resource {
            return vec![change.key.clone()];
        }
        if change.key.resource != POD.resource {
            return Vec::new();
        }
        let namespace = &change.key.namespace;
        match object::controller(&change.object) {
            Some(owner) if owner["kind"] == REPLICA_SET.title => {
                let name = owner["name"].as_str().unwrap_or_default();
                vec![Key::new(&REPLICA_SET.resource, namespace, name)]
            }
            Some(_) => Vec::new(),
            // Perhaps one of them adopts it.
            None => world
                .within(&REPLICA_SET.resource, namespace)
                .map(|set| Key::of(&REPLICA_SET.resource, set))
                .collect(),
        }
    }

    /// `syncReplicaSet`.
    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(set) = world.get(key) else {
            return Plan::nothing();
        };
        let adoptions = adopt_and_release(world, set, &REPLICA_SET, &POD, CLIENT);
        if !adoptions.is_empty() {
            return adoptions.into();
        }
        let pods = Pods::of(world, set);
        let mut writes = Vec::new();
        if !object::terminating(set) {
            writes = manage(world, set, &pods.active);
        }
        let changed = status::counted(set, &pods, None, world.now);
        if changed != *set {
            writes.push(Write::status(CLIENT, &REPLICA_SET.resource, changed));
        }
        Plan {
            writes,
            again: status::next_available(set, &pods.active, world.now),
        }
    }

    fn answered(&self, world: &World, key: &Key, write: &Write, answer: &Answer) -> Vec<Write> {
        let Some(set) = world
            .get(key)
            .filter(|_| write.key.resource == POD.resource)
        else {
            return Vec::new();
        };
        let tell = |severity, reason, message: &str| {
            let event = Event {
                about: set,
                kind: &REPLICA_SET,
                severity,
                reason,
                message,
            };
            event.told_by(TELLER, world)
        };
        match (&write.act, answer) {
            (Act::Create(_), Ok(pod)) => {
                vec![tell(
                    "Normal",
                    "SuccessfulCreate",
                    &format!("Created pod: {}", object::name(pod)),
                )]
            }
            (Act::Delete { .. }, Ok(_)) => {
                vec![tell(
                    "Normal",
                    "SuccessfulDelete",
                    &format!("Deleted pod: {}", write.key.name),
                )]
            }
            (Act::Create(_), Err(refusal)) if !refusal.namespace_ends => {
                let told = tell(
                    "Warning",
                    "FailedCreate",
                    &format!("Error creating: {refusal}"),
                );
                failed(world, set, refusal.message.as_str())
                    .into_iter()
                    .chain([told])
                    .collect()
            }
            (Act::Delete { .. }, Err(refusal)) if refusal.code != 404 => {
                let told = tell(
                    "Warning",
                    "FailedDelete",
                    &format!("Error deleting: {refusal}"),
                );
                failed(world, set, refusal.message.as_str())
                    .into_iter()
                    .chain([told])
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A set's pods that count, and those that are on their way out.
struct Pods<'a> {
    active: Vec<&'a Value>,
    terminating: usize,
}

impl<'a> Pods<'a> {
    fn of(world: &'a World, set: &Value) -> Pods<'a> {
        let all = world.controlled_by(object::uid(set), &POD.resource);
        let lives = |pod: &&Value| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
        let (terminating, active): (Vec<_>, Vec<_>) = all
            .into_iter()
            .filter(lives)
            .partition(|pod| object::terminating(pod));
        Pods {
            active,
            terminating: terminating.len(),
        }
    }
}

/// `manageReplicas`.
fn manage(world: &World, set: &Value, active: &[&Value]) -> Vec<Write> {
    let wanted = number(set, "/spec/replicas").unwrap_or(1);
    let wanted = usize::try_from(wanted).unwrap_or(0);
    if active.len() <= wanted {
        let missing = (wanted - active.len()).min(BURST);
        let pod = || Write::create(CLIENT, &POD, new_pod(set));
        return std::iter::repeat_with(pod).take(missing).collect();
    }
    let surplus = (active.len() - wanted).min(BURST);
    let ranked = ranking::first_to_go(world, set, active);
    let gone = ranked.into_iter().take(surplus);
    gone.map(|pod| Write::delete(CLIENT, &POD.resource, pod))
        .collect()
}

/// `GetPodFromTemplate`.
fn new_pod(set: &Value) -> Value {
    let template = &set["spec"]["template"];
    let mut metadata = json!({
        "generateName": format!("{}-", object::name(set)),
        "namespace": object::namespace(set),
        "ownerReferences": [object::owned_by(set, &REPLICA_SET)],
    });
    for member in ["labels", "annotations", "finalizers"] {
        if !template["metadata"][member].is_null() {
            metadata[member] = template["metadata"][member].clone();
        }
    }
    json!({"metadata": metadata, "spec": template["spec"]})
}

/// The status with the failure in it.
fn failed(world: &World, set: &Value, message: &str) -> Option<Write> {
    let pods = Pods::of(world, set);
    let changed = status::counted(set, &pods, Some(message), world.now);
    (changed != *set).then(|| Write::status(CLIENT, &REPLICA_SET.resource, changed))
}
