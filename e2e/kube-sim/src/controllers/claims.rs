//! Claims and volumes: bound to each other when a volume is there that fits or was made for the claim, released when
//! the claim is gone, and protected while in use. Volumes are made by a class's provisioner, which is somebody else.
//! After `k8s.io/kubernetes/pkg/controller/volume/{persistentvolume,pvcprotection,pvprotection}` 1.36.

use serde_json::{Value, json};

use super::amounts::parse;
use super::event::{Event, Teller};
use super::kinds::{CLAIM, POD, STORAGE_CLASS, VOLUME};
use super::object::{
    self, annotation, has_finalizer, list, name, namespace, text, uid, without_finalizer,
};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::store::{Change, Key};

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

/// Whether a volume is reserved for a claim.
fn is_for(volume: &Value, claim: &Value) -> bool {
    let reference = &volume["spec"]["claimRef"];
    let same_uid = text(reference, "/uid").is_empty() || text(reference, "/uid") == uid(claim);
    text(reference, "/name") == name(claim)
        && text(reference, "/namespace") == namespace(claim)
        && same_uid
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

/// The volume made for the claim, else the smallest free one that fits.
fn volume_for<'a>(world: &'a World, claim: &Value) -> Option<&'a Value> {
    let volumes = || {
        world
            .all(&VOLUME.resource)
            .filter(|volume| !object::terminating(volume))
    };
    let reserved =
        volumes().find(|volume| volume["spec"]["claimRef"].is_object() && is_for(volume, claim));
    let free = volumes().filter(|volume| fits(volume, claim));
    reserved.or_else(|| free.min_by_key(|volume| parse(&volume["spec"]["capacity"]["storage"])))
}

fn fits(volume: &Value, claim: &Value) -> bool {
    let (has, wants) = (&volume["spec"], &claim["spec"]);
    let asked = parse(&wants["resources"]["requests"]["storage"]).unwrap_or_default();
    let modes = list(has, "/accessModes");
    has["claimRef"].is_null()
        && text(has, "/storageClassName") == text(wants, "/storageClassName")
        && parse(&has["capacity"]["storage"]).is_some_and(|capacity| capacity >= asked)
        && list(wants, "/accessModes")
            .iter()
            .all(|mode| modes.contains(mode))
        && ["", name(volume)].contains(&text(wants, "/volumeName"))
}

/// Each names the other.
fn bind(claim: &Value, volume: &Value) -> Vec<Write> {
    let mut bound_volume = volume.clone();
    let reference = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": namespace(claim),
        "name": name(claim),
        "uid": uid(claim),
        "resourceVersion": claim["metadata"]["resourceVersion"],
    });
    if volume["spec"]["claimRef"].is_null() {
        bound_volume["metadata"]["annotations"][BOUND_BY_US] = "yes".into();
    }
    if text(volume, "/spec/claimRef/uid").is_empty() {
        bound_volume["spec"]["claimRef"] = reference;
    }
    let mut bound_claim = claim.clone();
    bound_claim["metadata"]["annotations"][BOUND] = "yes".into();
    if text(claim, "/spec/volumeName").is_empty() {
        bound_claim["spec"]["volumeName"] = name(volume).into();
        bound_claim["metadata"]["annotations"][BOUND_BY_US] = "yes".into();
    }
    let claimed =
        (bound_volume != *volume).then(|| Write::update(CLIENT, &VOLUME.resource, bound_volume));
    claimed
        .into_iter()
        .chain([Write::update(CLIENT, &CLAIM.resource, bound_claim)])
        .collect()
}

fn bound_status(world: &World, claim: &Value) -> Option<Write> {
    let volume = world.find(&VOLUME.resource, "", text(claim, "/spec/volumeName"));
    let mut changed = claim.clone();
    let status = &mut changed["status"];
    match volume {
        None => status["phase"] = "Lost".into(),
        Some(volume) => {
            status["phase"] = "Bound".into();
            status["accessModes"] = volume["spec"]["accessModes"].clone();
            // Later growth is the provisioner's to tell.
            if status["capacity"].is_null() {
                status["capacity"] = volume["spec"]["capacity"].clone();
            }
        }
    }
    (changed != *claim).then(|| Write::status(CLIENT, &CLAIM.resource, changed))
}

/// Tells the provisioner that it is its turn, and people what is waited for.
fn wait(world: &World, claim: &Value) -> Vec<Write> {
    let class = world.find(
        &STORAGE_CLASS.resource,
        "",
        text(claim, "/spec/storageClassName"),
    );
    let Some(class) = class else {
        let (severity, reason, words) = match text(claim, "/spec/storageClassName") {
            "" => (
                "Normal",
                "FailedBinding",
                "no persistent volumes available for this claim and no storage class is set"
                    .to_owned(),
            ),
            class => (
                "Warning",
                "ProvisioningFailed",
                format!("storageclass.storage.k8s.io {class:?} not found"),
            ),
        };
        return tell_once(world, claim, severity, reason, &words);
    };
    let for_pod = class["volumeBindingMode"] == "WaitForFirstConsumer"
        && annotation(claim, SELECTED_NODE).is_none();
    if for_pod {
        let words = "waiting for first consumer to be created before binding";
        return tell_once(world, claim, "Normal", "WaitForFirstConsumer", words);
    }
    let provisioner = text(class, "/provisioner");
    let mut changed = claim.clone();
    for name in PROVISIONER {
        changed["metadata"]["annotations"][name] = provisioner.into();
    }
    let words = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    let mut writes = tell_once(world, claim, "Normal", "ExternalProvisioning", &words);
    if changed != *claim {
        writes.push(Write::update(CLIENT, &CLAIM.resource, changed));
    }
    writes
}

/// Not again for every change of the claim, as the real one does every 15 seconds.
fn tell_once(
    world: &World,
    claim: &Value,
    severity: &'static str,
    reason: &str,
    message: &str,
) -> Vec<Write> {
    let event = Event {
        about: claim,
        kind: &CLAIM,
        severity,
        reason,
        message,
    };
    if event.told_before(&TELLER, world).is_some() {
        return Vec::new();
    }
    vec![event.told_by(TELLER, world)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::testing::Sim;

    fn claim(class: &str) -> Value {
        json!({
            "metadata": {"name": "data", "namespace": "n", "finalizers": [CLAIM_PROTECTION]},
            "spec": {"storageClassName": class, "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        })
    }

    #[test]
    fn a_volume_made_for_a_claim_is_bound_and_released() {
        let mut sim = Sim::with(vec![Box::new(Claims)]);
        sim.create(
            &STORAGE_CLASS,
            json!({"metadata": {"name": "fast"}, "provisioner": "x"}),
        );
        let claim = sim.create(&CLAIM, claim("fast"));
        sim.settle();
        assert_eq!(
            annotation(&sim.get(&CLAIM, "n", "data").unwrap(), PROVISIONER[1]),
            Some("x")
        );
        let reference = json!({"namespace": "n", "name": "data", "uid": uid(&claim)});
        sim.create(&VOLUME, json!({
            "metadata": {"name": "v", "finalizers": [VOLUME_PROTECTION]},
            "spec": {"claimRef": reference, "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "fast"},
        }));
        sim.settle();
        let bound = sim.get(&CLAIM, "n", "data").unwrap();
        assert_eq!(
            bound["status"],
            json!({"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}})
        );
        assert_eq!(
            sim.get(&VOLUME, "", "v").unwrap()["status"]["phase"],
            "Bound"
        );
        sim.delete(&CLAIM, "n", "data", "Background");
        sim.settle();
        assert_eq!(sim.get(&CLAIM, "n", "data"), None);
        assert_eq!(
            sim.get(&VOLUME, "", "v").unwrap()["status"]["phase"],
            "Released"
        );
        sim.delete(&VOLUME, "", "v", "Background");
        sim.settle();
        assert_eq!(sim.get(&VOLUME, "", "v"), None);
    }

    #[test]
    fn people_are_told_what_a_claim_waits_for() {
        for (class, mode, wanted) in [
            (
                "",
                "",
                "Normal FailedBinding no persistent volumes available for this claim and no storage class is set",
            ),
            (
                "none",
                "",
                "Warning ProvisioningFailed storageclass.storage.k8s.io \"none\" not found",
            ),
            (
                "late",
                "WaitForFirstConsumer",
                "Normal WaitForFirstConsumer waiting for first consumer to be created before binding",
            ),
        ] {
            let mut sim = Sim::with(vec![Box::new(Claims)]);
            sim.create(&STORAGE_CLASS, json!({"metadata": {"name": "late"}, "provisioner": "x", "volumeBindingMode": mode}));
            sim.create(&CLAIM, claim(class));
            sim.settle();
            assert_eq!(sim.told("data"), [wanted]);
        }
    }
}
