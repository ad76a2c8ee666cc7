//! Node images and versions (REST reference, "Upgrade Node Image Version" and "Get Upgrade Profile").

use serde_json::{Value, json};

use super::{Place, defaults};
use crate::arm::clusters::versions;
use crate::arm::{etag, long};
use crate::http::Answer;
use crate::operation::Verb;
use crate::simulator::{Context, Handled};

pub(super) fn node_image(context: &mut Context<'_>, place: &Place) -> Handled {
    let pool = place.find(context)?;
    etag::check(context.request, etag::of(&pool.value))?;
    long::idle(
        context,
        &place.cluster_key(),
        Verb::UpgradeImage,
        Some(&place.id),
    )?;
    let mut properties = pool.value["properties"].clone();
    properties["nodeImageVersion"] = defaults::newest_image(&properties).into();
    let (started, value) = place.begin(context, Verb::UpgradeImage, properties, pool);
    Ok(started.accepted(context, Some(value)))
}

pub(super) fn profile(context: &Context<'_>, place: &Place) -> Handled {
    let pool = place.find(context)?;
    let properties = &pool.value["properties"];
    let current = properties["currentOrchestratorVersion"]
        .as_str()
        .unwrap_or_default();
    let cluster = context.world.clusters.get(&place.cluster_key());
    let plane = cluster
        .and_then(|cluster| cluster.value["properties"]["currentKubernetesVersion"].as_str())
        .unwrap_or_default();
    let fits = |version: &&str| versions::numbers(version) <= versions::numbers(plane);
    let upgrades: Vec<Value> = versions::upgrades(current)
        .into_iter()
        .filter(fits)
        .map(|version| json!({ "kubernetesVersion": version, "isPreview": false }))
        .collect();
    Ok(Answer::ok(json!({
        "id": format!("{}/upgradeProfiles/default", place.id),
        "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles",
        "properties": {
            "kubernetesVersion": current,
            "osType": properties["osType"],
            "upgrades": upgrades,
            "latestNodeImageVersion": defaults::newest_image(properties),
        },
    })))
}
