//! Nodes: whoever registers one gets it ready at once, and its lease is renewed for as long as it is there.
//! What a node says of itself is what kwok's nodes say on the `process` backend.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::kinds::{LEASE, NODE};
use super::object::{holds, name, text, uid};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::clock::{micros, parse, seconds};
use crate::store::{Change, Happened, Key};

/// A kubelet renews after a quarter of `nodeLeaseDurationSeconds`, which is 40.
const RENEWED_EVERY: Duration = Duration::seconds(10);
const LEASE_SECONDS: i64 = 40;
const LEASES: &str = "kube-node-lease";

/// The life of nodes.
pub struct NodeLife;

impl Controller for NodeLife {
    fn concerns(&self, _world: &World, change: &Change) -> Vec<Key> {
        let ours = change.key.resource == NODE.resource && change.happened != Happened::Deleted;
        if ours {
            vec![change.key.clone()]
        } else {
            Vec::new()
        }
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(node) = world.get(key) else {
            return Plan::nothing();
        };
        let mut writes = Vec::new();
        if !holds(node, "Ready") {
            writes.push(Write::status(
                Client::Kubelet,
                &NODE.resource,
                registered(world, node),
            ));
        }
        writes.extend(lease(world, node));
        Plan {
            writes,
            again: Some(world.now + RENEWED_EVERY),
        }
    }
}

fn registered(world: &World, node: &Value) -> Value {
    let mut node = node.clone();
    let now = seconds(world.now);
    let status = &mut node["status"];
    status["conditions"] = conditions(&now);
    if status["capacity"].is_null() {
        status["capacity"] = json!({"cpu": "4", "memory": "16Gi", "pods": "110"});
    }
    if status["allocatable"].is_null() {
        status["allocatable"] = status["capacity"].clone();
    }
    status["nodeInfo"] = json!({
        "architecture": "amd64",
        "bootID": "",
        "containerRuntimeVersion": "kube-sim://",
        "kernelVersion": "",
        "kubeProxyVersion": "",
        "kubeletVersion": "kube-sim",
        "machineID": "",
        "operatingSystem": "linux",
        "osImage": "",
        "systemUUID": "",
    });
    let addresses = json!([
        {"type": "InternalIP", "address": world.settings.node_address},
        {"type": "Hostname", "address": name(&node)},
    ]);
    node["status"]["addresses"] = addresses;
    node
}

/// A kubelet's conditions, in its words.
fn conditions(now: &str) -> Value {
    let said = [
        (
            "Ready",
            "True",
            "KubeletReady",
            "kubelet is posting ready status",
        ),
        (
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        (
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure",
        ),
        (
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
        ),
        (
            "NetworkUnavailable",
            "False",
            "RouteCreated",
            "RouteController created a route",
        ),
    ];
    let conditions = said.into_iter().map(|(kind, status, reason, message)| {
        json!({
            "type": kind,
            "status": status,
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        })
    });
    conditions.collect()
}

/// The lease, made or renewed if it is time.
fn lease(world: &World, node: &Value) -> Option<Write> {
    let Some(lease) = world.find(&LEASE.resource, LEASES, name(node)) else {
        let owner =
            json!({"apiVersion": "v1", "kind": "Node", "name": name(node), "uid": uid(node)});
        let lease = json!({
            "metadata": {"name": name(node), "namespace": LEASES, "ownerReferences": [owner]},
            "spec": {
                "holderIdentity": name(node),
                "leaseDurationSeconds": LEASE_SECONDS,
                "renewTime": micros(world.now),
            },
        });
        return Some(Write::create(Client::Kubelet, &LEASE, lease));
    };
    let renewed: Option<OffsetDateTime> = parse(text(lease, "/spec/renewTime"));
    if renewed.is_some_and(|renewed| world.now < renewed + RENEWED_EVERY) {
        return None;
    }
    let mut lease = lease.clone();
    lease["spec"]["renewTime"] = micros(world.now).into();
    Some(Write::update(Client::Kubelet, &LEASE.resource, lease))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::controllers::testing::Sim;

    #[test]
    fn a_node_becomes_ready_and_its_lease_is_renewed() {
        let mut sim = Sim::with(vec![Box::new(NodeLife)]);
        sim.create(
            &NODE,
            json!({"metadata": {"name": "a"}, "status": {"capacity": {"cpu": "2"}}}),
        );
        sim.settle();
        let node = sim.get(&NODE, "", "a").unwrap();
        assert!(holds(&node, "Ready"));
        assert_eq!(node["status"]["allocatable"], json!({"cpu": "2"}));
        sim.pass(Duration::from_secs(25));
        let lease = sim.get(&LEASE, LEASES, "a").unwrap();
        assert_eq!(lease["spec"]["renewTime"], "2026-01-01T00:00:20.000000Z");
    }
}
