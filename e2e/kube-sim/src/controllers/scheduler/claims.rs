//! The claims for volumes of a pod: whether they are bound, and which wait until the pod has a node.

use serde_json::Value;

use crate::controllers::World;
use crate::controllers::kinds::{CLAIM, STORAGE_CLASS};
use crate::controllers::object::{self, annotation, list, name, namespace, text};
use crate::controllers::write::{Client, Write};

/// What the scheduler writes on a claim of a class that waits for its first consumer.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

pub struct Claims<'a> {
    /// Claims without a volume, of classes that wait.
    waiting: Vec<&'a Value>,
}

impl<'a> Claims<'a> {
    /// The claims, or why the pod cannot go anywhere yet (`PreFilter` of the plugin VolumeBinding).
    pub fn of(world: &'a World, pod: &Value) -> Result<Claims<'a>, String> {
        let mut waiting = Vec::new();
        for volume in list(pod, "/spec/volumes") {
            let Some(claimed) = claim_name(pod, volume) else {
                continue;
            };
            let Some(claim) = world.find(&CLAIM.resource, namespace(pod), &claimed) else {
                return Err(format!("persistentvolumeclaim \"{claimed}\" not found"));
            };
            if object::terminating(claim) {
                return Err(format!(
                    "persistentvolumeclaim \"{claimed}\" is being deleted"
                ));
            }
            if annotation(claim, "pv.kubernetes.io/bind-completed").is_some() {
                continue;
            }
            if !waits(world, claim) {
                return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
            }
            waiting.push(claim);
        }
        Ok(Claims { waiting })
    }

    /// Whether the pod can be bound.
    pub fn are_bound(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Tells the provisioner for which node the claims are.
    pub fn selected(&self, node: &str) -> Vec<Write> {
        let untold = self
            .waiting
            .iter()
            .filter(|claim| annotation(claim, SELECTED_NODE).is_none());
        let told = untold.map(|claim| {
            let mut changed = Value::clone(claim);
            changed["metadata"]["annotations"][SELECTED_NODE] = node.into();
            Write::update(Client::Scheduler, &CLAIM.resource, changed)
        });
        told.collect()
    }

    /// Whether a claim was already promised to another node.
    pub fn keep_from(&self, node: &Value) -> bool {
        let chosen = |claim: &&Value| annotation(claim, SELECTED_NODE).map(str::to_owned);
        self.waiting
            .iter()
            .filter_map(chosen)
            .any(|chosen| chosen != name(node))
    }
}

/// The claim that a volume names, or that is made for it.
fn claim_name(pod: &Value, volume: &Value) -> Option<String> {
    if volume["ephemeral"].is_object() {
        return Some(format!("{}-{}", name(pod), text(volume, "/name")));
    }
    volume["persistentVolumeClaim"]["claimName"]
        .as_str()
        .map(str::to_owned)
}

fn waits(world: &World, claim: &Value) -> bool {
    let class = world.find(
        &STORAGE_CLASS.resource,
        "",
        text(claim, "/spec/storageClassName"),
    );
    class.is_some_and(|class| class["volumeBindingMode"] == "WaitForFirstConsumer")
}
