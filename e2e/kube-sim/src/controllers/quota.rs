//! The status of ResourceQuotas: what is allowed, and what is used of it. (Whether a request fits is for admission.)
//! After `k8s.io/kubernetes/pkg/controller/resourcequota` and `pkg/quota/v1/evaluator/core` 1.36, without scopes.

use serde_json::{Value, json};

use super::amounts::{self, Amounts, parse};
use super::kinds::{CLAIM, POD, QUOTA, SERVICE};
use super::object::{members, text};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::kinds::Quantity;
use crate::store::{Change, Key, Resource};

const CLIENT: Client = Client::ControllerManager;

/// The quota controller.
pub struct QuotaStatus;

impl Controller for QuotaStatus {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource == QUOTA.resource {
            return vec![change.key.clone()];
        }
        let quotas = world.within(&QUOTA.resource, &change.key.namespace);
        quotas
            .map(|quota| Key::of(&QUOTA.resource, quota))
            .collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(quota) = world.get(key) else {
            return Plan::nothing();
        };
        let hard = &quota["spec"]["hard"];
        let used: serde_json::Map<String, Value> = members(quota, "/spec/hard")
            .map(|(name, hard)| {
                (
                    name.clone(),
                    printed(used(world, &key.namespace, name), hard),
                )
            })
            .collect();
        let status = json!({"hard": hard, "used": used});
        if quota["status"] == status {
            return Plan::nothing();
        }
        let mut changed = quota.clone();
        changed["status"] = status;
        vec![Write::status(CLIENT, &QUOTA.resource, changed)].into()
    }
}

/// In the kind of suffix that the limit has.
fn printed(amount: Quantity, hard: &Value) -> Value {
    amount.like(hard.as_str().unwrap_or("1")).into()
}

/// What a namespace uses of something.
fn used(world: &World, namespace: &str, name: &str) -> Quantity {
    let count = |resource: &Resource| whole(world.count(resource, namespace));
    if let Some(counted) = name.strip_prefix("count/") {
        return count(&Resource::parse(counted));
    }
    match name {
        "pods" => whole(living(world, namespace).len()),
        "configmaps"
        | "persistentvolumeclaims"
        | "replicationcontrollers"
        | "resourcequotas"
        | "secrets"
        | "services" => count(&Resource::named("", name)),
        "services.loadbalancers" => services(world, namespace, |kind| kind == "LoadBalancer"),
        "services.nodeports" => services(world, namespace, |kind| {
            matches!(kind, "NodePort" | "LoadBalancer")
        }),
        "requests.storage" => storage(world, namespace),
        _ => of_pods(world, namespace, name),
    }
}

/// `requests.cpu`, `limits.memory`, or `cpu` for its requests.
fn of_pods(world: &World, namespace: &str, name: &str) -> Quantity {
    let (which, resource) = match name.split_once('.') {
        Some((which @ ("requests" | "limits"), resource)) => (which, resource),
        _ => ("requests", name),
    };
    let mut together = Amounts::new();
    for pod in living(world, namespace) {
        amounts::add(&mut together, &amounts::of_pod(pod, which));
    }
    amounts::get(&together, resource)
}

fn living<'a>(world: &'a World, namespace: &str) -> Vec<&'a Value> {
    let lives = |pod: &&Value| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    world
        .within(&POD.resource, namespace)
        .filter(lives)
        .collect()
}

fn services(world: &World, namespace: &str, counted: impl Fn(&str) -> bool) -> Quantity {
    let services = world.within(&SERVICE.resource, namespace);
    whole(
        services
            .filter(|service| counted(text(service, "/spec/type")))
            .count(),
    )
}

fn storage(world: &World, namespace: &str) -> Quantity {
    let claims = world.within(&CLAIM.resource, namespace);
    let asked =
        claims.filter_map(|claim| parse(&claim["spec"]["resources"]["requests"]["storage"]));
    asked.fold(Quantity::default(), Quantity::plus)
}

fn whole(count: usize) -> Quantity {
    Quantity::whole(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::testing::Sim;

    #[test]
    fn used_follows_what_is_there() {
        let mut sim = Sim::with(vec![Box::new(QuotaStatus)]);
        let hard = json!({"pods": "4", "requests.cpu": "1", "limits.memory": "1Gi", "count/deployments.apps": "5", "secrets": "9"});
        sim.create(
            &QUOTA,
            json!({"metadata": {"name": "q", "namespace": "n"}, "spec": {"hard": hard}}),
        );
        let resources = json!({"requests": {"cpu": "250m"}, "limits": {"memory": "64Mi"}});
        for name in ["a", "b"] {
            sim.create(&POD, json!({"metadata": {"name": name, "namespace": "n"}, "spec": {"containers": [{"resources": resources}]}}));
        }
        sim.create(
            &super::super::kinds::DEPLOYMENT,
            json!({"metadata": {"name": "d", "namespace": "n"}}),
        );
        sim.settle();
        let status = &sim.get(&QUOTA, "n", "q").unwrap()["status"];
        let used = json!({"pods": "2", "requests.cpu": "500m", "limits.memory": "128Mi", "count/deployments.apps": "1", "secrets": "0"});
        assert_eq!(status["used"], used);
        assert_eq!(status["hard"], hard);
    }
}
