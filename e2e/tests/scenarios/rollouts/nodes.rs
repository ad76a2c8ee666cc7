//! Pods without a node: hopeless only where no node could ever hold them and none can come.

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Failed;
use seedling_e2e::poll::{Look, poll};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{GOOD, fails_and_is_mended, service, start};
use crate::cluster::Cluster;
use crate::folder::{Said, Shared};
use crate::stage::Stage;

pub async fn none_ever(stage: &'static Stage) -> Result<(), Failed> {
    fails_and_is_mended(
        stage,
        "no-node",
        &service(&format!(
            "{GOOD}\nresources = {{ cpu = \"64\", memory = \"16Mi\" }}"
        )),
        &[
            "no-node/api did not roll out: Unschedulable",
            "Pod api-",
            "Insufficient cpu",
            "FailedScheduling",
            "Next step: No node can hold the pod and none is coming",
        ],
        &service(&format!(
            "{GOOD}\nresources = {{ cpu = \"10m\", memory = \"16Mi\" }}"
        )),
    )
    .await
}

/// Where nodes can come, a pod that fits none of those that are there is waited for.
pub async fn may_come(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(
        stage,
        "node-comes",
        &service(&format!(
            "{GOOD}\nresources = {{ cpu = \"48\", memory = \"16Mi\" }}\nnode_pool = \"giant\""
        )),
    )
    .await?;
    folder.connect(|sandbox| sandbox.nodes_can_come = true)?;
    let cluster = stage.cluster()?;
    let (folder, apply) = begin(folder);
    still_waits(&cluster, &folder, &apply).await?;
    add_node(&cluster, "giant", "64").await?;
    apply.await??.succeeded()?;
    Ok(())
}

/// An existing node could hold the pod once it has room.
pub async fn busy(stage: &'static Stage) -> Result<(), Failed> {
    let cluster = stage.cluster()?;
    add_node(&cluster, "busy", "2").await?;
    let filler = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "filler" },
        "spec": {
            "nodeName": "node-busy",
            "containers": [{ "name": "filler", "image": "filler:1", "resources": { "requests": { "cpu": "1500m" } } }],
        },
    });
    let pods = "/api/v1/namespaces/default/pods";
    cluster.create(pods, &filler).await?;
    let folder = start(
        stage,
        "node-busy",
        &service(&format!(
            "{GOOD}\nresources = {{ cpu = \"1\", memory = \"16Mi\" }}\nnode_pool = \"busy\""
        )),
    )
    .await?;
    let (folder, apply) = begin(folder);
    still_waits(&cluster, &folder, &apply).await?;
    cluster.delete(&format!("{pods}/filler")).await?;
    apply.await??.succeeded()?;
    Ok(())
}

/// An autoscaler's word that no node group fits is final after a minute.
pub async fn autoscaler_gives_up(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(
        stage,
        "no-group",
        &service(&format!(
            "{GOOD}\nresources = {{ cpu = \"64\", memory = \"16Mi\" }}"
        )),
    )
    .await?;
    folder.connect(|sandbox| sandbox.nodes_can_come = true)?;
    let cluster = stage.cluster()?;
    let (folder, apply) = begin(folder);
    let pod = homeless_pod(&cluster, &folder.project).await?;
    let event = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": { "generateName": "scale-" },
        "type": "Normal", "reason": "NotTriggerScaleUp",
        "message": "pod didn't trigger scale-up: 1 Insufficient cpu",
        "involvedObject": { "apiVersion": "v1", "kind": "Pod", "namespace": folder.project, "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"] },
    });
    cluster
        .create(
            &format!("/api/v1/namespaces/{}/events", folder.project),
            &event,
        )
        .await?;
    let failed = apply
        .await??
        .failed_with(&["no-group/api did not roll out: Unschedulable"])?;
    assert!(
        failed.took >= Duration::from_mins(1),
        "gave up after {:?}",
        failed.took
    );
    Ok(())
}

fn begin(folder: crate::folder::Folder) -> (Shared, JoinHandle<Result<Said, Failed>>) {
    let folder = Arc::new(folder);
    let applying = Arc::clone(&folder);
    (folder, tokio::spawn(async move { applying.apply().await }))
}

/// The pod has no node, which is when a hopeless rollout would end, and ten seconds later the command line says that it still waits.
async fn still_waits(
    cluster: &Cluster,
    folder: &Shared,
    apply: &JoinHandle<Result<Said, Failed>>,
) -> Result<(), Failed> {
    homeless_pod(cluster, &folder.project).await?;
    let progress = "seedling_service.api: Still creating...";
    poll(
        "the command line that still waits",
        Duration::from_mins(1),
        || async {
            match folder.printed() {
                text if text.contains(progress) => Look::Done(()),
                text if apply.is_finished() => Look::Never(text),
                text => Look::NotYet(text),
            }
        },
    )
    .await?;
    Ok(())
}

async fn homeless_pod(cluster: &Cluster, namespace: &str) -> Result<Value, Failed> {
    let pods = cluster.until_a_pod(namespace, "Unschedulable").await?;
    Ok(pods["items"][0].clone())
}

/// A node of a pool of its own, which nothing but its scenario asks for.
async fn add_node(cluster: &Cluster, pool: &str, cpu: &str) -> Result<(), Failed> {
    let nodes = cluster.get("/api/v1/nodes").await?;
    let port = &nodes["items"][0]["status"]["daemonEndpoints"];
    let resources =
        json!({ "cpu": cpu, "memory": "8Gi", "pods": "20", "ephemeral-storage": "10Gi" });
    let name = format!("node-{pool}");
    let labels = json!({
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "seedling.dev/node-pool": pool, "kubernetes.azure.com/agentpool": pool,
    });
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "labels": labels },
        "status": { "capacity": resources, "allocatable": resources, "daemonEndpoints": port },
    });
    cluster.create("/api/v1/nodes", &node).await?;
    let ready = |node: &Value| {
        let conditions = node["status"]["conditions"]
            .as_array()
            .into_iter()
            .flatten();
        let mut ready = conditions.filter(|it| it["type"] == "Ready" && it["status"] == "True");
        ready.next().is_some()
    };
    cluster
        .until(
            "the node to be ready",
            &format!("/api/v1/nodes/{name}"),
            ready,
        )
        .await?;
    Ok(())
}
