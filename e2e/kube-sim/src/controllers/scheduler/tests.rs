//! Which node a pod gets, and the words when it gets none.

use std::time::Duration;

use serde_json::{Value, json};

use crate::controllers::kinds::{CLAIM, NAMESPACE, NODE, POD, STORAGE_CLASS};
use crate::controllers::object::{annotation, condition, text};
use crate::controllers::testing::{Sim, node};

fn nodes(sim: &Sim) {
    let room = |cpu: &str| json!({"cpu": cpu, "memory": "8Gi", "pods": "10"});
    sim.create(&NODE, node("a", room("2")));
    sim.create(&NODE, node("b", room("4")));
    let mut gpu = node(
        "gpu",
        json!({"cpu": "8", "memory": "8Gi", "pods": "10", "nvidia.com/gpu": "1"}),
    );
    gpu["spec"]["taints"] = json!([{"key": "sku", "value": "gpu", "effect": "NoSchedule"}]);
    sim.create(&NODE, gpu);
    sim.create(&NAMESPACE, json!({"metadata": {"name": "n"}}));
}

fn pod(name: &str, spec: &Value) -> Value {
    let mut pod =
        json!({"metadata": {"name": name, "namespace": "n", "labels": {"app": "x"}}, "spec": spec});
    if pod["spec"]["containers"].is_null() {
        pod["spec"]["containers"] = json!([{"name": "c", "image": "app:1"}]);
    }
    pod
}

fn asks(requests: impl Into<Value>) -> Value {
    let requests = requests.into();
    json!({"containers": [{"name": "c", "image": "app:1", "resources": {"requests": requests}}]})
}

const TAIL: &str = "no new claims to deallocate, preemption: 0/3 nodes are available:";

#[test]
fn table() {
    let tolerant =
        json!([{"key": "sku", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}]);
    let mut gpu = asks(json!({"nvidia.com/gpu": "1"}));
    gpu["tolerations"] = tolerant;
    let in_pool = |pool: &str| json!({"nodeSelector": {"pool": pool}});
    let affinity = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [{"key": "pool", "operator": "In", "values": ["b", "c"]}]}],
    }}});
    for (spec, wanted) in [
        (json!({}), Ok("a")),
        (in_pool("b"), Ok("b")),
        (json!({"affinity": affinity}), Ok("b")),
        (gpu, Ok("gpu")),
        (asks(json!({"cpu": "3"})), Ok("b")),
        (
            in_pool("gpu"),
            Err(
                "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. \
                 TAIL 3 Preemption is not helpful for scheduling.",
            ),
        ),
        (
            asks(json!({"cpu": "5", "memory": "16Gi"})),
            Err(
                "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. \
                 TAIL 3 Preemption is not helpful for scheduling.",
            ),
        ),
        (
            json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "none"}}]}),
            Err("0/3 nodes are available: persistentvolumeclaim \"none\" not found. not found"),
        ),
    ] {
        let mut sim = Sim::new();
        nodes(&sim);
        sim.create(&POD, pod("p", &spec));
        sim.settle();
        let pod = sim.get(&POD, "n", "p").unwrap();
        let scheduled = condition(&pod, "PodScheduled").unwrap();
        match wanted {
            Ok(node) => {
                assert_eq!(text(&pod, "/spec/nodeName"), node, "{spec}");
                assert_eq!(
                    sim.told("p"),
                    [format!(
                        "Normal Scheduled Successfully assigned n/p to {node}"
                    )]
                );
            }
            Err(words) => {
                let words = words.replace("TAIL", TAIL);
                assert_eq!(
                    (&scheduled["reason"], &scheduled["message"]),
                    (&json!("Unschedulable"), &json!(words))
                );
                assert_eq!(sim.told("p"), [format!("Warning FailedScheduling {words}")]);
            }
        }
    }
}

#[test]
fn room_that_becomes_free_is_taken() {
    let mut sim = Sim::new();
    nodes(&sim);
    let large = asks(json!({"cpu": "2"}));
    for name in ["p1", "p2", "p3"] {
        sim.create(&POD, pod(name, &large));
    }
    sim.create(&POD, pod("late", &asks(json!({"cpu": "1"}))));
    sim.pass(Duration::from_secs(1));
    let message =
        condition(&sim.get(&POD, "n", "late").unwrap(), "PodScheduled").unwrap()["message"].clone();
    assert_eq!(
        message,
        format!(
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. {TAIL} 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod."
        )
    );
    sim.delete(&POD, "n", "p1", "Background");
    sim.pass(Duration::from_secs(1));
    assert_ne!(
        text(&sim.get(&POD, "n", "late").unwrap(), "/spec/nodeName"),
        ""
    );
}

#[test]
fn pods_spread_over_nodes() {
    let mut sim = Sim::new();
    nodes(&sim);
    let spec = json!({"topologySpreadConstraints": [{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": "x"}},
    }]});
    for name in ["p1", "p2", "p3", "p4"] {
        sim.create(&POD, pod(name, &spec));
    }
    sim.settle();
    let on = |node: &str| {
        sim.list(&POD, "n")
            .iter()
            .filter(|pod| text(pod, "/spec/nodeName") == node)
            .count()
    };
    assert_eq!((on("a"), on("b")), (2, 2));
}

#[test]
fn a_claim_that_waits_learns_its_node() {
    let mut sim = Sim::new();
    nodes(&sim);
    sim.create(&STORAGE_CLASS, json!({"metadata": {"name": "late"}, "provisioner": "x", "volumeBindingMode": "WaitForFirstConsumer"}));
    sim.create(&CLAIM, json!({"metadata": {"name": "data", "namespace": "n"}, "spec": {"storageClassName": "late"}}));
    sim.create(
        &POD,
        pod(
            "p",
            &json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}),
        ),
    );
    sim.settle();
    assert_eq!(
        text(&sim.get(&POD, "n", "p").unwrap(), "/spec/nodeName"),
        ""
    );
    let node = annotation(
        &sim.get(&CLAIM, "n", "data").unwrap(),
        "volume.kubernetes.io/selected-node",
    )
    .map(str::to_owned);
    assert_eq!(node.as_deref(), Some("a"));
    sim.change(&CLAIM, "n", "data", |claim| {
        claim["metadata"]["annotations"]["pv.kubernetes.io/bind-completed"] = "yes".into();
    });
    sim.settle();
    assert_eq!(
        text(&sim.get(&POD, "n", "p").unwrap(), "/spec/nodeName"),
        "a"
    );
}
