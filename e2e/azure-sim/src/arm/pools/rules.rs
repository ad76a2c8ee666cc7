//! What a pool may be as a whole.

use serde_json::Value;

use super::Place;
use super::defaults::SPOT;
use crate::arm::clusters::versions;
use crate::arm::{compute, error};
use crate::http::Refusal;
use crate::simulator::Context;

/// 1 to 12 lower-case letters and digits, a letter first; 6 for Windows (REST reference; AKS docs, "Create node pools").
pub(super) fn name(name: &str, properties: &Value) -> Result<(), Refusal> {
    let most = if properties["osType"] == "Windows" {
        6
    } else {
        12
    };
    let fits = (1..=most).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit());
    if fits {
        return Ok(());
    }
    let message = format!(
        "The value of parameter agentPoolProfile.name is invalid: {name}. It has to begin with a lower-case letter, hold only lower-case letters and digits, and have 1 to {most} characters."
    );
    Err(error::invalid("agentPoolProfile.name", &message))
}

/// Everything that does not depend on what was before.
pub(super) fn check(properties: &Value) -> Result<(), Refusal> {
    counts(properties)?;
    mode(properties)?;
    spot(properties)?;
    surge(properties)?;
    images(properties)?;
    zones(properties)?;
    taints(properties)?;
    labels(properties)
}

fn number(properties: &Value, name: &str) -> Option<u64> {
    properties[name].as_u64()
}

fn counts(properties: &Value) -> Result<(), Refusal> {
    let Some(count) = number(properties, "count") else {
        // Azure/azure-service-operator#3220.
        let message = "Required parameter properties.count is missing (null).";
        return Err(error::invalid("properties.count", message));
    };
    let stopped = properties["powerState"]["code"] == "Stopped";
    let least = u64::from(properties["mode"] == "System" && !stopped);
    if count < least {
        let message = format!(
            "The value of parameter agentPoolProfile.count is invalid: {count}. A System node pool needs at least 1 node."
        );
        return Err(error::invalid("agentPoolProfile.count", &message));
    }
    if properties["enableAutoScaling"] != true {
        return Ok(());
    }
    let (Some(min), Some(max)) = (
        number(properties, "minCount"),
        number(properties, "maxCount"),
    ) else {
        let message = "minCount and maxCount are required when enableAutoScaling is true.";
        return Err(error::invalid("agentPoolProfile.minCount", message));
    };
    if min > max || min < least {
        let message = format!(
            "The value of parameter agentPoolProfile.minCount is invalid: {min}. It has to be at least {least} and at most maxCount ({max})."
        );
        return Err(error::invalid("agentPoolProfile.minCount", &message));
    }
    if !(min..=max).contains(&count) {
        let message = format!(
            "The value of parameter agentPoolProfile.count is invalid: {count}. It has to be between minCount ({min}) and maxCount ({max})."
        );
        return Err(error::invalid("agentPoolProfile.count", &message));
    }
    Ok(())
}

/// System pools (AKS docs, "Use system node pools").
fn mode(properties: &Value) -> Result<(), Refusal> {
    if properties["mode"] != "System" {
        return Ok(());
    }
    if properties["osType"] == "Windows" {
        return Err(error::invalid(
            "agentPoolProfile.osType",
            "A System node pool must have osType Linux.",
        ));
    }
    if number(properties, "maxPods").is_some_and(|pods| pods < 30) {
        let message = format!(
            "The value of parameter agentPoolProfile.maxPods is invalid: {}. A System node pool must support at least 30 pods.",
            properties["maxPods"]
        );
        return Err(error::invalid("agentPoolProfile.maxPods", &message));
    }
    Ok(())
}

/// Spot pools (AKS docs, "Add a Spot node pool"; hashicorp/terraform-provider-azurerm#31129, jenkins-infra/azure#730).
fn spot(properties: &Value) -> Result<(), Refusal> {
    let is_spot = properties["scaleSetPriority"] == "Spot";
    if !is_spot {
        for name in ["spotMaxPrice", "scaleSetEvictionPolicy"] {
            if !properties[name].is_null() {
                let target = format!("agentPoolProfile.{name}");
                return Err(error::invalid(
                    &target,
                    &format!("{name} can only be set when scaleSetPriority is Spot."),
                ));
            }
        }
        return Ok(());
    }
    if properties["mode"] == "System" {
        return Err(error::invalid(
            "agentPoolProfile.scaleSetPriority",
            "A Spot node pool cannot be a System node pool.",
        ));
    }
    let settings = &properties["upgradeSettings"];
    for (name, target) in [
        ("maxSurge", "agentPoolProfile.upgrade.maxSurge"),
        (
            "maxUnavailable",
            "agentPoolProfile.upgradeSettings.maxUnavailable",
        ),
    ] {
        if !settings[name].is_null() {
            return Err(error::invalid(
                target,
                &format!("Spot pools can't set {name}."),
            ));
        }
    }
    let price = properties["spotMaxPrice"].as_f64().unwrap_or(-1.0);
    if price <= 0.0 && (price + 1.0).abs() > f64::EPSILON {
        return Err(error::invalid(
            "agentPoolProfile.spotMaxPrice",
            "spotMaxPrice has to be -1 or greater than zero.",
        ));
    }
    Ok(())
}

/// A count, or a share up to all (AKS docs, "Customize node surge upgrade").
fn surge(properties: &Value) -> Result<(), Refusal> {
    for name in ["maxSurge", "maxUnavailable"] {
        let Some(wish) = properties["upgradeSettings"][name].as_str() else {
            continue;
        };
        let (digits, most) = wish
            .strip_suffix('%')
            .map_or((wish, 1000), |share| (share, 100));
        if !digits.parse::<u64>().is_ok_and(|number| number <= most) {
            let target = format!("agentPoolProfile.upgradeSettings.{name}");
            let message = format!(
                "The value of parameter {target} is invalid: {wish}. It has to be a count such as 5 or a share such as 33%."
            );
            return Err(error::invalid(&target, &message));
        }
    }
    Ok(())
}

fn images(properties: &Value) -> Result<(), Refusal> {
    let sku = properties["osSKU"].as_str().unwrap_or_default();
    let windows = properties["osType"] == "Windows";
    if sku.starts_with("Windows") == windows {
        return Ok(());
    }
    Err(error::invalid(
        "agentPoolProfile.osSKU",
        &format!("osSKU {sku} does not fit osType {}.", properties["osType"]),
    ))
}

fn zones(properties: &Value) -> Result<(), Refusal> {
    let zones = properties["availabilityZones"].as_array();
    match zones
        .into_iter()
        .flatten()
        .find(|zone| !matches!(zone.as_str(), Some("1" | "2" | "3")))
    {
        None => Ok(()),
        Some(zone) => Err(error::invalid(
            "agentPoolProfile.availabilityZones",
            &format!(
                "Availability zone {zone} is not supported in this location. The zones are 1, 2, 3."
            ),
        )),
    }
}

/// `key=value:Effect` (AKS docs, "Use node taints").
fn taints(properties: &Value) -> Result<(), Refusal> {
    for taint in properties["nodeTaints"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let effect = taint
            .rsplit_once(':')
            .map(|(key, effect)| (key.split('=').next().unwrap_or_default(), effect));
        let good = matches!(effect, Some((key, "NoSchedule" | "NoExecute" | "PreferNoSchedule")) if is_label_key(key));
        if !good {
            let message = format!(
                "The value of parameter agentPoolProfile.nodeTaints is invalid: {taint}. A taint is key=value:Effect with the effect NoSchedule, PreferNoSchedule or NoExecute."
            );
            return Err(error::invalid("agentPoolProfile.nodeTaints", &message));
        }
    }
    Ok(())
}

/// Kubernetes' syntax, and AKS's own prefix is not for others (AKS docs, "Use labels").
fn labels(properties: &Value) -> Result<(), Refusal> {
    for (key, value) in properties["nodeLabels"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let problem = if key.starts_with("kubernetes.azure.com/") && key != SPOT {
            "the prefix kubernetes.azure.com/ is reserved for AKS"
        } else if !is_label_key(key) {
            "the key is not a Kubernetes label key"
        } else if !value.is_empty() && !is_name(value) {
            "the value is not a Kubernetes label value"
        } else {
            continue;
        };
        let message = format!(
            "The value of parameter agentPoolProfile.nodeLabels is invalid: {key}={value}: {problem}."
        );
        return Err(error::invalid("agentPoolProfile.nodeLabels", &message));
    }
    Ok(())
}

fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.rsplit_once('/').unwrap_or(("", key));
    is_name(name) && prefix.len() <= 253 && (prefix.is_empty() || prefix.split('.').all(is_name))
}

fn is_name(text: &str) -> bool {
    let edge = |one: char| one.is_ascii_alphanumeric();
    let inner = |one: char| edge(one) || matches!(one, '-' | '_' | '.');
    text.len() <= 63 && text.starts_with(edge) && text.ends_with(edge) && text.chars().all(inner)
}

/// A version that is offered, and not above the control plane's (AKS docs, "Upgrade options", version skew;
/// hashicorp/terraform-provider-azurerm#17839).
pub(super) fn version(wish: &str, control_plane: &str) -> Result<&'static str, Refusal> {
    let Some(full) = versions::full(wish) else {
        let message = format!(
            "Version {wish} is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region."
        );
        return Err(error::flat(
            400,
            "AgentPoolK8sVersionNotSupported",
            &message,
            "agentPoolProfile.orchestratorVersion",
        ));
    };
    let (pool, plane) = (versions::numbers(full), versions::numbers(control_plane));
    let alias = versions::numbers(wish).1 == plane.1 && wish.split('.').count() == 2;
    if pool > plane && !alias {
        let message = format!(
            "Node pool version {full} and control plane version {control_plane} are incompatible. Minor version of node pool version {} is bigger than control plane version {}. For more information, please check https://aka.ms/version-skew-policy.",
            pool.1, plane.1
        );
        return Err(error::flat(
            400,
            "NodePoolMcVersionIncompatible",
            &message,
            "agentPoolProfile.orchestratorVersion",
        ));
    }
    Ok(full)
}

/// A cluster keeps a System pool (AKS docs, "Use system node pools"; words of Azure/AKS#1602).
pub(super) fn keeps_system(
    context: &Context<'_>,
    place: &Place,
    after: &Value,
) -> Result<(), Refusal> {
    if after["mode"] == "System" || has_other_system(context, place) {
        return Ok(());
    }
    Err(error::invalid(
        "agentPoolProfile.mode",
        "Must define at least one system pool.",
    ))
}

pub(super) fn has_other_system(context: &Context<'_>, place: &Place) -> bool {
    let own = place.key();
    let mut others = context
        .world
        .pools_of(&crate::store::key(&place.cluster))
        .filter(|(key, _)| **key != own);
    others.any(|(_, pool)| pool.value["properties"]["mode"] == "System")
}

/// The size is offered, and the quota has room for so many more machines of it.
pub(super) fn room(
    context: &Context<'_>,
    place: &Place,
    properties: &Value,
    more: u64,
) -> Result<(), Refusal> {
    let cluster = context.world.clusters.get(&place.cluster_key());
    let location = cluster
        .and_then(|cluster| cluster.value["location"].as_str())
        .unwrap_or_default();
    let size = compute::offered(
        context.world,
        properties["vmSize"]
            .as_str()
            .unwrap_or(super::defaults::SIZE),
        location,
    )?;
    let subscription = place
        .cluster
        .split('/')
        .nth(2)
        .unwrap_or_default()
        .to_ascii_lowercase();
    compute::quota(context.world, &subscription, size, more, location)
}
