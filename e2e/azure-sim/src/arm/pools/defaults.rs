//! What AKS fills in where a pool does not say, and what becomes true when an operation has succeeded (REST reference of
//! 2025-10-01, descriptions and examples).

use serde_json::{Value, json};

use crate::arm::clusters::defaults::fill;
use crate::arm::clusters::versions;
use crate::arm::compute;

/// The size that AKS picks for a pool that does not say.
pub(super) const SIZE: &str = "Standard_D4ds_v5";
/// The node images' date when pools are made, and the newest one.
const IMAGES: (&str, &str) = ("202610.15.0", "202611.01.0");
/// What marks Spot nodes (AKS docs, "Add a Spot node pool").
pub(super) const SPOT: &str = "kubernetes.azure.com/scalesetpriority";

/// The properties of a new pool. `version` is the cluster's wish, `plugin` the mode of its network plugin.
pub(crate) fn complete(asked: &Value, version: &str, plugin: &str) -> Value {
    let mut properties = asked.clone();
    let windows = properties["osType"] == "Windows";
    let spot = properties["scaleSetPriority"] == "Spot";
    let size = compute::size(properties["vmSize"].as_str().unwrap_or(SIZE));
    fill(
        &mut properties,
        &json!({
            "vmSize": SIZE,
            "osType": "Linux",
            "osSKU": if windows { "Windows2022" } else { "Ubuntu" },
            "mode": "User",
            "type": "VirtualMachineScaleSets",
            "orchestratorVersion": version,
            "enableAutoScaling": false,
            "scaleDownMode": "Delete",
            "kubeletDiskType": "OS",
            "maxPods": match plugin { "overlay" => 250, "kubenet" => 110, _ => 30 },
            "powerState": { "code": "Running" },
            "enableNodePublicIP": false,
            "enableEncryptionAtHost": false,
            "enableUltraSSD": false,
            "enableFIPS": false,
            "securityProfile": { "enableVTPM": false, "enableSecureBoot": false, "sshAccess": "LocalUser" },
        }),
    );
    disk(&mut properties, size);
    if size.is_some_and(|size| size.gpus > 0) {
        // hashicorp/terraform-provider-azurerm#30990.
        fill(
            &mut properties,
            &json!({ "gpuProfile": { "driver": "Install" } }),
        );
    }
    if spot {
        mark_spot(&mut properties);
    } else {
        if let Some(properties) = properties.as_object_mut() {
            properties.remove("scaleSetPriority");
        }
        fill(
            &mut properties,
            &json!({ "upgradeSettings": { "maxSurge": "10%", "maxUnavailable": "0" } }),
        );
    }
    settle(&mut properties);
    arrived(&mut properties, version);
    properties
}

/// Ephemeral where it fits, else managed of 128 GiB (AKS docs, "Ephemeral OS disks").
fn disk(properties: &mut Value, size: Option<&compute::Size>) {
    let room = size.map_or(0, |size| size.ephemeral);
    if properties["osDiskSizeGB"].is_null() || properties["osDiskSizeGB"] == 0 {
        let managed = properties["osDiskType"] == "Managed" || room == 0;
        properties["osDiskSizeGB"] = if managed { 128 } else { room.min(128) }.into();
    }
    let fits = properties["osDiskSizeGB"]
        .as_u64()
        .is_some_and(|wanted| wanted <= room);
    fill(
        properties,
        &json!({ "osDiskType": if fits { "Ephemeral" } else { "Managed" } }),
    );
}

fn mark_spot(properties: &mut Value) {
    fill(
        properties,
        &json!({ "scaleSetEvictionPolicy": "Delete", "spotMaxPrice": -1, "nodeLabels": { SPOT: "spot" } }),
    );
    let taint = Value::from(format!("{SPOT}=spot:NoSchedule"));
    match properties["nodeTaints"].as_array_mut() {
        Some(taints) if !taints.contains(&taint) => taints.push(taint),
        Some(_) => {}
        None => properties["nodeTaints"] = json!([taint]),
    }
}

/// Without the autoscaler there are no limits.
pub(super) fn settle(properties: &mut Value) {
    if properties["enableAutoScaling"] == true {
        return;
    }
    if let Some(properties) = properties.as_object_mut() {
        properties.remove("minCount");
        properties.remove("maxCount");
    }
}

/// What is true when an operation has succeeded.
pub(crate) fn arrived(properties: &mut Value, cluster: &str) {
    let wish = properties["orchestratorVersion"]
        .as_str()
        .unwrap_or(cluster)
        .to_owned();
    let current = properties["currentOrchestratorVersion"]
        .as_str()
        .unwrap_or_default();
    if current != wish && !current.starts_with(&format!("{wish}.")) {
        properties["currentOrchestratorVersion"] = runs(&wish, cluster).into();
    }
    if properties["nodeImageVersion"].is_null() {
        properties["nodeImageVersion"] = image(properties, IMAGES.0).into();
    }
}

/// A minor version alone means the control plane's patch where that is of the same minor version, else the newest one.
fn runs(wish: &str, cluster: &str) -> String {
    if cluster.starts_with(&format!("{wish}.")) {
        return cluster.to_owned();
    }
    versions::full(wish).unwrap_or(wish).to_owned()
}

fn image(properties: &Value, date: &str) -> String {
    let name = match properties["osSKU"].as_str().unwrap_or_default() {
        sku if sku.starts_with("AzureLinux") || sku == "CBLMariner" => "AKSAzureLinux-V3gen2",
        sku if sku.starts_with("Windows") => {
            return format!("AKSWindows-{}-containerd-20348.{date}", &sku[7..]);
        }
        "Ubuntu2404" => "AKSUbuntu-2404gen2containerd",
        _ => "AKSUbuntu-2204gen2containerd",
    };
    format!("{name}-{date}")
}

/// The newest node image for a pool.
pub(super) fn newest_image(properties: &Value) -> String {
    image(properties, IMAGES.1)
}
