//! Who may do what, and who did.

use std::time::Duration;

use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use kube::api::{Api, PostParams};
use libtest_mimic::Failed;
use seedling_e2e::poll::{Look, poll};
use serde_json::{Value, json};

use crate::cluster::Shared;

pub async fn group(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("group").await?;
    let group = "0f6f1c0e-0000-4000-8000-000000000001";
    shared
        .apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "view", "namespace": namespace },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group }],
        }))
        .await?;
    let client = shared
        .world()?
        .cluster()
        .as_user("somebody", group)?
        .client()
        .await?;
    for (verb, resource, expected) in [
        ("list", "pods", true),
        ("create", "pods", false),
        ("get", "secrets", false),
    ] {
        let review = json!({ "spec": { "resourceAttributes": { "namespace": namespace, "verb": verb, "resource": resource } } });
        let review = serde_json::from_value(review)?;
        let answer: SelfSubjectAccessReview = Api::all(client.clone())
            .create(&PostParams::default(), &review)
            .await?;
        assert_eq!(
            answer.status.map(|status| status.allowed),
            Some(expected),
            "{verb} {resource}"
        );
    }
    Ok(())
}

pub async fn pod_security(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("pod-security").await?;
    shared
        .apply(&json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": namespace, "labels": { "pod-security.kubernetes.io/enforce": "restricted" } },
        }))
        .await?;
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "root", "namespace": namespace },
        "spec": { "containers": [{ "name": "root", "image": "nginx" }] },
    });
    let refusal = shared
        .apply(&pod)
        .await
        .err()
        .and_then(|error| error.message().map(str::to_owned))
        .unwrap_or_default();
    assert!(refusal.contains("violates PodSecurity"), "{refusal}");
    Ok(())
}

pub async fn audit(shared: &Shared) -> Result<(), Failed> {
    shared.namespace("audit").await?;
    let path = shared
        .world()?
        .cluster()
        .audit_log()
        .ok_or("no audit log")?;
    let found = poll(
        "a request in the audit log",
        Duration::from_secs(10),
        || async {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let events = text
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let own = events
                .filter(|event| event["userAgent"] == "seedling-e2e" && event["verb"] == "create")
                .count();
            Look::at((own > 0).then_some(own), "none of this program")
        },
    );
    found.await?;
    Ok(())
}
