//! Pods: the good ones, and those that fail.

use kube::api::Api;
use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::cluster::Shared;
use crate::objects::pods_of;

pub async fn deployment(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("deployment").await?;
    shared
        .apply(&pods_of("web", &namespace, "nginx:1.27", 2))
        .await?;
    shared
        .until("Deployment", &namespace, "web", |web| {
            web["status"]["availableReplicas"] == 2
        })
        .await?;
    Ok(())
}

pub async fn image_not_found(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("image").await?;
    shared
        .apply(&pods_of("web", &namespace, "nginx:not-found", 1))
        .await?;
    let reason =
        |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"].clone();
    shared
        .until_any("Pod", &namespace, |pod| {
            matches!(
                reason(pod).as_str(),
                Some("ErrImagePull" | "ImagePullBackOff")
            )
        })
        .await?;
    shared
        .until_any("Event", &namespace, |event| {
            event["reason"] == "Failed" && event["message"].to_string().contains("not-found")
        })
        .await?;
    Ok(())
}

pub async fn missing_key(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("missing-key").await?;
    let secret = |key: &str| {
        let data = json!({ key: "c2VlZA==" });
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "db", "namespace": namespace }, "data": data })
    };
    shared.apply(&secret("user")).await?;
    let mut pods = pods_of("web", &namespace, "nginx", 1);
    pods["spec"]["template"]["spec"]["containers"][0]["env"] = json!([{ "name": "PASSWORD", "valueFrom": { "secretKeyRef": { "name": "db", "key": "password" } } }]);
    shared.apply(&pods).await?;
    let waiting = |pod: &Value| pod["status"]["containerStatuses"][0]["state"]["waiting"].clone();
    let pod = shared
        .until_any("Pod", &namespace, |pod| {
            waiting(pod)["reason"] == "CreateContainerConfigError"
        })
        .await?;
    assert_eq!(
        waiting(&pod)["message"],
        "couldn't find key password in Secret missing-key/db"
    );
    shared.apply(&secret("password")).await?;
    shared
        .until("Deployment", &namespace, "web", |web| {
            web["status"]["availableReplicas"] == 1
        })
        .await?;
    Ok(())
}

pub async fn crash_loop(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("crash").await?;
    shared
        .apply(&pods_of("web", &namespace, "nginx:crash", 1))
        .await?;
    let status = |pod: &Value| pod["status"]["containerStatuses"][0].clone();
    let looping = |pod: &Value| {
        status(pod)["restartCount"].as_i64() > Some(1)
            && status(pod)["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    };
    let pod = shared.until_any("Pod", &namespace, looping).await?;
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let params = kube::api::LogParams {
        previous: true,
        ..Default::default()
    };
    let pods =
        Api::<k8s_openapi::api::core::v1::Pod>::namespaced(shared.world()?.client(), &namespace);
    let log = pods.logs(name, &params).await?;
    assert!(log.contains("starting"), "{log}");
    Ok(())
}

pub async fn claim(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("claim").await?;
    shared.apply(&claim_of(&namespace, "1Gi")).await?;
    let mut pods = pods_of("db", &namespace, "postgres:17", 1);
    pods["spec"]["template"]["spec"]["volumes"] =
        json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }]);
    shared.apply(&pods).await?;
    shared
        .until("Deployment", &namespace, "db", |db| {
            db["status"]["availableReplicas"] == 1
        })
        .await?;
    let bound = shared
        .until("PersistentVolumeClaim", &namespace, "data", |claim| {
            claim["status"]["phase"] == "Bound"
        })
        .await?;
    let volume = bound["spec"]["volumeName"]
        .as_str()
        .unwrap_or_default()
        .to_owned();

    shared.apply(&claim_of(&namespace, "2Gi")).await?;
    shared
        .until("PersistentVolumeClaim", &namespace, "data", |claim| {
            claim["status"]["capacity"]["storage"] == "2Gi"
        })
        .await?;

    shared.delete("Deployment", &namespace, "db").await?;
    shared
        .delete("PersistentVolumeClaim", &namespace, "data")
        .await?;
    shared.until_gone("PersistentVolume", "", &volume).await
}

fn claim_of(namespace: &str, size: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "data", "namespace": namespace },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": size } } },
    })
}
