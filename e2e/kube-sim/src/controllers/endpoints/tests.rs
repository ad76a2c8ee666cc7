//! Endpoints follow readiness.

use std::time::Duration;

use serde_json::{Value, json};

use crate::controllers::kinds::{ENDPOINT_SLICE, ENDPOINTS, POD, SERVICE};
use crate::controllers::object::{list, text};
use crate::controllers::testing::Sim;

fn service() -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "prod", "labels": {"team": "a"}},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]},
    })
}

fn pod(name: &str, image: &str) -> Value {
    let container =
        json!({"name": "c", "image": image, "ports": [{"name": "http", "containerPort": 8080}]});
    json!({"metadata": {"name": name, "namespace": "prod", "labels": {"app": "web"}}, "spec": {"containers": [container]}})
}

#[test]
fn a_slice_and_endpoints_of_ready_and_unready_pods() {
    let mut sim = Sim::new();
    sim.furnish();
    sim.create(&SERVICE, service());
    sim.settle();
    let slices = sim.list(&ENDPOINT_SLICE, "prod");
    assert_eq!((slices.len(), &slices[0]["endpoints"]), (1, &json!([])));
    sim.create(&POD, pod("good", "app:1"));
    sim.create(&POD, pod("bad", "app:never-ready"));
    sim.pass(Duration::from_secs(2));
    let slice = &sim.list(&ENDPOINT_SLICE, "prod")[0];
    assert_eq!(
        slice["ports"],
        json!([{"name": "http", "port": 8080, "protocol": "TCP"}])
    );
    assert_eq!(
        slice["metadata"]["labels"]["kubernetes.io/service-name"],
        "web"
    );
    assert_eq!(slice["metadata"]["labels"]["team"], "a");
    let ready = |slice: &Value| -> Vec<(String, bool)> {
        let endpoints = list(slice, "/endpoints").iter();
        endpoints
            .map(|endpoint| {
                (
                    text(endpoint, "/targetRef/name").to_owned(),
                    endpoint["conditions"]["ready"] == true,
                )
            })
            .collect()
    };
    assert_eq!(
        ready(slice),
        [("bad".to_owned(), false), ("good".to_owned(), true)]
    );
    let endpoints = sim.get(&ENDPOINTS, "prod", "web").unwrap();
    let named = |member: &str| {
        text(&endpoints, &format!("/subsets/0/{member}/0/targetRef/name")).to_owned()
    };
    assert_eq!(
        (named("addresses"), named("notReadyAddresses")),
        ("good".to_owned(), "bad".to_owned())
    );
    sim.delete(&POD, "prod", "good", "Background");
    sim.settle();
    let slice = &sim.list(&ENDPOINT_SLICE, "prod")[0];
    assert_eq!(
        slice["endpoints"][1]["conditions"],
        json!({"ready": false, "serving": true, "terminating": true})
    );
    sim.pass(Duration::from_secs(2));
    assert_eq!(
        ready(&sim.list(&ENDPOINT_SLICE, "prod")[0]),
        [("bad".to_owned(), false)]
    );
    sim.delete(&SERVICE, "prod", "web", "Background");
    sim.settle();
    assert!(sim.list(&ENDPOINT_SLICE, "prod").is_empty());
}
