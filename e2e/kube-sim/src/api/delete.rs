//! Deleting: at once, after a grace period, or when the last finalizer is gone.

use std::sync::Arc;

use serde_json::{Value, json};
use time::Duration;

use super::options::Options;
use super::status::Status;
use super::{Call, DEFINITIONS, Server};
use crate::clock;
use crate::store::{Key, Resource};

/// `metav1.DeleteOptions`, from the body or the parameters.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// For how many seconds a pod may go on.
    pub grace_period: Option<i64>,
    /// `Background`, `Foreground` or `Orphan`.
    pub propagation: Option<String>,
    /// Only this very object.
    pub uid: Option<String>,
    /// Only in this state.
    pub resource_version: Option<String>,
}

/// Kinds whose registries set `ReturnDeletedObject`: the answer is the object that was there, not a success.
const RETURNED: [&str; 7] = [
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "Service",
    "ServiceAccount",
    "StorageClass",
    "Pod",
];

impl DeleteOptions {
    /// Reads a body; parameters fill what it does not say.
    pub fn read(body: &Value, options: &Options) -> DeleteOptions {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        DeleteOptions {
            grace_period: body["gracePeriodSeconds"].as_i64().or(options.grace_period),
            propagation: text(&body["propagationPolicy"]).or_else(|| options.propagation.clone()),
            uid: text(&body["preconditions"]["uid"]),
            resource_version: text(&body["preconditions"]["resourceVersion"]),
        }
    }
}

impl Server {
    /// Deletes an object. Gives the object if it stays for a while, else a success.
    pub fn delete(&self, call: &Call, options: &DeleteOptions) -> Result<Value, Status> {
        let _writing = self.write_lock();
        let key = call.key();
        let (resource, name) = (&call.kind.resource, call.name.as_str());
        let live = self
            .store
            .get(&key)
            .ok_or_else(|| Status::not_found(resource, name))?;
        check(call, options, &live)?;
        if let Some(policy) = &options.propagation
            && !["Background", "Foreground", "Orphan"].contains(&policy.as_str())
        {
            return Err(Status::bad_request(format!(
                "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: {policy:?}: supported values: \"Background\", \"Foreground\", \"Orphan\", \"nil\""
            )));
        }
        if call.kind.kind == "Namespace"
            && ["default", "kube-system", "kube-public"].contains(&name)
        {
            return Err(Status::forbidden(
                resource,
                name,
                "this namespace may not be deleted",
            ));
        }
        let mut object = Value::clone(&live);
        mark(&mut object, options);
        let grace = grace(&call.kind.kind, &object, options);
        let stays = !finalizers(&object).is_empty()
            || grace > 0
            || call.kind.kind == "Namespace" && waits(&object);
        if !stays {
            if !call.options.dry_run {
                self.remove_for_good(&key);
            }
            if RETURNED.contains(&call.kind.kind.as_str()) {
                return Ok(Value::clone(&live));
            }
            let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
            return Ok(Status::success(resource, name, uid));
        }
        let metadata = &mut object["metadata"];
        let was = metadata["deletionGracePeriodSeconds"].as_i64();
        if !metadata["deletionTimestamp"].is_string() || was.is_some_and(|was| grace < was) {
            if !metadata["deletionTimestamp"].is_string()
                && let Some(generation) = metadata["generation"].as_i64()
            {
                metadata["generation"] = (generation + 1).into();
            }
            let moment = self.store.clock().now() + Duration::seconds(grace);
            metadata["deletionTimestamp"] = clock::seconds(moment).into();
            if call.kind.kind != "Namespace" {
                metadata["deletionGracePeriodSeconds"] = grace.into();
            }
        }
        if call.kind.kind == "Namespace" {
            object["status"]["phase"] = "Terminating".into();
        }
        // A second request changes nothing, or cuts the wait short.
        if grace == 0 && finalizers(&object).is_empty() && call.kind.kind == "Pod" {
            self.remove_for_good(&key);
            return Ok(object);
        }
        if object == *live {
            return Ok(object);
        }
        Ok(Value::clone(&self.keep(call, object)))
    }

    /// Deletes all that a selector chooses.
    pub fn delete_all(&self, call: &Call, options: &DeleteOptions) -> Result<Value, Status> {
        let chosen = self.list(call)?;
        let mut items = Vec::new();
        for object in &chosen.items {
            let object = object.tree();
            let key = Key::of(&call.kind.resource, &object);
            let one = Call {
                namespace: key.namespace,
                name: key.name,
                ..call.clone()
            };
            match self.delete(&one, options) {
                Err(status) if status.code != 404 => return Err(status),
                _ => {
                    let mut object = Value::clone(&object);
                    if let Some(members) = object.as_object_mut() {
                        members.retain(|member, _| member != "kind" && member != "apiVersion");
                    }
                    items.push(object);
                }
            }
        }
        Ok(json!({
            "kind": format!("{}List", call.kind.kind),
            "apiVersion": call.kind.api_version(),
            "metadata": { "resourceVersion": self.store.revision().to_string() },
            "items": items,
        }))
    }

    /// Removes an object that nothing holds any more.
    pub(super) fn remove_for_good(&self, key: &Key) -> Option<Arc<Value>> {
        let removed = self.store.remove(key);
        if key.resource == DEFINITIONS {
            self.learn_kinds();
        }
        removed
    }
}

fn check(call: &Call, options: &DeleteOptions, live: &Value) -> Result<(), Status> {
    let metadata = &live["metadata"];
    let (kind, name) = (&call.kind.kind, call.name.as_str());
    for (wanted, member, title) in [
        (&options.uid, "uid", "UID"),
        (
            &options.resource_version,
            "resourceVersion",
            "ResourceVersion",
        ),
    ] {
        if let Some(wanted) = wanted
            && metadata[member] != wanted.as_str()
        {
            let live = metadata[member].as_str().unwrap_or_default();
            let why = format!(
                "the {title} in the precondition ({wanted}) does not match the {title} in record ({live}). The object might have been {}",
                if member == "uid" {
                    "deleted and then recreated"
                } else {
                    "modified"
                }
            );
            return Err(Status::conflict(
                &Resource::named(&call.kind.resource.group, kind),
                name,
                &why,
            ));
        }
    }
    Ok(())
}

fn finalizers(object: &Value) -> Vec<String> {
    let list = object["metadata"]["finalizers"]
        .as_array()
        .into_iter()
        .flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a namespace still waits for its own finalizers.
fn waits(namespace: &Value) -> bool {
    namespace["spec"]["finalizers"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
}

/// The garbage collector is told by finalizers what to do with dependents.
fn mark(object: &mut Value, options: &DeleteOptions) {
    let Some(policy) = options.propagation.as_deref() else {
        return;
    };
    let mut list = finalizers(object);
    list.retain(|name| name != "orphan" && name != "foregroundDeletion");
    match policy {
        "Orphan" => list.push("orphan".to_owned()),
        "Foreground" => list.push("foregroundDeletion".to_owned()),
        _ => {}
    }
    if list.is_empty() {
        object["metadata"]
            .as_object_mut()
            .map(|metadata| metadata.remove("finalizers"));
    } else {
        object["metadata"]["finalizers"] = list.into();
    }
}

/// Only pods that a node runs get time.
fn grace(kind: &str, object: &Value, options: &DeleteOptions) -> i64 {
    let phase = object["status"]["phase"].as_str().unwrap_or_default();
    let unscheduled = object["spec"]["nodeName"]
        .as_str()
        .unwrap_or_default()
        .is_empty();
    if kind != "Pod" || unscheduled || phase == "Failed" || phase == "Succeeded" {
        return 0;
    }
    let own = object["spec"]["terminationGracePeriodSeconds"].as_i64();
    options.grace_period.or(own).unwrap_or(30)
}
