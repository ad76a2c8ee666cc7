//! Deployments: revisions of pods, one ReplicaSet each, that replace each other step by step.
//! After `k8s.io/kubernetes/pkg/controller/deployment` 1.36, whose functions the comments name.

mod arithmetic;
mod history;
mod progress;
mod rolling;
mod rollout;
mod scale;
mod status;
mod template;
mod view;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::adopt::adopt_and_release;
use super::event::{Event, Teller};
use super::kinds::{DEPLOYMENT, POD, REPLICA_SET};
use super::object;
use super::write::{Act, Client, Write};
use super::{Answer, Controller, Plan, World};
use crate::store::{Change, Key};

use rollout::Rollout;
use view::Deployment;

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "deployment-controller");

/// The deployment controller.
pub struct Deployments;

impl Controller for Deployments {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        let namespace = &change.key.namespace;
        if change.key.resource == DEPLOYMENT.resource {
            return vec![change.key.clone()];
        }
        if change.key.resource == REPLICA_SET.resource {
            return match object::controller(&change.object) {
                Some(owner) => vec![deployment_key(namespace, owner)],
                // Perhaps one of them adopts it.
                None => world
                    .within(&DEPLOYMENT.resource, namespace)
                    .map(|deployment| Key::of(&DEPLOYMENT.resource, deployment))
                    .collect(),
            };
        }
        if change.key.resource == POD.resource {
            return recreated_by(world, &change.object).into_iter().collect();
        }
        Vec::new()
    }

    /// `syncDeployment`.
    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(deployment) = world.get(key) else {
            return Plan::nothing();
        };
        let adoptions = adopt_and_release(world, deployment, &DEPLOYMENT, &REPLICA_SET, CLIENT);
        if !adoptions.is_empty() {
            return adoptions.into();
        }
        let mut rollout = Rollout::of(world, Deployment(deployment));
        if object::terminating(deployment) {
            return rollout.only_status();
        }
        rollout.note_pause();
        if rollout.deployment.paused() || rollout.is_rescaled() {
            return rollout.rescale();
        }
        if rollout.deployment.rolls() {
            rollout.roll()
        } else {
            rollout.recreate()
        }
    }

    fn answered(&self, world: &World, key: &Key, write: &Write, answer: &Answer) -> Vec<Write> {
        let (Some(deployment), Act::Create(created), Err(refusal)) =
            (world.get(key), &write.act, answer)
        else {
            return Vec::new();
        };
        if write.key.resource != REPLICA_SET.resource || refusal.namespace_ends {
            return Vec::new();
        }
        if refusal.reason == "AlreadyExists" {
            return vec![collision(deployment)];
        }
        let message = format!(
            "Failed to create new replica set \"{}\": {refusal}",
            object::name(created)
        );
        let event = Event {
            about: deployment,
            kind: &DEPLOYMENT,
            severity: "Warning",
            reason: "ReplicaSetCreateError",
            message: &message,
        };
        let mut changed = deployment.clone();
        if Deployment(deployment).progress_deadline().is_some() {
            let failed = status::condition(
                "Progressing",
                "False",
                "ReplicaSetCreateError",
                &message,
                world.now,
            );
            status::set(&mut changed["status"], failed);
        }
        let told = event.told_by(TELLER, world);
        vec![Write::status(CLIENT, &DEPLOYMENT.resource, changed), told]
    }
}

fn deployment_key(namespace: &str, owner: &Value) -> Key {
    Key::new(
        &DEPLOYMENT.resource,
        namespace,
        owner["name"].as_str().unwrap_or_default(),
    )
}

/// Another object has the revision's name: the next hash is made with a counter.
fn collision(deployment: &Value) -> Write {
    let mut changed = deployment.clone();
    let count = object::number(deployment, "/status/collisionCount").unwrap_or(0) + 1;
    changed["status"]["collisionCount"] = count.into();
    Write::status(CLIENT, &DEPLOYMENT.resource, changed)
}

/// The deployment that waits for a pod's end before it makes new ones.
fn recreated_by(world: &World, pod: &Value) -> Option<Key> {
    let namespace = object::namespace(pod);
    let set = object::controller(pod)?["name"].as_str()?;
    let set = world.find(&REPLICA_SET.resource, namespace, set)?;
    let key = deployment_key(namespace, object::controller(set)?);
    let deployment = world.get(&key)?;
    (!Deployment(deployment).rolls()).then_some(key)
}
