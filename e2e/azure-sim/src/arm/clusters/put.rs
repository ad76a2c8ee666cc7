//! Creating and changing a cluster.

use serde_json::{Value, json};

use super::{defaults, error, etag, long, show, state, versions};
use crate::arm::{pools, providers};
use crate::http::{Answer, Refusal};
use crate::operation::Verb;
use crate::simulator::{Context, Handled};
use crate::store::{Cluster, key};

/// Properties of a cluster that cannot be changed (AKS docs on each; code as for pools).
const FIXED: [&str; 4] = [
    "dnsPrefix",
    "nodeResourceGroup",
    "fqdnSubdomain",
    "enableRBAC",
];

pub(super) fn put(context: &mut Context<'_>, full: &str) -> Handled {
    let body = context
        .request
        .json()
        .map_err(|error| error::resource(400, "InvalidRequestContent", &error.to_string()))?;
    let subscription = full.split('/').nth(2).unwrap_or_default().to_owned();
    providers::registered(context, &subscription, "Microsoft.ContainerService")?;
    let before = context.world.clusters.get(&key(full)).cloned();
    etag::check(
        context.request,
        before.as_ref().and_then(|cluster| etag::of(&cluster.value)),
    )?;
    check_version(&body)?;
    match before {
        None => create(context, full, &body),
        Some(before) => update(context, full, &body, before),
    }
}

fn check_version(body: &Value) -> Result<(), Refusal> {
    let wish = body["properties"]["kubernetesVersion"].as_str();
    let Some(wish) = wish.filter(|wish| !wish.is_empty()) else {
        return Ok(());
    };
    if versions::full(wish).is_some() {
        return Ok(());
    }
    let message = format!(
        "Version {wish} is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list"
    );
    Err(error::flat(400, "K8sVersionNotSupported", &message, ""))
}

fn create(context: &mut Context<'_>, full: &str, body: &Value) -> Handled {
    let name = full.rsplit('/').next().unwrap_or_default();
    check_name(name)?;
    let profiles: Vec<Value> = body["properties"]["agentPoolProfiles"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let system = profiles
        .iter()
        .any(|profile| profile["mode"] == "System" || profile["mode"].is_null());
    if !system {
        // Azure/AKS#1602.
        return Err(error::flat(
            400,
            "InvalidParameter",
            "Must define at least one system pool.",
            "agentPoolProfiles",
        ));
    }
    let mut value = defaults::complete(full, body, context.world);
    value["properties"]["provisioningState"] = Verb::Create.state().into();
    value["systemData"] = json!({ "createdAt": crate::clock::text(context.now) });
    let id = key(full);
    context.world.clusters.insert(
        id.clone(),
        Cluster {
            value,
            endpoint: None,
        },
    );
    let made = profiles
        .iter()
        .try_for_each(|profile| pools::with_cluster(context, full, profile));
    if let Err(refusal) = made {
        context.world.clusters.remove(&id);
        context
            .world
            .pools
            .retain(|pool, _| !pool.starts_with(&format!("{id}/")));
        return Err(refusal);
    }
    let started = long::start(context, Verb::Create, full, &id);
    Ok(started.put(context, 201, shown(context, &id)))
}

/// `^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$` of the REST reference.
fn check_name(name: &str) -> Result<(), Refusal> {
    let fits = name.len() <= 63
        && name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '-' || one == '_');
    let ends = name.starts_with(|one: char| one.is_ascii_alphanumeric())
        && name.ends_with(|one: char| one.is_ascii_alphanumeric());
    if fits && ends {
        return Ok(());
    }
    let message = format!(
        "The resource name {name} is invalid: 1 to 63 letters, digits, underscores and hyphens, the first and the last a letter or digit."
    );
    Err(error::invalid("resourceName", &message))
}

fn shown(context: &Context<'_>, id: &str) -> Value {
    context
        .world
        .clusters
        .get(id)
        .map(|cluster| show(context.world, id, cluster))
        .unwrap_or_default()
}

fn update(context: &mut Context<'_>, full: &str, body: &Value, before: Cluster) -> Handled {
    let id = key(full);
    long::idle(context, &id, Verb::Update, None)?;
    let asked = &body["properties"];
    for name in FIXED {
        let (has, wants) = (&before.value["properties"][name], &asked[name]);
        if !wants.is_null() && has != wants {
            return Err(error::flat(
                400,
                "PropertyChangeNotAllowed",
                &format!("Changing property '{name}' is not allowed."),
                name,
            ));
        }
    }
    let verb = upgrade(&before.value, asked)?;
    let profiles = asked["agentPoolProfiles"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for profile in &profiles {
        pools::through_cluster(context, full, profile)?;
    }
    let mut after = before;
    merge(&mut after.value["properties"], asked);
    if !body["tags"].is_null() {
        after.value["tags"] = body["tags"].clone();
    }
    for name in ["sku", "identity"] {
        merge(&mut after.value[name], &body[name]);
    }
    context.world.clusters.insert(id.clone(), after);
    state(context.world, full, verb);
    let started = long::start(context, verb, full, &id);
    Ok(started.put(context, 200, shown(context, &id)))
}

/// Whether it is an upgrade, and one that is allowed (AKS docs, "Upgrade an AKS cluster": one minor version at a time, never down).
fn upgrade(before: &Value, asked: &Value) -> Result<Verb, Refusal> {
    let current = before["properties"]["currentKubernetesVersion"]
        .as_str()
        .unwrap_or_default();
    let wish = asked["kubernetesVersion"].as_str().unwrap_or_default();
    if wish.is_empty() || wish == current || current.starts_with(&format!("{wish}.")) {
        return Ok(Verb::Update);
    }
    let target = versions::full(wish).unwrap_or_default();
    if versions::upgrades(current).contains(&target) {
        return Ok(Verb::Upgrade);
    }
    let message = format!(
        "Upgrading Kubernetes version {current} to {target} is not allowed. Available upgrades: {}. Please see https://aka.ms/aks-supported-k8s-ver for version details.",
        versions::upgrades(current).join(", ")
    );
    Err(error::flat(400, "OperationNotAllowed", &message, ""))
}

/// What a body says wins; what it does not say stays. Read-only members of a body that was read before are those that are there.
fn merge(value: &mut Value, asked: &Value) {
    match (value, asked) {
        (_, wants) if wants.is_null() || *wants == "" => {}
        (Value::Object(has), Value::Object(wants)) => {
            for (name, wants) in wants {
                let read_only = matches!(
                    name.as_str(),
                    "agentPoolProfiles"
                        | "provisioningState"
                        | "currentKubernetesVersion"
                        | "powerState"
                        | "fqdn"
                        | "status"
                );
                if !read_only {
                    merge(has.entry(name.as_str()).or_insert(Value::Null), wants);
                }
            }
        }
        (value, asked) => *value = asked.clone(),
    }
}

/// PATCH: tags only.
pub(super) fn tags(context: &mut Context<'_>, full: &str) -> Handled {
    let body = context.request.json().unwrap_or_default();
    let id = key(full);
    long::idle(context, &id, Verb::Update, None)?;
    if let Some(cluster) = context.world.clusters.get_mut(&id) {
        cluster.value["tags"] = body["tags"].clone();
    }
    state(context.world, full, Verb::Update);
    let started = long::start(context, Verb::Update, full, &id);
    let value = shown(context, &id);
    Ok(Answer {
        body: Some(value.clone()),
        ..started.put(context, 200, value)
    })
}
