//! What AKS fills in where a cluster does not say (REST reference of 2025-10-01, descriptions and examples of `ManagedCluster`).

use serde_json::{Value, json};

use super::versions;
use crate::store::World;

/// A cluster as it is after a PUT of `asked`.
pub(crate) fn complete(id: &str, asked: &Value, world: &mut World) -> Value {
    let name = id.rsplit('/').next().unwrap_or_default();
    let group = id.split('/').nth(4).unwrap_or_default();
    let location = asked["location"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace(' ', "");
    let mut properties = asked["properties"].clone();
    if let Some(properties) = properties.as_object_mut() {
        properties.remove("agentPoolProfiles");
        // The CLI sends an empty version for what its user did not say.
        properties.retain(|_, value| !value.is_null() && *value != "");
    }
    let prefix = properties["dnsPrefix"].as_str().unwrap_or(name).to_owned();
    let host = format!("{prefix}-{}", &world.guids.take()[..8]);
    fill(
        &mut properties,
        &json!({
            "kubernetesVersion": versions::DEFAULT,
            "powerState": { "code": "Running" },
            "dnsPrefix": prefix,
            "fqdn": format!("{host}.hcp.{location}.azmk8s.io"),
            "azurePortalFQDN": format!("{host}.portal.hcp.{location}.azmk8s.io"),
            "nodeResourceGroup": format!("MC_{group}_{name}_{location}"),
            "enableRBAC": true,
            "disableLocalAccounts": false,
            "maxAgentPools": 100,
            "supportPlan": "KubernetesOfficial",
            "resourceUID": world.guids.take().replace('-', "")[..24],
            "networkProfile": {
                "networkPlugin": "azure", "networkPluginMode": "overlay", "networkDataplane": "azure", "networkPolicy": "none",
                "loadBalancerSku": "standard", "outboundType": "loadBalancer", "podCidr": "10.244.0.0/16",
                "serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.0.0.10", "ipFamilies": ["IPv4"],
            },
            "oidcIssuerProfile": { "enabled": false },
            "storageProfile": { "diskCSIDriver": { "enabled": true }, "fileCSIDriver": { "enabled": true }, "snapshotController": { "enabled": true } },
            "autoUpgradeProfile": { "nodeOSUpgradeChannel": "NodeImage" },
            "nodeProvisioningProfile": { "mode": "Manual" },
            "workloadAutoScalerProfile": {},
            "securityProfile": {},
        }),
    );
    let wish = properties["kubernetesVersion"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    properties["currentKubernetesVersion"] = versions::full(&wish).unwrap_or_default().into();
    if properties["oidcIssuerProfile"]["enabled"] == true {
        let issuer = format!(
            "https://{location}.oic.prod-aks.azure.com/{}/{}/",
            world.directory.tenant,
            world.guids.take()
        );
        fill(
            &mut properties["oidcIssuerProfile"],
            &json!({ "issuerURL": issuer }),
        );
    }
    if properties["aadProfile"].is_object() {
        fill(
            &mut properties["aadProfile"],
            &json!({ "managed": true, "enableAzureRBAC": false, "tenantID": world.directory.tenant }),
        );
    }
    let kubelet = format!(
        "/subscriptions/{}/resourceGroups/MC_{group}_{name}_{location}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}-agentpool",
        id.split('/').nth(2).unwrap_or_default()
    );
    fill(
        &mut properties,
        &json!({
            "identityProfile": { "kubeletidentity": { "resourceId": kubelet, "clientId": world.guids.take(), "objectId": world.guids.take() } },
            "servicePrincipalProfile": { "clientId": "msi" },
        }),
    );
    let mut identity = if asked["identity"].is_object() {
        asked["identity"].clone()
    } else {
        json!({ "type": "SystemAssigned" })
    };
    fill(
        &mut identity,
        &json!({ "principalId": world.guids.take(), "tenantId": world.directory.tenant }),
    );
    let mut sku = asked["sku"].clone();
    fill(&mut sku, &json!({ "name": "Base", "tier": "Free" }));
    json!({
        "id": id, "name": name, "type": "Microsoft.ContainerService/ManagedClusters", "location": location,
        "tags": asked["tags"], "identity": identity, "sku": sku, "eTag": world.guids.take(), "properties": properties,
    })
}

/// Adds members that are absent or null, deeply.
pub(crate) fn fill(value: &mut Value, defaults: &Value) {
    match (value, defaults) {
        (value @ Value::Null, defaults) => *value = defaults.clone(),
        (Value::Object(has), Value::Object(defaults)) => {
            for (name, default) in defaults {
                fill(has.entry(name.as_str()).or_insert(Value::Null), default);
            }
        }
        _ => {}
    }
}

/// What is true when an operation has succeeded.
pub(crate) fn arrived(properties: &mut Value) {
    let wish = properties["kubernetesVersion"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let current = properties["currentKubernetesVersion"]
        .as_str()
        .unwrap_or_default();
    // `1.34` stays what it is while a patch of it runs.
    if !current.starts_with(&format!("{wish}.")) && current != wish {
        properties["currentKubernetesVersion"] = versions::full(&wish).unwrap_or_default().into();
    }
}
