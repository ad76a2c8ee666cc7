//! Owner references: what is deleted when its owners are gone, what must be gone before its owner, and what
//! its owner lets go of. After `k8s.io/kubernetes/pkg/controller/garbagecollector` 1.36.

use serde_json::Value;

use super::kinds::EVENT;
use super::object::{has_finalizer, list, terminating, uid, without_finalizer};
use super::write::{Act, Client, Write};
use super::{Controller, Plan, World};
use crate::store::{Change, Happened, Key};

const CLIENT: Client = Client::ControllerManager;

/// The finalizer that keeps an owner until its dependents are gone.
const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer that keeps an owner until its dependents no longer name it.
const ORPHAN: &str = "orphan";

/// The garbage collector.
pub struct GarbageCollector;

impl Controller for GarbageCollector {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource == EVENT.resource {
            return Vec::new();
        }
        let mut keys = owners(world, &change.object);
        if change.happened == Happened::Deleted {
            keys.extend(dependents(world, &change.object));
            return keys;
        }
        let owned = !list(&change.object, "/metadata/ownerReferences").is_empty();
        if owned || terminating(&change.object) {
            keys.push(change.key.clone());
        }
        if has_finalizer(&change.object, FOREGROUND) {
            keys.extend(dependents(world, &change.object));
        }
        keys
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(object) = world.get(key) else {
            return Plan::nothing();
        };
        if terminating(object) && has_finalizer(object, ORPHAN) {
            return orphan_dependents(world, key, object).into();
        }
        if terminating(object) && has_finalizer(object, FOREGROUND) {
            return wait_for_dependents(world, key, object).into();
        }
        if terminating(object) {
            return Plan::nothing();
        }
        collect(world, key, object).into()
    }
}

/// Owners that wait for an object to be gone.
fn owners(world: &World, object: &Value) -> Vec<Key> {
    let references = list(object, "/metadata/ownerReferences").iter();
    let owners = references.filter_map(|owner| world.by_uid(owner["uid"].as_str()?));
    let waits = |key: &&Key| world.get(key).is_some_and(terminating);
    owners.filter(waits).cloned().collect()
}

fn dependents(world: &World, owner: &Value) -> Vec<Key> {
    world
        .owned_by(uid(owner))
        .map(|(key, _)| key.clone())
        .collect()
}

/// `attemptToDeleteItem`: owners that live keep an object; owners that are gone, or wait for it, do not.
fn collect(world: &World, key: &Key, object: &Value) -> Vec<Write> {
    let references = list(object, "/metadata/ownerReferences");
    if references.is_empty() {
        return Vec::new();
    }
    let owner = |reference: &Value| {
        world
            .by_uid(reference["uid"].as_str()?)
            .and_then(|key| world.get(key))
    };
    let waits = |owner: &Value| terminating(owner) && has_finalizer(owner, FOREGROUND);
    let solid = |reference: &&Value| owner(reference).is_some_and(|owner| !waits(owner));
    let kept: Vec<Value> = references.iter().filter(solid).cloned().collect();
    if kept.len() == references.len() {
        return Vec::new();
    }
    if !kept.is_empty() {
        let mut changed = object.clone();
        changed["metadata"]["ownerReferences"] = kept.into();
        return vec![Write::update(CLIENT, &key.resource, changed)];
    }
    let awaited = references.iter().filter_map(owner).any(waits);
    let has_dependents = world.owned_by(uid(object)).next().is_some();
    vec![delete(
        key,
        object,
        policy(object, awaited && has_dependents),
    )]
}

fn policy(object: &Value, foreground: bool) -> &'static str {
    if foreground || has_finalizer(object, FOREGROUND) {
        "Foreground"
    } else if has_finalizer(object, ORPHAN) {
        "Orphan"
    } else {
        "Background"
    }
}

fn delete(key: &Key, object: &Value, propagation: &'static str) -> Write {
    let mut write = Write::delete(CLIENT, &key.resource, object);
    if let Act::Delete {
        propagation: wanted,
        ..
    } = &mut write.act
    {
        *wanted = Some(propagation);
    }
    write
}

/// `processDeletingDependentsItem`: the owner goes when nothing that blocks it is left. What does not block it
/// is deleted all the same, when its own turn comes.
fn wait_for_dependents(world: &World, key: &Key, object: &Value) -> Vec<Write> {
    let blocks = |dependent: &Value| {
        let references = list(dependent, "/metadata/ownerReferences").iter();
        let mut ours = references.filter(|reference| reference["uid"] == object["metadata"]["uid"]);
        ours.any(|reference| reference["blockOwnerDeletion"] == true)
    };
    if world
        .owned_by(uid(object))
        .any(|(_, dependent)| blocks(dependent))
    {
        return Vec::new();
    }
    vec![Write::update(
        CLIENT,
        &key.resource,
        without_finalizer(object, FOREGROUND),
    )]
}

/// `orphanDependents`: nobody names the owner any more, then it may go.
fn orphan_dependents(world: &World, key: &Key, owner: &Value) -> Vec<Write> {
    let freed = world.owned_by(uid(owner)).map(|(key, dependent)| {
        let mut changed = dependent.clone();
        if let Some(references) = changed["metadata"]["ownerReferences"].as_array_mut() {
            references.retain(|reference| reference["uid"] != owner["metadata"]["uid"]);
        }
        Write::update(CLIENT, &key.resource, changed)
    });
    let owner = Write::update(CLIENT, &key.resource, without_finalizer(owner, ORPHAN));
    freed.chain([owner]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::controllers::kinds::{CONFIG_MAP, SECRET};
    use crate::controllers::object;
    use crate::controllers::testing::Sim;

    /// An owner, something that it owns, and something that that owns.
    fn family() -> Sim {
        let mut sim = Sim::with(vec![Box::new(GarbageCollector)]);
        let owner = sim.create(
            &CONFIG_MAP,
            json!({"metadata": {"name": "owner", "namespace": "n"}}),
        );
        let by = |owner: &Value| json!([object::owned_by(owner, &CONFIG_MAP)]);
        let child =
            json!({"metadata": {"name": "child", "namespace": "n", "ownerReferences": by(&owner)}});
        let child = sim.create(&CONFIG_MAP, child);
        sim.create(&SECRET, json!({"metadata": {"name": "grandchild", "namespace": "n", "ownerReferences": by(&child)}}));
        sim.settle();
        sim
    }

    fn left(sim: &Sim) -> Vec<String> {
        let objects = sim
            .list(&CONFIG_MAP, "n")
            .into_iter()
            .chain(sim.list(&SECRET, "n"));
        objects
            .map(|object| object::name(&object).to_owned())
            .collect()
    }

    #[test]
    fn each_way_to_delete() {
        for (propagation, wanted) in [
            ("Background", Vec::<&str>::new()),
            ("Foreground", Vec::new()),
            ("Orphan", vec!["child", "grandchild"]),
        ] {
            let mut sim = family();
            sim.delete(&CONFIG_MAP, "n", "owner", propagation);
            sim.settle();
            assert_eq!(left(&sim), wanted, "{propagation}");
        }
    }

    #[test]
    fn an_owner_waits_for_what_blocks_it() {
        let mut sim = family();
        let hold = |held: bool| {
            move |object: &mut Value| {
                object["metadata"]["finalizers"] = if held { json!(["a/b"]) } else { json!([]) }
            }
        };
        sim.change(&SECRET, "n", "grandchild", hold(true));
        sim.delete(&CONFIG_MAP, "n", "owner", "Foreground");
        sim.settle();
        assert_eq!(left(&sim), ["child", "owner", "grandchild"]);
        sim.change(&SECRET, "n", "grandchild", hold(false));
        sim.settle();
        assert_eq!(left(&sim), Vec::<String>::new());
    }

    #[test]
    fn one_owner_of_two_is_enough() {
        let mut sim = family();
        let other = sim.create(
            &CONFIG_MAP,
            json!({"metadata": {"name": "other", "namespace": "n"}}),
        );
        let reference = object::owned_by(&other, &CONFIG_MAP);
        sim.change(&CONFIG_MAP, "n", "child", |child| {
            child["metadata"]["ownerReferences"]
                .as_array_mut()
                .unwrap()
                .push(reference.clone());
        });
        sim.delete(&CONFIG_MAP, "n", "owner", "Background");
        sim.settle();
        assert_eq!(left(&sim), ["child", "other", "grandchild"]);
        assert_eq!(
            sim.get(&CONFIG_MAP, "n", "child").unwrap()["metadata"]["ownerReferences"],
            json!([reference])
        );
    }
}
