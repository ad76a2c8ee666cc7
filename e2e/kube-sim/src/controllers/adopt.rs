//! Which objects belong to a controller by owner reference and by selector: what it adopts and what it releases.
//! After `controller_ref_manager.go` of `k8s.io/kubernetes/pkg/controller`.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::object;
use super::selector::selects;
use super::world::World;
use super::write::{Client, Write};

/// Writes that make the owner's objects those that its selector selects.
pub fn adopt_and_release(
    world: &World,
    owner: &Value,
    owner_kind: &Kind,
    owned: &Kind,
    client: Client,
) -> Vec<Write> {
    if object::terminating(owner) {
        return Vec::new();
    }
    let selector = &owner["spec"]["selector"];
    let selected = world.selected(&owned.resource, object::namespace(owner), selector);
    let orphans = selected
        .into_iter()
        .filter(|object| object::controller(object).is_none() && !object::terminating(object));
    let held = world.controlled_by(object::uid(owner), &owned.resource);
    let lost = held
        .into_iter()
        .filter(|object| !selects(selector, object::labels(object)));
    let changed = orphans
        .map(|object| adopted(object, owner, owner_kind))
        .chain(lost.map(|object| released(object, owner)));
    changed
        .map(|object| Write::update(client, &owned.resource, object))
        .collect()
}

fn adopted(object: &Value, owner: &Value, kind: &Kind) -> Value {
    let mut object = object.clone();
    let reference = object::owned_by(owner, kind);
    match object["metadata"]["ownerReferences"].as_array_mut() {
        Some(owners) => owners.push(reference),
        None => object["metadata"]["ownerReferences"] = json!([reference]),
    }
    object
}

fn released(object: &Value, owner: &Value) -> Value {
    let mut object = object.clone();
    if let Some(owners) = object["metadata"]["ownerReferences"].as_array_mut() {
        owners.retain(|by| by["uid"] != owner["metadata"]["uid"]);
    }
    object
}
