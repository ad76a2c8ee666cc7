//! Rules that hold for all services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::objects;
use crate::service::Live;

#[test]
fn an_adopted_selector_is_kept() {
    let live = Live {
        selector: Some(BTreeMap::from([("app".into(), "api".into())])),
    };
    let objects = objects(
        json!({ "environment": "dev", "name": "api", "image": "a", "port": 80, "replicas": 2 }),
        &live,
    );
    let at = |kind: &str, pointer: &str| {
        objects
            .iter()
            .find(|object| object.kind() == kind)
            .unwrap()
            .at(pointer)
            .clone()
    };
    assert_eq!(
        at("Deployment", "/spec/selector/matchLabels"),
        json!({ "app": "api" })
    );
    assert_eq!(at("Service", "/spec/selector"), json!({ "app": "api" }));
    assert_eq!(
        at("PodDisruptionBudget", "/spec/selector/matchLabels"),
        json!({ "app": "api" })
    );
    assert_eq!(
        at("Deployment", "/spec/template/metadata/labels/app"),
        json!("api")
    );
    assert_eq!(
        at(
            "Deployment",
            "/spec/template/metadata/labels/seedling.dev~1name"
        ),
        json!("api")
    );
}

#[test]
fn budgets_never_block_a_drain() {
    let budget = |args: Value| {
        let objects = objects(args, &Live::default());
        let budget = objects
            .iter()
            .find(|object| object.kind() == "PodDisruptionBudget")
            .cloned();
        budget.map(|budget| budget.at("/spec/maxUnavailable").clone())
    };
    let table = [
        (json!({ "replicas": 1 }), None),
        (json!({ "replicas": 2 }), Some(1)),
        (json!({ "replicas": 8 }), Some(2)),
        (
            json!({ "replicas": 3, "rollout": { "max_unavailable": "0" } }),
            Some(1),
        ),
        (json!({ "autoscale": { "min": 1, "max": 9 } }), None),
        (
            json!({ "autoscale": { "min": 4, "max": 40 }, "rollout": { "max_unavailable": "50%" } }),
            Some(2),
        ),
    ];
    for (args, expected) in table {
        assert_eq!(budget(args.clone()), expected.map(Value::from), "{args}");
    }
}
