//! The status of ResourceQuotas: what is allowed, and what is used of it. (Whether a request fits is for admission.)
//! After `k8s.io/kubernetes/pkg/controller/resourcequota` and `pkg/quota/v1/evaluator/core` 1.36, without scopes.

use serde_json::{Value, json};

use super::kinds::{CLAIM, POD, QUOTA, SERVICE};
use super::object::{members, text};
use super::quantity::{self, Amounts};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
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
            .map(|(name, _)| {
                let amount = used(world, &key.namespace, name);
                (name.clone(), json!(quantity::print(name, amount)))
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

/// Thousandths of what a namespace uses of something.
pub fn used(world: &World, namespace: &str, name: &str) -> i128 {
    let count = |resource: &Resource| thousandths(world.within(resource, namespace).count());
    if let Some(counted) = name.strip_prefix("count/") {
        return count(&Resource::parse(counted));
    }
    match name {
        "pods" => thousandths(living(world, namespace).count()),
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
        _ => {
            let (which, resource) = match name.split_once('.') {
                Some((which @ ("requests" | "limits"), resource)) => (which, resource),
                _ => ("requests", name),
            };
            let mut together = Amounts::new();
            living(world, namespace)
                .for_each(|pod| quantity::add(&mut together, &quantity::of_pod(pod, which)));
            together.get(resource).copied().unwrap_or(0)
        }
    }
}

fn living<'a>(world: &'a World, namespace: &str) -> impl Iterator<Item = &'a Value> {
    let pods: Vec<&Value> = world.within(&POD.resource, namespace).collect();
    let lives = |pod: &&Value| !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    pods.into_iter().filter(lives)
}

fn services(world: &World, namespace: &str, counted: impl Fn(&str) -> bool) -> i128 {
    let services = world
        .within(&SERVICE.resource, namespace)
        .filter(|service| counted(text(service, "/spec/type")));
    thousandths(services.count())
}

fn storage(world: &World, namespace: &str) -> i128 {
    let claims = world.within(&CLAIM.resource, namespace);
    let asked = claims
        .filter_map(|claim| quantity::parse(&claim["spec"]["resources"]["requests"]["storage"]));
    asked.sum()
}

fn thousandths(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(0) * 1000
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
