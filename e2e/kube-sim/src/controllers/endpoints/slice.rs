//! The objects in which endpoints stand.

use serde_json::{Map, Value, json};

use crate::clock::seconds;
use crate::controllers::World;
use crate::controllers::kinds::{ENDPOINT_SLICE, ENDPOINTS, NODE, SERVICE};
use crate::controllers::object::{self, holds, list, name, namespace, text, uid};
use crate::controllers::write::{Client, Write};

const CLIENT: Client = Client::ControllerManager;
const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpointslice-controller.k8s.io";
/// When the pods or the service changed that led to this (`EndpointsLastChangeTriggerTime`).
const TRIGGERED: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// The slice of a service, made or changed; superfluous ones go.
pub fn slices(world: &World, service: &Value, pods: &[&Value]) -> Vec<Write> {
    let ours = |slice: &&Value| slice["metadata"]["labels"][MANAGED_BY] == CONTROLLER;
    let mut slices = world
        .controlled_by(uid(service), &ENDPOINT_SLICE.resource)
        .into_iter()
        .filter(ours)
        .filter(|slice| !object::terminating(slice));
    let wanted = slice(world, service, pods);
    let Some(current) = slices.next() else {
        return vec![Write::create(CLIENT, &ENDPOINT_SLICE, wanted)];
    };
    let mut writes: Vec<Write> = slices
        .map(|slice| Write::delete(CLIENT, &ENDPOINT_SLICE.resource, slice))
        .collect();
    let mut changed = current.clone();
    for member in ["endpoints", "ports", "addressType"] {
        changed[member] = wanted[member].clone();
    }
    changed["metadata"]["labels"] = wanted["metadata"]["labels"].clone();
    if !same(&changed, current) {
        changed["metadata"]["annotations"][TRIGGERED] = seconds(world.now).into();
        writes.push(Write::update(CLIENT, &ENDPOINT_SLICE.resource, changed));
    }
    writes
}

fn same(one: &Value, other: &Value) -> bool {
    let labels = one["metadata"]["labels"] == other["metadata"]["labels"];
    // No ports are an empty list or none at all.
    let lists = ["endpoints", "ports"]
        .iter()
        .all(|member| list(&one[member], "") == list(&other[member], ""));
    labels && lists
}

fn slice(world: &World, service: &Value, pods: &[&Value]) -> Value {
    let mut labels = object::labels(service).cloned().unwrap_or_default();
    labels.insert(MANAGED_BY.to_owned(), CONTROLLER.into());
    labels.insert(SERVICE_NAME.to_owned(), name(service).into());
    if service["spec"]["clusterIP"] == "None" {
        labels.insert("service.kubernetes.io/headless".to_owned(), "".into());
    }
    let endpoints: Vec<Value> = pods
        .iter()
        .map(|pod| endpoint(world, service, pod))
        .collect();
    json!({
        "metadata": {
            "generateName": format!("{}-", name(service)),
            "namespace": namespace(service),
            "labels": labels,
            "annotations": {TRIGGERED: seconds(world.now)},
            "ownerReferences": [object::owned_by(service, &SERVICE)],
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": ports(service, pods.first().copied()),
    })
}

fn endpoint(world: &World, service: &Value, pod: &Value) -> Value {
    let ends = object::terminating(pod);
    let serves = holds(pod, "Ready") || service["spec"]["publishNotReadyAddresses"] == true;
    let mut endpoint = json!({
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": serves && !ends, "serving": holds(pod, "Ready"), "terminating": ends},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": target(pod),
    });
    let node = world.find(&NODE.resource, "", text(pod, "/spec/nodeName"));
    let zone = node.and_then(|node| object::labels(node)?.get("topology.kubernetes.io/zone"));
    if let Some(zone) = zone {
        endpoint["zone"] = zone.clone();
    }
    endpoint
}

fn target(pod: &Value) -> Value {
    json!({"kind": "Pod", "name": name(pod), "namespace": namespace(pod), "uid": uid(pod)})
}

/// The ports of a service with the numbers that they have on its pods.
fn ports(service: &Value, pod: Option<&Value>) -> Vec<Value> {
    let ports = list(service, "/spec/ports").iter().filter_map(|port| {
        let number = target_port(port, pod)?;
        let mut found = Map::new();
        found.insert(
            "name".to_owned(),
            port["name"].as_str().unwrap_or_default().into(),
        );
        found.insert("port".to_owned(), number.into());
        found.insert(
            "protocol".to_owned(),
            port["protocol"].as_str().unwrap_or("TCP").into(),
        );
        if let Some(protocol) = port["appProtocol"].as_str() {
            found.insert("appProtocol".to_owned(), protocol.into());
        }
        Some(Value::Object(found))
    });
    ports.collect()
}

/// `FindPort`: a named port is looked up in the pod's containers.
fn target_port(port: &Value, pod: Option<&Value>) -> Option<i64> {
    match &port["targetPort"] {
        Value::Number(number) => number.as_i64(),
        Value::String(wanted) => {
            let containers = list(pod?, "/spec/containers").iter();
            let mut ports = containers.flat_map(|container| list(container, "/ports"));
            ports.find(|port| port["name"] == wanted.as_str())?["containerPort"].as_i64()
        }
        _ => port["port"].as_i64(),
    }
}

/// The Endpoints of a service, made or changed.
pub fn endpoints(world: &World, service: &Value, pods: &[&Value]) -> Option<Write> {
    let ends = |pod: &&&Value| object::terminating(pod);
    let addresses = |ready: bool| -> Vec<Value> {
        let publish = service["spec"]["publishNotReadyAddresses"] == true;
        let wanted = pods
            .iter()
            .filter(|pod| !ends(pod) && (holds(pod, "Ready") || publish) == ready);
        let address = |pod: &&Value| json!({"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": target(pod)});
        wanted.map(address).collect()
    };
    let mut subset = Map::new();
    for (member, ready) in [("addresses", true), ("notReadyAddresses", false)] {
        let found = addresses(ready);
        if !found.is_empty() {
            subset.insert(member.to_owned(), found.into());
        }
    }
    let subsets = if subset.is_empty() {
        Vec::new()
    } else {
        let mut ports = ports(service, pods.first().copied());
        for port in ports
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .filter(|port| port["name"] == "")
        {
            port.remove("name");
        }
        subset.insert("ports".to_owned(), ports.into());
        vec![Value::Object(subset)]
    };
    write_endpoints(world, service, subsets)
}

fn write_endpoints(world: &World, service: &Value, subsets: Vec<Value>) -> Option<Write> {
    let mut labels = object::labels(service).cloned().unwrap_or_default();
    labels.insert(
        "endpoints.kubernetes.io/managed-by".to_owned(),
        "endpoint-controller".into(),
    );
    if service["spec"]["clusterIP"] == "None" {
        labels.insert("service.kubernetes.io/headless".to_owned(), "".into());
    }
    let Some(current) = world.find(&ENDPOINTS.resource, namespace(service), name(service)) else {
        let mut object = json!({
            "metadata": {
                "name": name(service),
                "namespace": namespace(service),
                "labels": labels,
                "annotations": {TRIGGERED: seconds(world.now)},
            },
        });
        if !subsets.is_empty() {
            object["subsets"] = subsets.into();
        }
        return Some(Write::create(CLIENT, &ENDPOINTS, object));
    };
    if list(current, "/subsets") == subsets && object::labels(current) == Some(&labels) {
        return None;
    }
    let mut changed = current.clone();
    changed["metadata"]["labels"] = labels.into();
    changed["metadata"]["annotations"][TRIGGERED] = seconds(world.now).into();
    if subsets.is_empty() {
        changed.as_object_mut()?.remove("subsets");
    } else {
        changed["subsets"] = subsets.into();
    }
    Some(Write::update(CLIENT, &ENDPOINTS.resource, changed))
}
