//! What the server writes into an object by itself, before it is stored.

use serde_json::{Value, json};

use super::pods::clean;
use super::quantity::Quantity;
use crate::discovery::Kind;

/// Kinds without status endpoint whose changes are counted all the same, as the recorded server does.
const COUNTED: [&str; 4] = [
    "NetworkPolicy",
    "EndpointSlice",
    "PriorityClass",
    "IngressClass",
];
/// Kinds with status endpoint whose changes are not counted, and those whose changes are: as their registries do.
const COUNTED_WITH_STATUS: [&str; 8] = [
    "Deployment",
    "ReplicaSet",
    "Pod",
    "Ingress",
    "PodDisruptionBudget",
    "CustomResourceDefinition",
    "HorizontalPodAutoscaler",
    "Job",
];

fn is_counted(kind: &Kind) -> bool {
    if kind.is_custom() {
        return true;
    }
    let name = kind.kind.as_str();
    (COUNTED.contains(&name) || COUNTED_WITH_STATUS.contains(&name))
        && name != "HorizontalPodAutoscaler"
}

/// A new object: no status of the client's, the first generation.
pub fn prepare_create(kind: &Kind, object: &mut Value) {
    let status = match kind.kind.as_str() {
        // Nodes and volumes are made by those who know their state.
        "Node" => Some(node_status(&object["status"])),
        "Namespace" => Some(json!({ "phase": "Active" })),
        "Pod" => Some(json!({ "phase": "Pending", "qosClass": quality(object) })),
        "PersistentVolume" | "PersistentVolumeClaim" => Some(json!({ "phase": "Pending" })),
        "Service" | "Ingress" => Some(json!({ "loadBalancer": {} })),
        "Deployment" | "ResourceQuota" | "CustomResourceDefinition" => Some(json!({})),
        "ReplicaSet" => Some(json!({ "replicas": 0 })),
        "HorizontalPodAutoscaler" => Some(json!({ "desiredReplicas": 0, "currentMetrics": null })),
        "PodDisruptionBudget" => Some(json!({
            "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0,
        })),
        _ if kind.is_custom() && kind.subresource("status").is_none() => {
            object.get("status").cloned()
        }
        _ => None,
    };
    match status {
        Some(status) => object["status"] = status,
        None => {
            object.as_object_mut().map(|object| object.remove("status"));
        }
    }
    if kind.is_custom() && object["status"].is_null() {
        // Only now: a client's status is dropped, a default of the definition stays.
        crate::schema::set_defaults(kind.schema(), object);
        if object["status"].is_null() {
            object.as_object_mut().map(|object| object.remove("status"));
        }
    }
    if is_counted(kind) {
        object["metadata"]["generation"] = 1.into();
    }
    match kind.kind.as_str() {
        "Namespace" => object["spec"] = json!({ "finalizers": ["kubernetes"] }),
        "CustomResourceDefinition" => accept(object),
        _ => {}
    }
}

/// Structures that a node's status always has.
fn node_status(told: &Value) -> Value {
    let mut status = json!({
        "daemonEndpoints": { "kubeletEndpoint": { "Port": 0 } },
        "nodeInfo": {
            "architecture": "", "bootID": "", "containerRuntimeVersion": "", "kernelVersion": "", "kubeProxyVersion": "",
            "kubeletVersion": "", "machineID": "", "operatingSystem": "", "osImage": "", "systemUUID": "",
        },
    });
    for (name, member) in told.as_object().into_iter().flatten() {
        status[name] = member.clone();
    }
    status
}

/// A changed object: another generation if more than metadata and status changed.
pub fn prepare_update(kind: &Kind, subresource: &str, live: &Value, object: &mut Value) {
    if kind.kind == "Namespace" && subresource != "finalize" {
        object["spec"] = live["spec"].clone();
    }
    if kind.kind == "CustomResourceDefinition" && subresource.is_empty() {
        accept(object);
    }
    if kind.kind == "Service" {
        keep_addresses(&live["spec"], &mut object["spec"]);
    }
    if !is_counted(kind) {
        return;
    }
    let without = |object: &Value| {
        let mut object = object.clone();
        if let Some(members) = object.as_object_mut() {
            members.remove("metadata");
            members.remove("status");
            members.remove("apiVersion");
        }
        clean(&mut object);
        object
    };
    let changed = without(live) != without(object);
    let by_annotation = kind.kind == "Deployment"
        && live["metadata"]["annotations"] != object["metadata"]["annotations"];
    if !["status", "binding"].contains(&subresource) && (changed || by_annotation) {
        let generation = live["metadata"]["generation"].as_i64().unwrap_or(0);
        object["metadata"]["generation"] = (generation + 1).into();
    }
}

/// A service that does not say its addresses keeps them (`patchAllocatedValues`).
fn keep_addresses(live: &Value, spec: &mut Value) {
    let has_address = |spec: &Value| spec["type"] != "ExternalName";
    if !has_address(live) || !has_address(spec) {
        return;
    }
    for member in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if spec[member].is_null() && !live[member].is_null() {
            spec[member] = live[member].clone();
        }
    }
    if let Some(members) = spec.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
}

/// Definitions are served at once: names never clash in a simulator that knows them all.
fn accept(object: &mut Value) {
    let names = object["spec"]["names"].clone();
    let versions = object["spec"]["versions"].as_array().into_iter().flatten();
    let stored: Vec<_> = versions
        .filter(|version| version["storage"] == true)
        .map(|version| version["name"].clone())
        .collect();
    let since = object["metadata"]["creationTimestamp"].clone();
    let condition = |kind: &str, reason: &str, message: &str| json!({ "type": kind, "status": "True", "lastTransitionTime": since, "reason": reason, "message": message });
    object["status"] = json!({
        "conditions": [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        "acceptedNames": names,
        "storedVersions": stored,
    });
}

/// Quality of service, from what containers ask for.
fn quality(pod: &Value) -> &'static str {
    let lists = ["containers", "initContainers"];
    let containers: Vec<_> = lists
        .iter()
        .flat_map(|list| pod["spec"][list].as_array().into_iter().flatten())
        .collect();
    let amounts = |container: &Value, side: &str| {
        let resources = container["resources"][side]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let of_interest = resources.into_iter().filter(|(name, amount)| {
            let amount = amount.as_str().and_then(Quantity::parse);
            (name == "cpu" || name == "memory") && amount.is_some_and(|amount| !amount.is_zero())
        });
        of_interest.collect::<Vec<_>>()
    };
    if containers
        .iter()
        .all(|one| amounts(one, "requests").is_empty() && amounts(one, "limits").is_empty())
    {
        return "BestEffort";
    }
    let guaranteed = containers.iter().all(|one| {
        let limits = amounts(one, "limits");
        let requests = amounts(one, "requests");
        limits.len() == 2 && (requests.is_empty() || requests == limits)
    });
    if guaranteed {
        "Guaranteed"
    } else {
        "Burstable"
    }
}
