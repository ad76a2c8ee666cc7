//! Pods on nodes, without containers: they become ready, fail as they are told to, and end. The conventions by
//! which a pod is told to fail are those of the `process` backend (`e2e/control-plane/README.md`); reasons,
//! messages and events are the kubelet's.

mod address;
mod condition;
mod configuration;
mod fate;
mod life;
mod logs;
mod probe;
mod status;
mod telling;

#[cfg(test)]
mod tests;

use serde_json::Value;
use time::OffsetDateTime;

use super::kinds::{CONFIG_MAP, POD, SECRET};
use super::object::{self, list, text};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::store::{Change, Happened, Key};

pub use logs::log;

/// The kubelets of all nodes.
pub struct Kubelet;

impl Controller for Kubelet {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        let resource = &change.key.resource;
        if *resource == POD.resource {
            let here = change.happened != Happened::Deleted && has_node(&change.object);
            return if here {
                vec![change.key.clone()]
            } else {
                Vec::new()
            };
        }
        // Perhaps a pod waits for it.
        if *resource == SECRET.resource || *resource == CONFIG_MAP.resource {
            let pods = world.within(&POD.resource, &change.key.namespace);
            let stuck = pods.filter(|pod| has_node(pod) && is_stuck(pod));
            return stuck.map(|pod| Key::of(&POD.resource, pod)).collect();
        }
        Vec::new()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(pod) = world.get(key).filter(|pod| has_node(pod)) else {
            return Plan::nothing();
        };
        let Some((moment, step)) = life::next(world, key, pod) else {
            return Plan::nothing();
        };
        if moment > world.now {
            return Plan::wait(moment);
        }
        let writes = life::take(world, pod, &step);
        Plan {
            again: step.repeats().then(|| world.now + step.period()),
            writes,
        }
    }
}

/// When something happens to a pod next, and what.
type Next = (OffsetDateTime, life::Step);

fn has_node(pod: &Value) -> bool {
    !text(pod, "/spec/nodeName").is_empty()
}

/// Whether a pod waits for an object that it refers to.
fn is_stuck(pod: &Value) -> bool {
    let waits = |status: &Value| {
        matches!(
            text(status, "/state/waiting/reason"),
            "CreateContainerConfigError" | "ContainerCreating"
        )
    };
    list(pod, "/status/containerStatuses").iter().any(waits)
}

/// The first container, which speaks for all: they share their fate.
fn first_container(pod: &Value) -> &Value {
    list(pod, "/spec/containers")
        .first()
        .unwrap_or(&Value::Null)
}

/// A write of a pod's changed status.
fn status_write(pod: Value) -> Write {
    Write::status(Client::Kubelet, &POD.resource, pod)
}

/// Whether a controller of this kind made the pod.
fn is_made_by(pod: &Value, kind: &str) -> bool {
    object::list(pod, "/metadata/ownerReferences")
        .iter()
        .any(|owner| owner["kind"] == kind)
}
