//! A claim and a volume, bound to each other.

use serde_json::{Value, json};

use super::{BOUND, BOUND_BY_US, CLIENT};
use crate::controllers::World;
use crate::controllers::amounts::parse;
use crate::controllers::kinds::{CLAIM, VOLUME};
use crate::controllers::object::{self, list, name, namespace, text, uid};
use crate::controllers::write::Write;

/// Whether a volume is reserved for a claim.
pub fn is_for(volume: &Value, claim: &Value) -> bool {
    let reference = &volume["spec"]["claimRef"];
    let same_uid = text(reference, "/uid").is_empty() || text(reference, "/uid") == uid(claim);
    text(reference, "/name") == name(claim)
        && text(reference, "/namespace") == namespace(claim)
        && same_uid
}

/// The volume made for the claim, else the smallest free one that fits.
pub fn volume_for<'a>(world: &'a World, claim: &Value) -> Option<&'a Value> {
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
pub fn bind(claim: &Value, volume: &Value) -> Vec<Write> {
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

/// The status of a bound claim, if it changes.
pub fn bound_status(world: &World, claim: &Value) -> Option<Write> {
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
