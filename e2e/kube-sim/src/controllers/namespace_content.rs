//! The end of a namespace: pods go first, then everything else, and its conditions say what is left.
//! After `k8s.io/kubernetes/pkg/controller/namespace/deletion` 1.36.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::kinds::{NAMESPACE, POD};
use super::object::{self, list};
use super::write::{Act, Client, Write};
use super::{Controller, Plan, World};
use crate::clock::seconds;
use crate::store::{Change, Key, Resource};

const CLIENT: Client = Client::ControllerManager;

/// The namespace controller. The real one waits five seconds before it begins; this one does not.
pub struct NamespaceContent;

type Content<'a> = BTreeMap<Resource, Vec<&'a Value>>;

impl Controller for NamespaceContent {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        let namespace = if change.key.resource == NAMESPACE.resource {
            change.key.clone()
        } else {
            Key::new(&NAMESPACE.resource, "", &change.key.namespace)
        };
        let ends = world.get(&namespace).is_some_and(object::terminating);
        if ends { vec![namespace] } else { Vec::new() }
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(namespace) = world
            .get(key)
            .filter(|namespace| object::terminating(namespace))
        else {
            return Plan::nothing();
        };
        let content = world.content(&key.name);
        if content.is_empty() {
            return last_step(world, namespace).into();
        }
        let pods = content.contains_key(&POD.resource);
        let now = content
            .iter()
            .filter(|(resource, _)| !pods || **resource == POD.resource);
        let objects = now
            .flat_map(|(resource, objects)| objects.iter().map(move |object| (resource, *object)));
        let mut writes: Vec<Write> = objects
            .filter(|(_, object)| !object::terminating(object))
            .map(|(resource, object)| in_background(resource, object))
            .collect();
        if writes.is_empty() {
            writes.extend(status(world, namespace, &content));
        }
        writes.into()
    }
}

fn in_background(resource: &Resource, object: &Value) -> Write {
    let mut write = Write::delete(CLIENT, resource, object);
    if let Act::Delete { propagation, .. } = &mut write.act {
        *propagation = Some("Background");
    }
    write
}

/// Conditions that say that all is done, then the namespace without its own finalizer.
fn last_step(world: &World, namespace: &Value) -> Vec<Write> {
    if let Some(write) = status(world, namespace, &Content::new()) {
        return vec![write];
    }
    let mut object = namespace.clone();
    let Some(finalizers) = object["spec"]["finalizers"].as_array_mut() else {
        return Vec::new();
    };
    finalizers.retain(|finalizer| finalizer != "kubernetes");
    if object == *namespace {
        return Vec::new();
    }
    let finalize = Act::Update {
        subresource: Some("finalize"),
        object,
    };
    vec![Write {
        client: CLIENT,
        key: Key::of(&NAMESPACE.resource, namespace),
        act: finalize,
    }]
}

/// The status with what is left, if it says something else now.
fn status(world: &World, namespace: &Value, content: &Content<'_>) -> Option<Write> {
    let mut changed = namespace.clone();
    changed["status"]["phase"] = "Terminating".into();
    let nothing = Content::new();
    let pods = content.contains_key(&POD.resource);
    for (kind, condition) in conditions(if pods { &nothing } else { content }) {
        set(&mut changed, kind, condition, &seconds(world.now));
    }
    (changed != *namespace).then(|| Write::status(CLIENT, &NAMESPACE.resource, changed))
}

/// Status, reason and message of a condition.
type Said = (&'static str, &'static str, String);

/// In the order of `conditionTypes`. While there are pods the real controller does not get to what else is left.
fn conditions(content: &Content<'_>) -> [(&'static str, Said); 5] {
    let fine = |reason, message: &str| ("False", reason, message.to_owned());
    let resources = content.iter().map(|(resource, objects)| {
        format!(
            "{}.{} has {} resource instances",
            resource.plural,
            resource.group,
            objects.len()
        )
    });
    let resources: Vec<String> = resources.collect();
    let finalizers: Vec<String> = finalizers(content)
        .into_iter()
        .map(|(finalizer, count)| format!("{finalizer} in {count} resource instances"))
        .collect();
    [
        (
            "NamespaceDeletionDiscoveryFailure",
            fine(
                "ResourcesDiscovered",
                "All resources successfully discovered",
            ),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            fine(
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
            ),
        ),
        (
            "NamespaceDeletionContentFailure",
            fine(
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
        ),
        (
            "NamespaceContentRemaining",
            left(
                "SomeResourcesRemain",
                "Some resources are remaining",
                resources,
            )
            .unwrap_or_else(|| fine("ContentRemoved", "All content successfully removed")),
        ),
        (
            "NamespaceFinalizersRemaining",
            left(
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining",
                finalizers,
            )
            .unwrap_or_else(|| {
                fine(
                    "ContentHasNoFinalizers",
                    "All content-preserving finalizers finished",
                )
            }),
        ),
    ]
}

fn left(reason: &'static str, words: &str, mut what: Vec<String>) -> Option<Said> {
    what.sort();
    (!what.is_empty()).then(|| ("True", reason, format!("{words}: {}", what.join(", "))))
}

fn finalizers<'a>(content: &Content<'a>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for object in content.values().flatten() {
        for finalizer in list(object, "/metadata/finalizers")
            .iter()
            .filter_map(Value::as_str)
        {
            *counts.entry(finalizer).or_default() += 1;
        }
    }
    counts
}

/// `updateConditions`.
fn set(namespace: &mut Value, kind: &str, (status, reason, message): Said, now: &str) {
    let said = json!({"status": status, "reason": reason, "message": message});
    let conditions = &mut namespace["status"]["conditions"];
    if conditions.is_null() {
        *conditions = json!([]);
    }
    let Some(conditions) = conditions.as_array_mut() else {
        return;
    };
    let Some(current) = conditions
        .iter_mut()
        .find(|condition| condition["type"] == kind)
    else {
        let mut condition = json!({"type": kind, "lastTransitionTime": now});
        merge(&mut condition, &said);
        conditions.push(condition);
        return;
    };
    if current["status"] != status {
        current["lastTransitionTime"] = now.into();
    }
    merge(current, &said);
}

fn merge(condition: &mut Value, said: &Value) {
    for (name, value) in object::members(said, "") {
        condition[name] = value.clone();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::controllers::kinds::{CONFIG_MAP, SERVICE_ACCOUNT};
    use crate::controllers::object::condition;
    use crate::controllers::testing::Sim;

    #[test]
    fn a_new_namespace_has_its_account_and_certificates() {
        let mut sim = Sim::new();
        sim.furnish();
        sim.settle();
        assert!(sim.get(&SERVICE_ACCOUNT, "prod", "default").is_some());
        let map = sim.get(&CONFIG_MAP, "prod", "kube-root-ca.crt").unwrap();
        sim.delete(&CONFIG_MAP, "prod", "kube-root-ca.crt", "Background");
        sim.settle();
        assert_eq!(
            sim.get(&CONFIG_MAP, "prod", "kube-root-ca.crt").unwrap()["data"],
            map["data"]
        );
    }

    #[test]
    fn pods_go_first_then_the_rest_then_the_namespace() {
        let mut sim = Sim::new();
        sim.furnish();
        sim.create(&POD, json!({"metadata": {"name": "p", "namespace": "prod"}, "spec": {"containers": [{"name": "c", "image": "a"}]}}));
        sim.create(
            &CONFIG_MAP,
            json!({"metadata": {"name": "m", "namespace": "prod"}}),
        );
        sim.pass(Duration::from_secs(1));
        sim.delete(&NAMESPACE, "", "prod", "Background");
        sim.settle();
        assert!(
            sim.get(&CONFIG_MAP, "prod", "m").is_some()
                && sim
                    .get(&POD, "prod", "p")
                    .is_some_and(|pod| object::terminating(&pod))
        );
        sim.pass(Duration::from_secs(1));
        assert_eq!(sim.get(&NAMESPACE, "", "prod"), None);
        assert_eq!(sim.list(&CONFIG_MAP, "prod").len(), 0);
    }

    #[test]
    fn what_is_held_by_a_finalizer_is_named() {
        let mut sim = Sim::new();
        sim.furnish();
        sim.create(
            &CONFIG_MAP,
            json!({"metadata": {"name": "m", "namespace": "prod", "finalizers": ["a/b"]}}),
        );
        sim.delete(&NAMESPACE, "", "prod", "Background");
        sim.pass(Duration::from_mins(1));
        let namespace = sim.get(&NAMESPACE, "", "prod").unwrap();
        let says = |kind: &str| {
            let condition = condition(&namespace, kind).unwrap();
            [
                &condition["status"],
                &condition["reason"],
                &condition["message"],
            ]
            .map(|member| member.as_str().unwrap_or_default())
        };
        assert_eq!(
            says("NamespaceContentRemaining"),
            [
                "True",
                "SomeResourcesRemain",
                "Some resources are remaining: configmaps. has 1 resource instances"
            ]
        );
        assert_eq!(
            says("NamespaceFinalizersRemaining"),
            [
                "True",
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: a/b in 1 resource instances"
            ]
        );
        sim.change(&CONFIG_MAP, "prod", "m", |map| {
            map["metadata"]["finalizers"] = json!([]);
        });
        sim.settle();
        assert_eq!(sim.get(&NAMESPACE, "", "prod"), None);
    }
}
