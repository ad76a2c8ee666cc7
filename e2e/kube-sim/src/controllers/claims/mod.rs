//! Claims and volumes: bound to each other when a volume is there that fits or was made for the claim, released when
//! the claim is gone, and protected while in use. Volumes are made by a class's provisioner, which is somebody else.
//! After `k8s.io/kubernetes/pkg/controller/volume/{persistentvolume,pvcprotection,pvprotection}` 1.36.

mod binding;
mod waiting;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::event::Teller;
use super::kinds::{CLAIM, POD, STORAGE_CLASS, VOLUME};
use super::object::{
    self, annotation, has_finalizer, list, name, namespace, text, without_finalizer,
};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::store::{Change, Key};

use binding::{bind, bound_status, is_for, volume_for};
use waiting::wait;

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "persistentvolume-controller");

const BOUND: &str = "pv.kubernetes.io/bind-completed";
const BOUND_BY_US: &str = "pv.kubernetes.io/bound-by-controller";
const PROVISIONER: [&str; 2] = [
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/storage-provisioner",
];
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const CLAIM_PROTECTION: &str = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";

/// The controllers of claims and volumes.
pub struct Claims;

impl Controller for Claims {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        let resource = &change.key.resource;
        if *resource == CLAIM.resource {
            let volumes = world
                .all(&VOLUME.resource)
                .filter(|volume| is_for(volume, &change.object));
            let volumes = volumes.map(|volume| Key::of(&VOLUME.resource, volume));
            return volumes.chain([change.key.clone()]).collect();
        }
        if *resource == VOLUME.resource || *resource == STORAGE_CLASS.resource {
            let claims = world
                .all(&CLAIM.resource)
                .map(|claim| Key::of(&CLAIM.resource, claim));
            let itself = (*resource == VOLUME.resource).then(|| change.key.clone());
            return claims.chain(itself).collect();
        }
        if *resource != POD.resource {
            return Vec::new();
        }
        let claims = list(&change.object, "/spec/volumes")
            .iter()
            .map(|volume| text(volume, "/persistentVolumeClaim/claimName"));
        let named = claims.filter(|claim| !claim.is_empty());
        named
            .map(|claim| Key::new(&CLAIM.resource, &change.key.namespace, claim))
            .collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(object) = world.get(key) else {
            return Plan::nothing();
        };
        let writes = if key.resource == VOLUME.resource {
            of_volume(world, object)
        } else {
            of_claim(world, object)
        };
        writes.into()
    }
}

fn of_claim(world: &World, claim: &Value) -> Vec<Write> {
    if object::terminating(claim) {
        let free = has_finalizer(claim, CLAIM_PROTECTION) && !is_used(world, claim);
        let freed = free.then(|| {
            Write::update(
                CLIENT,
                &CLAIM.resource,
                without_finalizer(claim, CLAIM_PROTECTION),
            )
        });
        return freed.into_iter().collect();
    }
    if annotation(claim, BOUND).is_some() {
        return bound_status(world, claim).into_iter().collect();
    }
    match volume_for(world, claim) {
        Some(volume) => bind(claim, volume),
        None => wait(world, claim),
    }
}

fn is_used(world: &World, claim: &Value) -> bool {
    let names = |pod: &Value| {
        let volumes = list(pod, "/spec/volumes").iter();
        volumes
            .into_iter()
            .any(|volume| text(volume, "/persistentVolumeClaim/claimName") == name(claim))
    };
    let mut pods = world.within(&POD.resource, namespace(claim));
    pods.any(|pod| names(pod) && !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed"))
}

fn of_volume(world: &World, volume: &Value) -> Vec<Write> {
    let reference = &volume["spec"]["claimRef"];
    let claim = world.find(
        &CLAIM.resource,
        text(reference, "/namespace"),
        text(reference, "/name"),
    );
    let claim = claim.filter(|claim| is_for(volume, claim));
    let phase = match (
        reference.is_object(),
        text(reference, "/uid").is_empty(),
        claim,
    ) {
        (false, ..) | (true, true, None) => "Available",
        (true, false, None) => "Released",
        (true, _, Some(claim)) if annotation(claim, BOUND).is_some() => "Bound",
        (true, ..) => text(volume, "/status/phase"),
    };
    if object::terminating(volume) {
        let free = has_finalizer(volume, VOLUME_PROTECTION) && phase != "Bound";
        let freed = free.then(|| {
            Write::update(
                CLIENT,
                &VOLUME.resource,
                without_finalizer(volume, VOLUME_PROTECTION),
            )
        });
        return freed.into_iter().collect();
    }
    let phase = if phase.is_empty() { "Available" } else { phase };
    let mut changed = volume.clone();
    changed["status"]["phase"] = phase.into();
    let news = changed != *volume;
    news.then(|| Write::status(CLIENT, &VOLUME.resource, changed))
        .into_iter()
        .collect()
}
