//! What Compute offers: sizes, and how many virtual CPUs of each family (REST reference, "Resource Skus" and "Usage").

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{error, list};
use crate::http::Refusal;
use crate::simulator::{Context, Handled};
use crate::store::World;

/// A size of machines.
#[derive(Debug)]
pub struct Size {
    /// Its name.
    pub name: &'static str,
    /// Its family, which the quota is counted by.
    pub family: &'static str,
    /// Virtual CPUs.
    pub cpus: u64,
    /// Memory in GiB.
    pub memory: u64,
    /// GPUs.
    pub gpus: u64,
    /// The largest ephemeral OS disk that fits on its own disk or cache, in GiB; 0 when it has none.
    pub ephemeral: u64,
}

const fn of(
    name: &'static str,
    family: &'static str,
    cpus: u64,
    memory: u64,
    gpus: u64,
    ephemeral: u64,
) -> Size {
    Size {
        name,
        family,
        cpus,
        memory,
        gpus,
        ephemeral,
    }
}

/// The sizes that are simulated, with the numbers of Azure's documents on VM sizes.
pub static SIZES: [Size; 16] = [
    of("Standard_B2s", "standardBSFamily", 2, 4, 0, 0),
    of("Standard_B2ms", "standardBSFamily", 2, 8, 0, 0),
    of("Standard_B4ms", "standardBSFamily", 4, 16, 0, 0),
    of("Standard_DS2_v2", "standardDSv2Family", 2, 7, 0, 86),
    of("Standard_DS3_v2", "standardDSv2Family", 4, 14, 0, 172),
    of("Standard_D2s_v3", "standardDSv3Family", 2, 8, 0, 50),
    of("Standard_D4s_v3", "standardDSv3Family", 4, 16, 0, 100),
    of("Standard_D2s_v5", "standardDSv5Family", 2, 8, 0, 0),
    of("Standard_D4s_v5", "standardDSv5Family", 4, 16, 0, 0),
    of("Standard_D8s_v5", "standardDSv5Family", 8, 32, 0, 0),
    of("Standard_D2ds_v5", "standardDDSv5Family", 2, 8, 0, 75),
    of("Standard_D4ds_v5", "standardDDSv5Family", 4, 16, 0, 150),
    of("Standard_D8ds_v5", "standardDDSv5Family", 8, 32, 0, 300),
    of("Standard_E4s_v5", "standardESv5Family", 4, 32, 0, 0),
    of(
        "Standard_NC4as_T4_v3",
        "Standard NCASv3_T4 Family",
        4,
        28,
        1,
        176,
    ),
    of(
        "Standard_NC24ads_A100_v4",
        "StandardNCADSA100v4Family",
        24,
        220,
        1,
        256,
    ),
];

/// A size by its name, which is compared without case.
pub fn size(name: &str) -> Option<&'static Size> {
    SIZES
        .iter()
        .find(|size| size.name.eq_ignore_ascii_case(name))
}

pub(super) fn route(context: &Context<'_>, subscription: &str, rest: &[&str]) -> Handled {
    match rest {
        ["skus"] => Ok(list(SIZES.iter().map(|size| sku(context, size)).collect())),
        ["locations", _, "usages"] => Ok(list(usages(context.world, subscription))),
        ["locations", _, "vmsizes"] => Ok(list(SIZES.iter().map(plain).collect())),
        _ => Err(super::unknown(context)),
    }
}

fn plain(size: &Size) -> Value {
    json!({
        "name": size.name, "numberOfCores": size.cpus, "memoryInMB": size.memory * 1024,
        "osDiskSizeInMB": 1_047_552, "resourceDiskSizeInMB": size.ephemeral * 1024, "maxDataDiskCount": 8,
    })
}

fn sku(context: &Context<'_>, size: &Size) -> Value {
    let location = context
        .world
        .clusters
        .values()
        .next()
        .and_then(|cluster| cluster.value["location"].as_str())
        .unwrap_or("westeurope");
    let capability = |name: &str, value: String| json!({ "name": name, "value": value });
    let restrictions = if context.world.compute.restricted.contains(size.name) {
        json!([{ "type": "Location", "values": [location], "restrictionInfo": { "locations": [location] }, "reasonCode": "NotAvailableForSubscription" }])
    } else {
        json!([])
    };
    json!({
        "resourceType": "virtualMachines", "name": size.name, "tier": "Standard",
        "size": size.name.trim_start_matches("Standard_"), "family": size.family, "locations": [location],
        "locationInfo": [{ "location": location, "zones": ["1", "2", "3"], "zoneDetails": [] }],
        "capabilities": [
            capability("vCPUs", size.cpus.to_string()),
            capability("MemoryGB", size.memory.to_string()),
            capability("GPUs", size.gpus.to_string()),
            capability("EphemeralOSDiskSupported", if size.ephemeral > 0 { "True" } else { "False" }.to_owned()),
            capability("CpuArchitectureType", "x64".to_owned()),
            capability("EncryptionAtHostSupported", "True".to_owned()),
        ],
        "restrictions": restrictions,
    })
}

/// Virtual CPUs in use in a subscription's region, by family.
fn used(world: &World, subscription: &str) -> BTreeMap<&'static str, u64> {
    let prefix = format!("/subscriptions/{subscription}/");
    let mut used = BTreeMap::new();
    for (_, pool) in world
        .pools
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix))
    {
        let properties = &pool.value["properties"];
        if let Some(size) = size(properties["vmSize"].as_str().unwrap_or_default()) {
            *used.entry(size.family).or_default() +=
                size.cpus * properties["count"].as_u64().unwrap_or_default();
        }
    }
    used
}

fn usages(world: &World, subscription: &str) -> Vec<Value> {
    let used = used(world, subscription);
    let usage = |name: &str, shown: String, current: u64, limit: u64| json!({ "unit": "Count", "currentValue": current, "limit": limit, "name": { "value": name, "localizedValue": shown } });
    let mut families: Vec<&str> = SIZES.iter().map(|size| size.family).collect();
    families.dedup();
    let total = used.values().sum();
    let mut all = vec![usage(
        "cores",
        "Total Regional vCPUs".to_owned(),
        total,
        world.compute.regional_limit,
    )];
    for family in families {
        let current = used.get(family).copied().unwrap_or_default();
        all.push(usage(
            family,
            format!("{family} vCPUs"),
            current,
            limit(world, family),
        ));
    }
    all
}

fn limit(world: &World, family: &str) -> u64 {
    world
        .compute
        .limits
        .get(family)
        .copied()
        .unwrap_or(world.compute.default_limit)
}

/// Refuses a size that the subscription may not use (code and words: hashicorp-education/learn-terraform-provision-aks-cluster#15).
pub(super) fn offered(world: &World, name: &str, location: &str) -> Result<&'static Size, Refusal> {
    match size(name) {
        Some(size) if !world.compute.restricted.contains(size.name) => Ok(size),
        _ => {
            let offered = SIZES
                .iter()
                .filter(|size| !world.compute.restricted.contains(size.name));
            let names: Vec<String> = offered.map(|size| size.name.to_ascii_lowercase()).collect();
            let message = format!(
                "The VM size of {name} is not allowed in your subscription in location '{location}'. The available VM sizes are '{}'. For more details, please visit https://aka.ms/aks/quotas-skus-regions",
                names.join(",")
            );
            Err(error::flat(400, "BadRequest", &message, ""))
        }
    }
}

/// Refuses more machines than the quota has room for (code and words: langchain-ai/terraform#261, 1ChristianAlex/motordesk#14).
pub(super) fn quota(
    world: &World,
    subscription: &str,
    size: &Size,
    more: u64,
    location: &str,
) -> Result<(), Refusal> {
    let requested = size.cpus.saturating_mul(more);
    let used = used(world, subscription);
    let of_family = limit(world, size.family)
        .saturating_sub(used.get(size.family).copied().unwrap_or_default());
    let of_region = world
        .compute
        .regional_limit
        .saturating_sub(used.values().sum());
    let remaining = of_family.min(of_region);
    if requested <= remaining {
        return Ok(());
    }
    let message = format!(
        "Insufficient vcpu quota requested {requested}, remaining {remaining} for family {} for region {location}. Surge nodes would also consume vcpu quota, please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without surge nodes. If you want to increase the quota, please follow this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas.",
        size.family
    );
    Err(error::flat(
        400,
        "ErrCode_InsufficientVCPUQuota",
        &message,
        "",
    ))
}
