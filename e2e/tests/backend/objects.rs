//! Small objects.

use serde_json::{Value, json};

pub fn condition(status: &Value, kind: &str) -> String {
    let conditions = status["conditions"].as_array().into_iter().flatten();
    conditions
        .filter(|one| one["type"] == kind)
        .filter_map(|one| one["status"].as_str())
        .collect()
}

pub fn pods_of(name: &str, namespace: &str, image: &str, replicas: i64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": name, "image": image }] },
            },
        },
    })
}

pub fn service_of(name: &str, namespace: &str, kind: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": namespace },
        "spec": { "type": kind, "ports": [{ "port": 80 }], "selector": { "app": name } },
    })
}

pub fn ingress_of(name: &str, namespace: &str, host: &str) -> Value {
    let backend = json!({ "service": { "name": name, "port": { "number": 80 } } });
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{ "host": host, "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } }],
        },
    })
}
