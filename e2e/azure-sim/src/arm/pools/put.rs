//! Creating and changing a pool.

use serde_json::Value;

use super::{Place, defaults, error, merge, power, rules};
use crate::arm::clusters::versions;
use crate::arm::{etag, long};
use crate::http::Refusal;
use crate::operation::Verb;
use crate::simulator::{Context, Handled};
use crate::store::{Pool, key};

pub(super) fn put(context: &mut Context<'_>, place: &Place) -> Handled {
    let body = context
        .request
        .json()
        .map_err(|error| error::flat(400, "UnmarshalError", &error.to_string(), ""))?;
    let asked = &body["properties"];
    if !asked.is_object() {
        return Err(error::invalid(
            "properties",
            "Required parameter properties is missing (null).",
        ));
    }
    let before = context.world.pools.get(&place.key()).cloned();
    etag::check(
        context.request,
        before.as_ref().and_then(|pool| etag::of(&pool.value)),
    )?;
    long::idle(context, &place.cluster_key(), Verb::Update, Some(&place.id))?;
    let cluster = context.world.clusters.get(&place.cluster_key());
    if cluster.is_some_and(|cluster| cluster.value["properties"]["powerState"]["code"] == "Stopped")
    {
        let message = "The managed cluster is stopped. Start it before changing its node pools.";
        return Err(error::flat(409, "OperationNotAllowed", message, ""));
    }
    match before {
        None => create(context, place, asked),
        Some(before) => update(context, place, asked, before),
    }
}

fn create(context: &mut Context<'_>, place: &Place, asked: &Value) -> Handled {
    let properties = wanted(context, place, asked)?;
    let (started, value) = place.begin(context, Verb::Create, properties, Pool::default());
    Ok(started.put(context, 201, value))
}

/// A new pool, checked and complete.
fn wanted(context: &Context<'_>, place: &Place, asked: &Value) -> Result<Value, Refusal> {
    let mut properties = Value::Null;
    merge::merge(&mut properties, asked)?;
    let (current, wish, plugin) = of_cluster(context, place);
    rules::name(&place.name, &properties)?;
    // Without the autoscaler its limits have to be absent.
    limits(&properties)?;
    let mut properties = defaults::complete(&properties, &wish, &plugin);
    rules::check(&properties)?;
    rules::version(
        properties["orchestratorVersion"]
            .as_str()
            .unwrap_or_default(),
        &current,
    )?;
    rules::room(
        context,
        place,
        &properties,
        properties["count"].as_u64().unwrap_or_default(),
    )?;
    if let Some(properties) = properties.as_object_mut() {
        properties.remove("currentOrchestratorVersion");
    }
    Ok(properties)
}

fn limits(properties: &Value) -> Result<(), Refusal> {
    let limited = !properties["minCount"].is_null() || !properties["maxCount"].is_null();
    if limited && properties["enableAutoScaling"] != true {
        let message = "minCount and maxCount have to be null when enableAutoScaling is not true.";
        return Err(error::invalid("agentPoolProfile.minCount", message));
    }
    Ok(())
}

/// The cluster's current version, its wish, and the mode of its network plugin.
fn of_cluster(context: &Context<'_>, place: &Place) -> (String, String, String) {
    let value = context
        .world
        .clusters
        .get(&place.cluster_key())
        .map(|cluster| &cluster.value["properties"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    value.map_or_else(Default::default, |value| {
        let network = &value["networkProfile"];
        let mode = if network["networkPlugin"] == "kubenet" {
            "kubenet".to_owned()
        } else {
            text(&network["networkPluginMode"])
        };
        (
            text(&value["currentKubernetesVersion"]),
            text(&value["kubernetesVersion"]),
            mode,
        )
    })
}

fn update(context: &mut Context<'_>, place: &Place, asked: &Value, mut before: Pool) -> Handled {
    let has = &before.value["properties"];
    let mut after = has.clone();
    merge::merge(&mut after, asked)?;
    let verb = verb(context, place, has, &after)?;
    if asked["enableAutoScaling"] == false {
        limits(asked)?;
    }
    defaults::settle(&mut after);
    power::apply(verb, has, &mut after, &mut before.when_running)?;
    rules::check(&after)?;
    family(has, &after)?;
    rules::keeps_system(context, place, &after)?;
    let count = |properties: &Value| properties["count"].as_u64().unwrap_or_default();
    let surge = if verb == Verb::Upgrade {
        surge(&after)
    } else {
        0
    };
    rules::room(
        context,
        place,
        &after,
        count(&after)
            .saturating_sub(count(has))
            .saturating_add(surge),
    )?;
    let (started, value) = place.begin(context, verb, after, before);
    Ok(started.put(context, 200, value))
}

/// What kind of change it is; a version that is not allowed is refused.
fn verb(context: &Context<'_>, place: &Place, has: &Value, after: &Value) -> Result<Verb, Refusal> {
    let differs = |name: &str| has[name] != after[name];
    if has["powerState"]["code"] != after["powerState"]["code"] {
        return Ok(if after["powerState"]["code"] == "Stopped" {
            Verb::Stop
        } else {
            Verb::Start
        });
    }
    if differs("orchestratorVersion") {
        let (current, ..) = of_cluster(context, place);
        let wish = after["orchestratorVersion"].as_str().unwrap_or_default();
        let full = rules::version(wish, &current)?;
        let runs = has["currentOrchestratorVersion"]
            .as_str()
            .unwrap_or_default();
        if versions::numbers(full) < versions::numbers(runs)
            && !runs.starts_with(&format!("{wish}."))
        {
            let message =
                format!("Downgrading orchestrator version from {runs} to {full} is not allowed.");
            return Err(error::flat(
                400,
                "OperationNotAllowed",
                &message,
                "agentPoolProfile.orchestratorVersion",
            ));
        }
        return Ok(Verb::Upgrade);
    }
    let scales = ["count", "minCount", "maxCount", "enableAutoScaling"]
        .into_iter()
        .any(differs);
    Ok(if scales { Verb::Scale } else { Verb::Update })
}

/// Nodes that an upgrade adds for its time (AKS docs, "Customize node surge upgrade").
fn surge(properties: &Value) -> u64 {
    let wish = properties["upgradeSettings"]["maxSurge"]
        .as_str()
        .unwrap_or("10%");
    let count = properties["count"].as_u64().unwrap_or_default();
    match wish.strip_suffix('%') {
        Some(percent) => count
            .saturating_mul(percent.parse().unwrap_or_default())
            .div_ceil(100),
        None => wish.parse().unwrap_or_default(),
    }
}

/// The operating system stays within its family of images (azurerm 5.2: in place between Ubuntu and Azure Linux).
fn family(has: &Value, after: &Value) -> Result<(), Refusal> {
    let family = |properties: &Value| {
        properties["osSKU"]
            .as_str()
            .unwrap_or_default()
            .starts_with("Windows")
    };
    let windows_changed = family(after) && has["osSKU"] != after["osSKU"];
    if family(has) == family(after) && !windows_changed {
        return Ok(());
    }
    let message = "Changing property 'properties.osSKU' is not allowed.";
    Err(error::flat(
        400,
        "PropertyChangeNotAllowed",
        message,
        "properties.osSKU",
    ))
}

fn place_in(cluster: &str, profile: &Value) -> Place {
    let name = profile["name"].as_str().unwrap_or_default().to_owned();
    Place {
        cluster: cluster.to_owned(),
        id: format!("{cluster}/agentPools/{name}"),
        name,
    }
}

/// A pool that is created with its cluster.
pub(crate) fn with_cluster(
    context: &mut Context<'_>,
    cluster: &str,
    profile: &Value,
) -> Result<(), Refusal> {
    let place = place_in(cluster, profile);
    let mut properties = wanted(context, &place, profile)?;
    properties["eTag"] = context.world.guids.take().into();
    properties["provisioningState"] = Verb::Create.state().into();
    let value = serde_json::json!({
        "id": place.id, "name": place.name, "type": "Microsoft.ContainerService/managedClusters/agentPools", "properties": properties,
    });
    context.world.pools.insert(
        place.key(),
        Pool {
            value,
            ..Pool::default()
        },
    );
    Ok(())
}

/// A pool that is changed with its cluster: it can be changed so, not added (microsoft/tyger#121).
pub(crate) fn through_cluster(
    context: &mut Context<'_>,
    cluster: &str,
    profile: &Value,
) -> Result<(), Refusal> {
    let place = place_in(cluster, profile);
    let Some(pool) = context.world.pools.get_mut(&key(&place.id)) else {
        let message = "A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed through managed cluster operations. For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api";
        return Err(error::flat(400, "BadRequest", message, ""));
    };
    let mut after = pool.value["properties"].clone();
    merge::merge(&mut after, profile)?;
    defaults::settle(&mut after);
    rules::check(&after)?;
    pool.value["properties"] = after;
    Ok(())
}
