//! `ResourceQuota`: counts and sums that a namespace may not exceed. What is used is counted from the objects at each request, so it can
//! never be out of date; the controller writes it into the quota's status.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{Call, Server, Status};
use crate::apply::{Manager, Operation, Set, Writing};
use crate::kinds::Quantity;
use crate::store::{Key, Resource};

const QUOTAS: Resource = Resource::new("", "resourcequotas");

/// Amounts by the names that quotas have for them.
pub type Usage = BTreeMap<String, Quantity>;

/// What one object uses.
pub fn usage(resource: &Resource, object: &Value) -> Usage {
    let mut usage = Usage::new();
    let one = Quantity::whole(1);
    let counted = match &*resource.group {
        "" => format!("count/{}", resource.plural),
        group => format!("count/{}.{group}", resource.plural),
    };
    usage.insert(counted, one);
    let named = [
        "pods",
        "services",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "resourcequotas",
        "replicationcontrollers",
    ];
    if resource.group.is_empty() && named.contains(&&*resource.plural) && resource.plural != "pods"
    {
        usage.insert(resource.plural.to_string(), one);
    }
    match (&*resource.group, &*resource.plural) {
        ("", "pods") => {
            let phase = object["status"]["phase"].as_str().unwrap_or_default();
            if phase == "Failed" || phase == "Succeeded" {
                return usage;
            }
            usage.insert("pods".to_owned(), one);
            pod(object, &mut usage);
        }
        ("", "services") => service(object, &mut usage),
        ("", "persistentvolumeclaims") => {
            if let Some(size) = read(&object["spec"]["resources"]["requests"]["storage"]) {
                usage.insert("requests.storage".to_owned(), size);
                if let Some(class) = object["spec"]["storageClassName"].as_str() {
                    let prefix = format!("{class}.storageclass.storage.k8s.io");
                    usage.insert(format!("{prefix}/requests.storage"), size);
                    usage.insert(format!("{prefix}/persistentvolumeclaims"), one);
                }
            }
        }
        _ => {}
    }
    usage
}

fn read(value: &Value) -> Option<Quantity> {
    Quantity::parse(value.as_str()?)
}

fn pod(pod: &Value, usage: &mut Usage) {
    for side in ["requests", "limits"] {
        let mut sums = Usage::new();
        for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
            for (resource, amount) in container["resources"][side]
                .as_object()
                .into_iter()
                .flatten()
            {
                let sum = sums.entry(resource.clone()).or_default();
                *sum = sum.plus(read(amount).unwrap_or_default());
            }
        }
        for container in pod["spec"]["initContainers"]
            .as_array()
            .into_iter()
            .flatten()
        {
            for (resource, amount) in container["resources"][side]
                .as_object()
                .into_iter()
                .flatten()
            {
                let sum = sums.entry(resource.clone()).or_default();
                *sum = (*sum).max(read(amount).unwrap_or_default());
            }
        }
        for (resource, sum) in sums {
            if side == "requests"
                && ["cpu", "memory", "ephemeral-storage"].contains(&resource.as_str())
            {
                usage.insert(resource.clone(), sum);
            }
            usage.insert(format!("{side}.{resource}"), sum);
        }
    }
}

fn service(service: &Value, usage: &mut Usage) {
    let kind = service["spec"]["type"].as_str().unwrap_or_default();
    let ports = service["spec"]["ports"].as_array().map_or(0, Vec::len);
    let ports = Quantity::whole(i64::try_from(ports).unwrap_or(0));
    if kind == "LoadBalancer" {
        usage.insert("services.loadbalancers".to_owned(), Quantity::whole(1));
    }
    if kind == "NodePort"
        || kind == "LoadBalancer" && service["spec"]["allocateLoadBalancerNodePorts"] != false
    {
        usage.insert("services.nodeports".to_owned(), ports);
    }
}

/// What a namespace uses of the amounts that a quota limits.
pub fn used(server: &Server, namespace: &str, hard: &Value) -> Usage {
    let names: Vec<_> = hard
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    let mut total: Usage = names
        .iter()
        .map(|name| (name.clone(), Quantity::default()))
        .collect();
    for resource in server.store().resources_in(namespace) {
        for object in server.store().list(&resource, Some(namespace)).0 {
            for (name, amount) in usage(&resource, &object) {
                if let Some(sum) = total.get_mut(&name) {
                    *sum = sum.plus(amount);
                }
            }
        }
    }
    total
}

/// Refuses what would exceed a quota; notes in the quotas what is used with the new object.
pub(super) fn check(
    server: &Server,
    call: &Call,
    live: Option<&Value>,
    object: &Value,
) -> Result<(), Status> {
    if call.namespace.is_empty() {
        return Ok(());
    }
    let (quotas, _) = server.store().list(&QUOTAS, Some(&call.namespace));
    if quotas.is_empty() {
        return Ok(());
    }
    let new = usage(&call.kind.resource, object);
    let old = live
        .map(|live| usage(&call.kind.resource, live))
        .unwrap_or_default();
    let mut more = Usage::new();
    for (name, amount) in &new {
        let change = amount.minus(old.get(name).copied().unwrap_or_default());
        if !change.is_zero() {
            more.insert(name.clone(), change);
        }
    }
    let mut writes = Vec::new();
    for quota in &quotas {
        let hard = &quota["spec"]["hard"];
        let limited = hard.as_object().into_iter().flatten();
        if call.kind.kind == "Pod" && live.is_none() {
            must_specify(call, quota, object)?;
        }
        let concerned: Vec<_> = limited
            .filter(|(name, _)| more.contains_key(*name))
            .collect();
        if concerned.is_empty() {
            continue;
        }
        let used = used(server, &call.namespace, hard);
        let mut exceeded = Vec::new();
        let mut status = quota["status"].clone();
        status["hard"] = hard.clone();
        for (name, limit) in &concerned {
            let (Some(change), Some(before)) = (more.get(*name), used.get(*name)) else {
                continue;
            };
            let after = before.plus(*change);
            let limit_text = limit.as_str().unwrap_or_default();
            if !change.is_negative() && read(limit).is_some_and(|limit| after > limit) {
                exceeded.push((
                    name.as_str(),
                    change.like(limit_text),
                    before.like(limit_text),
                    limit_text,
                ));
            }
            status["used"][name.as_str()] = after.like(limit_text).into();
        }
        if !exceeded.is_empty() {
            let list = |pick: fn(&(&str, String, String, &str)) -> String| {
                let parts: Vec<_> = exceeded
                    .iter()
                    .map(|one| format!("{}={}", one.0, pick(one)))
                    .collect();
                parts.join(",")
            };
            let why = format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                quota["metadata"]["name"].as_str().unwrap_or_default(),
                list(|one| one.1.clone()),
                list(|one| one.2.clone()),
                list(|one| one.3.to_owned())
            );
            return Err(Status::forbidden(&call.kind.resource, &call.name, &why));
        }
        writes.push((quota, status));
    }
    if !call.options.dry_run {
        for (quota, status) in writes {
            let live = quota;
            let mut quota = Value::clone(live);
            quota["status"] = status;
            book(server, live, &mut quota);
            server.store().put(&Key::of(&QUOTAS, &quota), quota);
        }
    }
    Ok(())
}

/// The API server itself owns what it counts.
fn book(server: &Server, live: &Value, quota: &mut Value) {
    let kinds = server.kinds();
    let Some(kind) = kinds.stored(&QUOTAS) else {
        return;
    };
    let manager = Manager {
        name: "kube-apiserver".to_owned(),
        operation: Operation::Update,
        api_version: kind.api_version(),
        subresource: "status".to_owned(),
    };
    let writing = Writing {
        schema: kind.schema(),
        manager: &manager,
        ignored: &Set::default(),
        now: &server.now(),
    };
    writing.update(live, quota);
}

/// A quota of computing power is only kept if every container says what it takes.
fn must_specify(call: &Call, quota: &Value, pod: &Value) -> Result<(), Status> {
    let mut missing: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, _) in quota["spec"]["hard"].as_object().into_iter().flatten() {
        let (side, resource) = match name.split_once('.') {
            Some((side @ ("requests" | "limits"), resource))
                if ["cpu", "memory"].contains(&resource) =>
            {
                (side, resource)
            }
            None if ["cpu", "memory"].contains(&name.as_str()) => ("requests", name.as_str()),
            _ => continue,
        };
        for list in ["containers", "initContainers"] {
            for container in pod["spec"][list].as_array().into_iter().flatten() {
                if container["resources"][side][resource].is_null() {
                    let title = container["name"].as_str().unwrap_or_default().to_owned();
                    missing.entry(name).or_default().push(title);
                }
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let parts: Vec<_> = missing
        .iter()
        .map(|(name, containers)| format!("{name} for: {}", containers.join(",")))
        .collect();
    let why = format!(
        "failed quota: {}: must specify {}",
        quota["metadata"]["name"].as_str().unwrap_or_default(),
        parts.join("; ")
    );
    Err(Status::forbidden(&call.kind.resource, &call.name, &why))
}
