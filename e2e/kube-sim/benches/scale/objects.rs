//! What is applied: services as a team would write them.

use serde_json::{Value, json};

/// How many objects a service has.
pub const KINDS: usize = 7;

/// Where the objects of each kind are listed.
pub const LISTS: [&str; KINDS] = [
    "/api/v1/serviceaccounts",
    "/api/v1/configmaps",
    "/api/v1/secrets",
    "/api/v1/services",
    "/apis/policy/v1/poddisruptionbudgets",
    "/apis/autoscaling/v2/horizontalpodautoscalers",
    "/apis/apps/v1/deployments",
];

/// The namespaces; services take turns.
pub const NAMESPACES: [&str; 2] = ["scale-a", "scale-b"];

/// Every object has it.
pub const LABEL: &str = "scale";

/// The path of the collection and the object, for each of a service's objects; the Deployment comes last.
pub fn of_service(index: usize, release: u32) -> [(String, Value); KINDS] {
    let name = format!("service-{index}");
    let namespace = NAMESPACES[index % NAMESPACES.len()];
    let selector = json!({ "app": name });
    let object = |api_version: &str, kind: &str, rest: Value| {
        let mut object = rest;
        object["apiVersion"] = api_version.into();
        object["kind"] = kind.into();
        object["metadata"] = json!({
            "name": name,
            "namespace": namespace,
            "labels": { "app": name, LABEL: "yes" },
            "annotations": { "example.com/owner": "the measuring program" },
        });
        object
    };
    let objects = [
        object("v1", "ServiceAccount", json!({})),
        object(
            "v1",
            "ConfigMap",
            json!({ "data": { "LOG_LEVEL": "info", "REGION": "west" } }),
        ),
        object(
            "v1",
            "Secret",
            json!({ "stringData": { "PASSWORD": "of nobody" } }),
        ),
        object(
            "v1",
            "Service",
            json!({ "spec": {
            "selector": selector,
            "ports": [{ "name": "http", "port": 80, "targetPort": "http" }],
        } }),
        ),
        object(
            "policy/v1",
            "PodDisruptionBudget",
            json!({ "spec": {
            "maxUnavailable": 1,
            "selector": { "matchLabels": selector },
        } }),
        ),
        object(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            json!({ "spec": {
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": name },
            "minReplicas": 1,
            "maxReplicas": 3,
            "metrics": [{ "type": "Resource", "resource": {
                "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 80 },
            } }],
        } }),
        ),
        object(
            "apps/v1",
            "Deployment",
            deployment(&name, &selector, release),
        ),
    ];
    let mut paths = LISTS.iter().map(|list| collection(list, namespace));
    objects.map(|object| (paths.next().unwrap_or_default(), object))
}

fn deployment(name: &str, selector: &Value, release: u32) -> Value {
    json!({ "spec": {
        "selector": { "matchLabels": selector },
        "template": {
            "metadata": { "labels": selector },
            "spec": {
                "serviceAccountName": name,
                "topologySpreadConstraints": [{
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": { "matchLabels": selector },
                }],
                "containers": [{
                    "name": "app",
                    "image": format!("registry.example.com/{name}:{release}"),
                    "ports": [{ "name": "http", "containerPort": 8080 }],
                    "envFrom": [{ "configMapRef": { "name": name } }, { "secretRef": { "name": name } }],
                    "resources": {
                        "requests": { "cpu": "10m", "memory": "32Mi" },
                        "limits": { "memory": "64Mi" },
                    },
                    "readinessProbe": { "httpGet": { "path": "/ready", "port": "http" } },
                }],
            },
        },
    } })
}

fn collection(list: &str, namespace: &str) -> String {
    let (version, plural) = list.rsplit_once('/').unwrap_or_default();
    format!("{version}/namespaces/{namespace}/{plural}")
}

/// A node with room for all.
pub fn node(name: &str) -> Value {
    let room = json!({ "cpu": "1k", "memory": "4Ti", "pods": "5000" });
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name } },
        "status": { "capacity": room, "allocatable": room },
    })
}
