//! ReplicaSets: so many pods as wanted, and the right ones go.

use std::time::Duration;

use serde_json::{Value, json};
use time::macros::datetime;

use super::ranking::first_to_go;
use super::*;
use crate::controllers::Settings;
use crate::controllers::testing::Sim;

fn set(replicas: i64) -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "prod"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}, "annotations": {"team": "a"}},
                "spec": {"containers": [{"name": "web", "image": "app:1"}]},
            },
        },
    })
}

#[test]
fn pods_come_and_go_with_the_number_wanted() {
    let mut sim = Sim::new();
    sim.furnish();
    sim.create(&REPLICA_SET, set(3));
    sim.pass(Duration::from_secs(2));
    let pods = sim.list(&POD, "prod");
    assert_eq!(pods.len(), 3);
    assert_eq!(pods[0]["metadata"]["generateName"], "web-");
    assert_eq!(object::annotation(&pods[0], "team"), Some("a"));
    let status = sim.get(&REPLICA_SET, "prod", "web").unwrap()["status"].clone();
    let wanted = json!({
        "replicas": 3, "fullyLabeledReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
        "terminatingReplicas": 0, "observedGeneration": 1,
    });
    assert_eq!(status, wanted);
    sim.change(&REPLICA_SET, "prod", "web", |set| {
        set["spec"]["replicas"] = 1.into();
    });
    sim.settle();
    let status = sim.get(&REPLICA_SET, "prod", "web").unwrap()["status"].clone();
    assert_eq!(
        (&status["replicas"], &status["terminatingReplicas"]),
        (&json!(1), &json!(2))
    );
    sim.pass(Duration::from_secs(2));
    assert_eq!(sim.list(&POD, "prod").len(), 1);
    let told = sim.told("web");
    assert_eq!(
        told.iter()
            .filter(|told| told.contains("SuccessfulCreate Created pod: web-"))
            .count(),
        3
    );
    assert_eq!(
        told.iter()
            .filter(|told| told.contains("SuccessfulDelete Deleted pod: web-"))
            .count(),
        2
    );
}

#[test]
fn a_pod_that_loses_its_label_is_let_go_and_replaced() {
    let mut sim = Sim::new();
    sim.furnish();
    sim.create(&REPLICA_SET, set(1));
    sim.pass(Duration::from_secs(2));
    let first = object::name(&sim.list(&POD, "prod")[0]).to_owned();
    sim.change(&POD, "prod", &first, |pod| {
        pod["metadata"]["labels"]["app"] = "other".into();
    });
    sim.pass(Duration::from_secs(2));
    assert_eq!(sim.list(&POD, "prod").len(), 2);
    assert_eq!(
        object::controller(&sim.get(&POD, "prod", &first).unwrap()),
        None
    );
}

#[test]
fn failed_pods_do_not_count() {
    let mut sim = Sim::new();
    sim.furnish();
    let mut crashing = set(1);
    crashing["spec"]["template"]["spec"] =
        json!({"containers": [{"name": "web", "image": "app:crash"}], "restartPolicy": "Never"});
    sim.create(&REPLICA_SET, crashing);
    sim.pass(Duration::from_secs(2));
    let phases = |sim: &Sim| {
        sim.list(&POD, "prod")
            .iter()
            .filter(|pod| pod["status"]["phase"] == "Failed")
            .count()
    };
    assert!(phases(&sim) >= 1 && sim.list(&POD, "prod").len() > phases(&sim));
}

#[test]
fn who_goes_first() {
    let ready =
        |since: &str| json!([{"type": "Ready", "status": "True", "lastTransitionTime": since}]);
    let pod = |name: &str, node: &str, status: Value| json!({"metadata": {"name": name, "uid": name, "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {"nodeName": node}, "status": status});
    let old = pod(
        "old",
        "a",
        json!({"phase": "Running", "conditions": ready("2026-01-01T00:00:00Z")}),
    );
    let new = pod(
        "new",
        "a",
        json!({"phase": "Running", "conditions": ready("2026-01-01T00:59:59Z")}),
    );
    let unready = pod("unready", "a", json!({"phase": "Running"}));
    let pending = pod("pending", "a", json!({"phase": "Pending"}));
    let unbound = pod("unbound", "", json!({"phase": "Pending"}));
    let restarted = pod(
        "restarted",
        "a",
        json!({"phase": "Running", "containerStatuses": [{"restartCount": 3}]}),
    );
    let mut cheap = pod(
        "cheap",
        "a",
        json!({"phase": "Running", "conditions": ready("2026-01-01T00:00:00Z")}),
    );
    cheap["metadata"]["annotations"] = json!({"controller.kubernetes.io/pod-deletion-cost": "-1"});
    let pods = [&old, &new, &unready, &pending, &unbound, &restarted, &cheap];
    let world = World::empty(datetime!(2026-01-01 01:00 UTC), Settings::default());
    let order: Vec<&str> = first_to_go(&world, &json!({}), &pods)
        .into_iter()
        .map(object::name)
        .collect();
    assert_eq!(
        order,
        [
            "unbound",
            "pending",
            "restarted",
            "unready",
            "cheap",
            "new",
            "old"
        ]
    );
}
