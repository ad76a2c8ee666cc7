//! What clusters and pools can be upgraded to (REST reference, "Get Upgrade Profile" and "Get Available Agent Pool Versions").

use serde_json::{Value, json};

use super::versions;
use crate::http::Answer;
use crate::store::{Cluster, World, key};

pub(super) fn of_cluster(world: &World, full: &str, cluster: &Cluster) -> Answer {
    let current = &cluster.value["properties"]["currentKubernetesVersion"];
    let pools: Vec<Value> = world
        .pools_of(&key(full))
        .map(|(_, pool)| {
            let properties = &pool.value["properties"];
            profile(
                properties["currentOrchestratorVersion"]
                    .as_str()
                    .unwrap_or_default(),
                &pool.value["name"],
                &properties["osType"],
            )
        })
        .collect();
    Answer::ok(json!({
        "id": format!("{full}/upgradeprofiles/default"),
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
        "properties": {
            "controlPlaneProfile": profile(current.as_str().unwrap_or_default(), &Value::Null, &"Linux".into()),
            "agentPoolProfiles": pools,
        },
    }))
}

fn profile(current: &str, name: &Value, os: &Value) -> Value {
    let upgrades: Vec<Value> = versions::upgrades(current)
        .into_iter()
        .map(|version| json!({ "kubernetesVersion": version, "isPreview": false }))
        .collect();
    json!({ "name": name, "kubernetesVersion": current, "osType": os, "upgrades": upgrades })
}

/// Versions that a new pool may have: up to the control plane's, and down to three minor versions below it (AKS docs, "Upgrade
/// options", version skew).
pub(super) fn for_pools(full: &str, cluster: &Cluster) -> Answer {
    let current = cluster.value["properties"]["currentKubernetesVersion"]
        .as_str()
        .unwrap_or_default();
    let at = versions::numbers(current);
    let fitting = versions::all().filter(|version| {
        let version = versions::numbers(version);
        version <= at && version.1 + 3 >= at.1
    });
    let offered: Vec<Value> = fitting.map(|version| json!({ "default": version == current, "kubernetesVersion": version, "isPreview": false })).collect();
    Answer::ok(json!({
        "id": format!("{full}/availableAgentPoolVersions/default"),
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/availableAgentPoolVersions",
        "properties": { "agentPoolVersions": offered },
    }))
}
