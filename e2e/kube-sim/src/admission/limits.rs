//! `LimitRanger`: defaults for containers, and bounds for containers, pods and claims.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::api::{Call, Server, Status};
use crate::kinds::Quantity;
use crate::store::Resource;

const RANGES: Resource = Resource::new("", "limitranges");
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

fn ranges(server: &Server, call: &Call) -> Vec<Arc<Value>> {
    server.store().list(&RANGES, Some(&call.namespace)).0
}

fn limits(range: &Value) -> impl Iterator<Item = &Value> {
    range["spec"]["limits"].as_array().into_iter().flatten()
}

/// Gives containers that ask for nothing what the namespace's ranges say, and notes it.
pub(super) fn defaults(server: &Server, call: &Call, pod: &mut Value) {
    let mut notes = Vec::new();
    for range in ranges(server, call) {
        let mut requests = BTreeMap::new();
        let mut bounds = BTreeMap::new();
        for limit in limits(&range).filter(|limit| limit["type"] == "Container") {
            requests.extend(
                limit["defaultRequest"]
                    .as_object()
                    .cloned()
                    .unwrap_or_default(),
            );
            bounds.extend(limit["default"].as_object().cloned().unwrap_or_default());
        }
        for (list, title) in [
            ("containers", "container"),
            ("initContainers", "init container"),
        ] {
            let containers = pod["spec"].get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                let name = container["name"].as_str().unwrap_or_default().to_owned();
                let limited = fill(container, "limits", &bounds);
                let requested = fill(container, "requests", &requests);
                for (set, side) in [(requested, "request"), (limited, "limit")] {
                    if !set.is_empty() {
                        notes.push(format!("{} {side} for {title} {name}", set.join(", ")));
                    }
                }
            }
        }
    }
    if !notes.is_empty() {
        let note = format!("LimitRanger plugin set: {}", notes.join("; "));
        pod["metadata"]["annotations"][ANNOTATION] = note.into();
    }
}

fn fill(container: &mut Value, side: &str, amounts: &BTreeMap<String, Value>) -> Vec<String> {
    let mut set = Vec::new();
    for (resource, amount) in amounts {
        let place = &mut container["resources"][side][resource];
        if place.is_null() {
            *place = amount.clone();
            set.push(resource.clone());
        }
    }
    set
}

/// Refuses what is out of bounds.
pub(super) fn check(
    server: &Server,
    call: &Call,
    live: Option<&Value>,
    object: &Value,
) -> Result<(), Status> {
    let is_pod = call.kind.kind == "Pod";
    if !is_pod && call.kind.kind != "PersistentVolumeClaim" || is_pod && live.is_some() {
        return Ok(());
    }
    let mut faults = Vec::new();
    for range in ranges(server, call) {
        for limit in limits(&range) {
            match (limit["type"].as_str().unwrap_or_default(), is_pod) {
                ("Container", true) => {
                    for list in ["containers", "initContainers"] {
                        for container in object["spec"][list].as_array().into_iter().flatten() {
                            bounds(limit, "Container", &container["resources"], &mut faults);
                        }
                    }
                }
                ("Pod", true) => bounds(limit, "Pod", &pod_sum(object), &mut faults),
                ("PersistentVolumeClaim", false) => bounds(
                    limit,
                    "PersistentVolumeClaim",
                    &object["spec"]["resources"],
                    &mut faults,
                ),
                _ => {}
            }
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let why = if faults.len() == 1 {
        faults.concat()
    } else {
        format!("[{}]", faults.join(", "))
    };
    Err(Status::forbidden(&call.kind.resource, &call.name, &why))
}

fn read(value: &Value) -> Option<Quantity> {
    Quantity::parse(value.as_str()?)
}

/// In the words of `plugin/pkg/admission/limitranger`.
fn bounds(limit: &Value, kind: &str, resources: &Value, faults: &mut Vec<String>) {
    for (resource, least) in limit["min"].as_object().into_iter().flatten() {
        let text = least.as_str().unwrap_or_default();
        match (read(&resources["requests"][resource]), read(least)) {
            (None, _) => faults.push(format!(
                "minimum {resource} usage per {kind} is {text}.  No request is specified"
            )),
            (Some(request), Some(least)) if request < least => {
                let given = resources["requests"][resource].as_str().unwrap_or_default();
                faults.push(format!(
                    "minimum {resource} usage per {kind} is {text}, but request is {given}"
                ));
            }
            _ => {}
        }
    }
    for (resource, most) in limit["max"].as_object().into_iter().flatten() {
        let text = most.as_str().unwrap_or_default();
        // A claim has no limit: its request counts.
        let (side, title) = if kind == "PersistentVolumeClaim" {
            ("requests", "request")
        } else {
            ("limits", "limit")
        };
        match (read(&resources[side][resource]), read(most)) {
            (None, _) => faults.push(format!(
                "maximum {resource} usage per {kind} is {text}.  No limit is specified"
            )),
            (Some(given), Some(most)) if given > most => {
                let given = resources[side][resource].as_str().unwrap_or_default();
                faults.push(format!(
                    "maximum {resource} usage per {kind} is {text}, but {title} is {given}"
                ));
            }
            _ => {}
        }
    }
}

/// The resources of a pod: the sum of its containers.
fn pod_sum(pod: &Value) -> Value {
    let mut sum = serde_json::json!({ "requests": {}, "limits": {} });
    for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
        for side in ["requests", "limits"] {
            for (resource, amount) in container["resources"][side]
                .as_object()
                .into_iter()
                .flatten()
            {
                let (Some(amount_read), text) = (read(amount), amount.as_str().unwrap_or_default())
                else {
                    continue;
                };
                let total = read(&sum[side][resource])
                    .unwrap_or_default()
                    .plus(amount_read);
                sum[side][resource] = total.like(text).into();
            }
        }
    }
    sum
}
