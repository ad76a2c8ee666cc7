//! One table: arguments, and all findings they give.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::check;
use crate::{
    Arg,
    arg::all_unknown,
    finding::lines,
    service::{Args, parts::Health},
};

fn check_json(args: &Value) -> Vec<String> {
    lines(&check(
        &serde_json::from_value::<Args>(args.clone()).unwrap(),
    ))
}

#[test]
fn a_good_service_has_no_findings() {
    let args = json!({
        "environment": "prod", "name": "api", "image": "registry.example/acme/api:1.4.2",
        "ports": { "http": { "port": 80, "target": 8080, "app_protocol": "http" }, "metrics": { "port": 9090 } },
        "autoscale": { "min": 2, "max": 6, "cpu_percent": 70 },
        "config": { "LOG_LEVEL": "info" }, "secrets": { "DATABASE_URL": "x" },
        "secret_refs": { "API_KEY": { "secret": "shared", "key": "api-key" } },
        "environment_from_field": { "POD_IP": "status.podIP", "MEMORY": "limits.memory", "APP": "metadata.labels['app']" },
        "files": { "/etc/app/app.yaml": "a: 1" }, "secret_files": { "/etc/gcp.json": "{}" },
        "scratch": { "/dev/shm": { "size": "4Gi", "memory": true } },
        "storage": { "/data": { "size": "20Gi", "class": "azurefile-csi", "access": "shared" } },
        "resources": { "cpu": "250m", "memory": "512Mi", "memory_limit": "1Gi", "gpu": 0 },
        "health": { "path": "/healthz", "port": "http", "liveness": { "tcp": true, "period": "30s" } },
        "rollout": { "max_unavailable": "25%", "max_surge": "1", "timeout": "10m", "on_failure": "roll_back", "min_ready": "10s" },
        "node_pool": "workloads", "tolerations": [{ "key": "a", "effect": "NoExecute", "stay": "5m" }],
        "run_as": { "user": 472, "group": 472 }, "identity": { "client_id": "c" }, "restricted": true,
        "command": ["/api"], "args": ["-v"],
        "sidecars": { "proxy": { "image": "proxy:1", "resources": { "cpu": "10m" }, "health": { "path": "/up", "port": "80" } } },
        "init": [{ "name": "migrate", "config": { "A": "1" } }],
        "pod_patch": json!({ "spec": { "hostNetwork": true, "enableServiceLinks": null } }).to_string()
    });
    assert_eq!(check_json(&args), [] as [&str; 0]);
}

#[test]
fn nothing_is_said_about_an_empty_configuration() {
    assert_eq!(check_json(&json!({})), [] as [&str; 0]);
}

/// What is known only after apply must never be an error at plan.
#[test]
fn nothing_is_said_about_unknown_values() {
    assert_eq!(check(&all_unknown::<Args>()), []);
    let entry = |name: &str| name.to_owned();
    let nested = Args {
        autoscale: Arg::Given(all_unknown()),
        ports: Arg::Given(BTreeMap::from([(entry("http"), Arg::Given(all_unknown()))])),
        config: Arg::Given(BTreeMap::from([(entry("A"), Arg::Unknown)])),
        secrets: Arg::Given(BTreeMap::from([(entry("B"), Arg::Unknown)])),
        secret_refs: Arg::Given(BTreeMap::from([(entry("C"), Arg::Given(all_unknown()))])),
        environment_from_field: Arg::Given(BTreeMap::from([(entry("D"), Arg::Unknown)])),
        files: Arg::Given(BTreeMap::from([(entry("/a"), Arg::Unknown)])),
        scratch: Arg::Given(BTreeMap::from([(entry("/b"), Arg::Given(all_unknown()))])),
        storage: Arg::Given(BTreeMap::from([(entry("/c"), Arg::Given(all_unknown()))])),
        resources: Arg::Given(all_unknown()),
        health: Arg::Given(Health {
            startup: Arg::Given(all_unknown()),
            ..all_unknown()
        }),
        rollout: Arg::Given(all_unknown()),
        tolerations: Arg::Given(vec![Arg::Given(all_unknown())]),
        run_as: Arg::Given(all_unknown()),
        identity: Arg::Given(all_unknown()),
        sidecars: Arg::Given(BTreeMap::from([(entry("s"), Arg::Given(all_unknown()))])),
        init: Arg::Given(vec![Arg::Given(all_unknown())]),
        ..all_unknown()
    };
    assert_eq!(check(&nested), []);
}

#[test]
fn names_images_and_ports() {
    table(&[
        (
            json!({ "environment": "Prod" }),
            "error environment: Invalid name",
        ),
        (json!({ "name": "1api" }), "error name: Invalid name"),
        (
            json!({ "name": "a".repeat(51) }),
            "error name: Invalid name",
        ),
        (
            json!({ "image": "UPPER CASE:::bad image" }),
            "error image: Invalid image reference",
        ),
        (
            json!({ "image": "" }),
            "error image: Invalid image reference",
        ),
        (json!({ "port": 0 }), "error port: Number out of range"),
        (json!({ "port": 65536 }), "error port: Number out of range"),
        (
            json!({ "port": 80, "ports": { "http": { "port": 81 } } }),
            "error ports: Both `port` and `ports`",
        ),
        (
            json!({ "ports": { "a-very-long-port-name": { "port": 80 } } }),
            "error ports[\"a-very-long-port-name\"]: Invalid port name",
        ),
        (
            json!({ "ports": { "a": { "port": 80 }, "b": { "port": 80 } } }),
            "error ports[\"b\"].port: Port used twice",
        ),
        (
            json!({ "ports": { "a": { "port": 80, "target": -1 } } }),
            "error ports[\"a\"].target: Number out of range",
        ),
        (
            json!({ "ports": { "a": { "port": 80, "protocol": "tcp" } } }),
            "error ports[\"a\"].protocol: Unknown value",
        ),
    ]);
}

#[test]
fn capacity() {
    table(&[
        (
            json!({ "replicas": -1 }),
            "error replicas: Number out of range",
        ),
        (
            json!({ "resources": { "cpu": "a lot" } }),
            "error resources.cpu: Invalid quantity",
        ),
        (
            json!({ "resources": { "memory": "512m" } }),
            "error resources.memory: Too little memory",
        ),
        (
            json!({ "resources": { "cpu": "2", "cpu_limit": "1" } }),
            "error resources.cpu_limit: Limit below request",
        ),
        (
            json!({ "resources": { "memory": "2Gi", "memory_limit": "1024Mi" } }),
            "error resources.memory_limit: Limit below request",
        ),
        (
            json!({ "resources": { "gpu": -1 } }),
            "error resources.gpu: Number out of range",
        ),
        (
            scaled(&json!({ "min": 3, "max": 2 }), &json!({})),
            "error autoscale.min: `min` above `max`",
        ),
        (
            scaled(&json!({ "max": 0 }), &json!({})),
            "error autoscale.max: Number out of range",
        ),
        (
            scaled(&json!({ "max": 2, "cpu_percent": 0 }), &json!({})),
            "error autoscale.cpu_percent: Number out of range",
        ),
        (
            scaled(&json!({ "max": 2 }), &json!({ "replicas": 2 })),
            "error replicas: Both `replicas` and `autoscale`",
        ),
        (
            json!({ "autoscale": { "max": 2 } }),
            "error autoscale: Autoscaling without `resources.cpu`",
        ),
        (
            json!({ "autoscale": { "max": 2, "memory_percent": 80 } }),
            "error autoscale: Autoscaling without `resources.memory`",
        ),
        (
            scaled(
                &json!({ "max": 2 }),
                &json!({ "sidecars": { "proxy": { "image": "p" } } }),
            ),
            "warning sidecars[\"proxy\"]: Autoscaling with a sidecar without `resources.cpu`",
        ),
    ]);
}

#[test]
fn storage_and_rollouts() {
    let single = |more: Value| with(json!({ "storage": { "/data": { "size": "1Gi" } } }), &more);
    table(&[
        (
            json!({ "scratch": { "/a": { "size": "x" } } }),
            "error scratch[\"/a\"].size: Invalid quantity",
        ),
        (
            json!({ "storage": { "/a": { "size": "0" } } }),
            "error storage[\"/a\"].size: Size is zero",
        ),
        (
            json!({ "storage": { "/a": { "size": "1Gi", "access": "both" } } }),
            "error storage[\"/a\"].access: Unknown value",
        ),
        (
            json!({ "storage": { "/a": { "size": "1Gi", "on_destroy": "keep" } } }),
            "error storage[\"/a\"].on_destroy: Unknown value",
        ),
        (
            json!({ "storage": { "/a": { "size": "1Gi", "class": "A B" } } }),
            "error storage[\"/a\"].class: Invalid name",
        ),
        (
            json!({ "storage": { "/a": { "size": "1Gi", "claim": "c" }, "/b": { "size": "1Gi", "claim": "c" } } }),
            "error storage[\"/b\"].claim: Claim used twice",
        ),
        (
            single(json!({ "replicas": 2 })),
            "error replicas: Several pods with storage for one",
        ),
        (
            single(scaled(&json!({ "max": 2 }), &json!({}))),
            "error autoscale: Autoscaling with storage for one pod",
        ),
        (
            single(json!({ "rollout": { "max_surge": "1" } })),
            "warning rollout: No effect with storage for one pod",
        ),
        (
            json!({ "rollout": { "max_surge": "some" } }),
            "error rollout.max_surge: Invalid share of pods",
        ),
        (
            json!({ "rollout": { "max_unavailable": "101%" } }),
            "error rollout.max_unavailable: More than all pods",
        ),
        (
            json!({ "rollout": { "max_unavailable": "0", "max_surge": "0%" } }),
            "error rollout.max_unavailable: Nothing may move",
        ),
        (
            json!({ "resources": { "gpu": 1 }, "rollout": { "max_unavailable": "0" } }),
            "error rollout.max_unavailable: Nothing may move",
        ),
        (
            json!({ "rollout": { "timeout": "0s" } }),
            "error rollout.timeout: Duration is zero",
        ),
        (
            json!({ "rollout": { "timeout": "10" } }),
            "error rollout.timeout: Invalid duration",
        ),
        (
            json!({ "rollout": { "timeout": "1m", "min_ready": "60s" } }),
            "error rollout.min_ready: `min_ready` not below `timeout`",
        ),
        (
            json!({ "rollout": { "on_failure": "panic" } }),
            "error rollout.on_failure: Unknown value",
        ),
    ]);
}

#[test]
fn variables_and_files() {
    table(&[
        (
            json!({ "config": { "A=B": "x" } }),
            "error config[\"A=B\"]: Invalid variable name",
        ),
        (
            json!({ "config": { "a.b": "x" } }),
            "warning config[\"a.b\"]: Unusual variable name",
        ),
        (
            json!({ "config": { "A": "x" }, "secrets": { "A": "y" } }),
            "error secrets[\"A\"]: Variable set twice",
        ),
        (
            json!({ "secrets": { "A": "x" }, "environment_from_field": { "A": "status.podIP" } }),
            "error environment_from_field[\"A\"]: Variable set twice",
        ),
        (
            json!({ "environment_from_field": { "A": "status.phase" } }),
            "error environment_from_field[\"A\"]: Unknown field",
        ),
        (
            json!({ "secret_refs": { "A": { "secret": "A B", "key": "k" } } }),
            "error secret_refs[\"A\"].secret: Invalid name",
        ),
        (
            json!({ "secret_refs": { "A": { "secret": "a", "key": "k/" } } }),
            "error secret_refs[\"A\"].key: Invalid name",
        ),
        (
            json!({ "config": { "A": null } }),
            "error config[\"A\"]: Value is null",
        ),
        (
            json!({ "secret_files": { "/a": null } }),
            "error secret_files[\"/a\"]: Value is null",
        ),
        (
            json!({ "files": { "etc/x": "" } }),
            "error files[\"etc/x\"]: Invalid path",
        ),
        (
            json!({ "files": { "/etc/../x": "" } }),
            "error files[\"/etc/../x\"]: Invalid path",
        ),
        (
            json!({ "storage": { "/": { "size": "1Gi" } } }),
            "error storage[\"/\"]: Invalid path",
        ),
        (
            json!({ "files": { "/x": "" }, "secret_files": { "/x": "" } }),
            "error secret_files[\"/x\"]: Path used twice",
        ),
        (
            json!({ "scratch": { "/x": {} }, "files": { "/x": "" } }),
            "error scratch[\"/x\"]: Path used twice",
        ),
        (
            json!({ "files": { "/x": "" }, "scratch": { "/x/y": {} } }),
            "error scratch[\"/x/y\"]: Path below a file",
        ),
        (
            json!({ "files": { "/x": "a".repeat((1 << 20) + 1) } }),
            "error files: Too much content",
        ),
        (
            json!({ "secrets": { "A": "a".repeat((1 << 20) + 1) } }),
            "error secret_files: Too much content",
        ),
    ]);
}

#[test]
fn health() {
    table(&[
        (
            json!({ "health": { "path": "/up" } }),
            "error health: Health without a port",
        ),
        (
            json!({ "port": 80, "health": {} }),
            "error health: Health without a question",
        ),
        (
            json!({ "port": 80, "health": { "path": "up" } }),
            "error health.path: Invalid path",
        ),
        (
            json!({ "port": 80, "health": { "path": "/up", "tcp": true } }),
            "error health: Several ways to ask",
        ),
        (
            json!({ "port": 80, "health": { "path": "/up", "port": "http" } }),
            "error health.port: Unknown port",
        ),
        (
            json!({ "health": { "tcp": true, "port": "70000" } }),
            "error health.port: Number out of range",
        ),
        (
            json!({ "health": { "command": [] } }),
            "error health.command: Empty command",
        ),
        (
            json!({ "health": { "liveness": { "path": "/up" } } }),
            "error health.liveness: Health without a port",
        ),
        (
            json!({ "health": { "command": ["x"], "startup": { "period": "0s" } } }),
            "error health.startup.period: Duration is zero",
        ),
        (
            json!({ "health": { "command": ["x"], "startup": { "failures": 0 } } }),
            "error health.startup.failures: Number out of range",
        ),
    ]);
}

#[test]
fn containers_and_the_pod() {
    table(&[
        (
            json!({ "name": "api", "sidecars": { "api": { "image": "a" } } }),
            "error sidecars[\"api\"]: Container name used twice",
        ),
        (
            json!({ "sidecars": { "A": { "image": "a" } } }),
            "error sidecars[\"A\"]: Invalid container name",
        ),
        (
            json!({ "sidecars": { "a": { "image": "A b" } } }),
            "error sidecars[\"a\"].image: Invalid image reference",
        ),
        (
            json!({ "sidecars": { "a": { "image": "a", "health": { "tcp": true } } } }),
            "error sidecars[\"a\"].health: Health without a port",
        ),
        (
            json!({ "init": [{ "name": "a" }, { "name": "a" }] }),
            "error init[1].name: Container name used twice",
        ),
        (
            json!({ "init": [{ "name": "a", "config": { "A": "1" }, "secret_refs": { "A": {} } }] }),
            "error init[0].secret_refs[\"A\"]: Variable set twice",
        ),
        (json!({ "node_pool": "" }), "error node_pool: Invalid name"),
        (
            json!({ "tolerations": [{ "key": "a", "effect": "Never" }] }),
            "error tolerations[0].effect: Unknown value",
        ),
        (
            json!({ "tolerations": [{ "value": "a" }] }),
            "error tolerations[0].value: Value without a key",
        ),
        (
            json!({ "tolerations": [{ "key": "a", "stay": "5m" }] }),
            "error tolerations[0].stay: `stay` without `NoExecute`",
        ),
        (
            json!({ "run_as": { "user": -1 } }),
            "error run_as.user: Number out of range",
        ),
        (
            json!({ "run_as": { "user": 0 }, "restricted": true }),
            "error run_as.user: Root under `restricted`",
        ),
        (
            json!({ "identity": { "client_id": "" } }),
            "error identity.client_id: Empty client id",
        ),
        (json!({ "command": [] }), "error command: Empty command"),
    ]);
}

#[test]
fn patches_are_pod_templates() {
    let detail = |patch: &str| {
        let args: Args =
            serde_json::from_value(json!({ "name": "api", "image": "a", "pod_patch": patch }))
                .unwrap();
        check(&args)
            .into_iter()
            .map(|finding| finding.detail)
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert!(detail("{").starts_with("It is no JSON"), "{}", detail("{"));
    assert!(detail("[]").starts_with("It must be a JSON object"));
    assert!(
        detail(r#"{"spec":{"hostNetwork":"yes"}}"#).starts_with("The result is no pod template")
    );
    assert_eq!(
        detail(r#"{"spec":{"hostNetwrok":true}}"#),
        "A pod template has no member `spec.hostNetwrok`."
    );
    assert_eq!(
        detail(r#"{"spec":{"containers":[{"name":"api","lifecycel":{}}]}}"#),
        "A pod template has no member `spec.containers[0].lifecycel`."
    );
}

fn table(rows: &[(Value, &str)]) {
    for (args, expected) in rows {
        let shown: String = args.to_string().chars().take(200).collect();
        assert_eq!(check_json(args), [*expected], "{shown}");
    }
}

fn scaled(autoscale: &Value, more: &Value) -> Value {
    with(
        json!({ "resources": { "cpu": "100m" }, "autoscale": autoscale }),
        more,
    )
}

fn with(mut args: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap().clone() {
        args[name] = value;
    }
    args
}
