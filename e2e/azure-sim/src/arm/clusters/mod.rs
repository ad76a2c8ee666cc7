//! Managed clusters (REST reference of AKS, 2025-10-01).

mod credentials;
pub mod defaults;
mod power;
mod put;
mod upgrades;
pub mod versions;

pub(super) use power::abort_of;

use http::Method;
use serde_json::{Value, json};

use super::pools;
use super::{error, etag, id, list as as_list, long};
use crate::http::{Answer, Refusal};
use crate::operation::Verb;
use crate::simulator::{Context, Handled};
use crate::store::{Cluster, World, key};

/// How many segments a cluster's id has.
const SEGMENTS: usize = 8;

/// Clusters of a subscription, or of a resource group.
pub(super) fn list(context: &Context<'_>) -> Answer {
    let path = context.request.lower();
    let scope = if path[2] == "resourcegroups" { 4 } else { 2 };
    let prefix = format!("/{}/", path[..scope].join("/"));
    let found = context
        .world
        .clusters
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix));
    as_list(
        found
            .map(|(key, cluster)| show(context.world, key, cluster))
            .collect(),
    )
}

/// `rest` is what follows `managedClusters`.
pub(super) fn route(context: &mut Context<'_>, rest: &[&str]) -> Handled {
    let Some((_, rest)) = rest.split_first() else {
        return Ok(list(context));
    };
    let full = id(context, SEGMENTS);
    let method = context.request.method.clone();
    if rest.is_empty() && method == Method::PUT {
        return put::put(context, &full);
    }
    if rest.is_empty() && method == Method::DELETE {
        return delete(context, &full);
    }
    let cluster = find(context, &full)?;
    match (method, rest) {
        (Method::GET, []) => Ok(Answer::ok(show(context.world, &key(&full), &cluster))),
        (Method::PATCH, []) => put::tags(context, &full),
        (Method::POST, ["start"]) => power::set(context, &full, Verb::Start),
        (Method::POST, ["stop"]) => power::set(context, &full, Verb::Stop),
        (Method::POST, ["abort"]) => power::abort(context, &full),
        (Method::POST, ["listclusterusercredential"]) => credentials::user(context, &cluster),
        (Method::POST, ["listclusteradmincredential"]) => credentials::admin(context, &cluster),
        (Method::GET, ["upgradeprofiles", "default"]) => {
            Ok(upgrades::of_cluster(context.world, &full, &cluster))
        }
        (Method::GET, ["availableagentpoolversions"]) => Ok(upgrades::for_pools(&full, &cluster)),
        (_, ["agentpools", rest @ ..]) => pools::route(context, &full, rest),
        _ => Err(super::unknown(context)),
    }
}

fn find(context: &Context<'_>, full: &str) -> Result<Cluster, Refusal> {
    context
        .world
        .clusters
        .get(&key(full))
        .cloned()
        .ok_or_else(|| missing(full))
}

/// The words of Resource Manager for a resource that is not there.
fn missing(full: &str) -> Refusal {
    let mut parts = full.split('/');
    let group = parts.nth(4).unwrap_or_default();
    let name = full.rsplit('/').next().unwrap_or_default();
    let message = format!(
        "The Resource 'Microsoft.ContainerService/managedClusters/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    );
    error::resource(404, "ResourceNotFound", &message)
}

/// A cluster with its node pools.
fn show(world: &World, key: &str, cluster: &Cluster) -> Value {
    let profiles = world.pools_of(key).map(|(_, pool)| {
        let mut profile = pool.value["properties"].clone();
        profile["name"] = pool.value["name"].clone();
        profile
    });
    let mut value = cluster.value.clone();
    value["properties"]["agentPoolProfiles"] = profiles.collect();
    value
}

fn delete(context: &mut Context<'_>, full: &str) -> Handled {
    let Some(cluster) = context.world.clusters.get(&key(full)) else {
        return Ok(Answer::empty(204));
    };
    etag::check(context.request, etag::of(&cluster.value))?;
    long::idle(context, &key(full), Verb::Delete, None)?;
    state(context.world, full, Verb::Delete);
    let started = long::start(context, Verb::Delete, full, &key(full));
    Ok(started.accepted(context, None))
}

/// A cluster and its pools are busy.
fn state(world: &mut World, full: &str, verb: Verb) {
    let id = key(full);
    let etag = world.guids.take();
    if let Some(cluster) = world.clusters.get_mut(&id) {
        cluster.value["properties"]["provisioningState"] = verb.state().into();
        cluster.value["eTag"] = json!(etag);
    }
    let prefix = format!("{id}/agentpools/");
    let keys: Vec<String> = world
        .pools
        .keys()
        .filter(|key| key.starts_with(&prefix))
        .cloned()
        .collect();
    for pool in keys {
        // An operation on the cluster changes the pools' eTags too (AKS docs, "Use eTags with AKS").
        let etag = world.guids.take();
        if let Some(pool) = world.pools.get_mut(&pool) {
            pool.value["properties"]["eTag"] = etag.into();
            pool.value["properties"]["provisioningState"] = verb.state().into();
        }
    }
}
