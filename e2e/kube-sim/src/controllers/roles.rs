//! Cluster roles that are made of others: `view`, `edit`, `admin` and whoever else has an aggregation rule.
//! After `k8s.io/kubernetes/pkg/controller/clusterroleaggregation` 1.36.

use serde_json::Value;

use super::kinds::CLUSTER_ROLE;
use super::object::{labels, list, name};
use super::selector::selects;
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::store::{Change, Key};

const CLIENT: Client = Client::ControllerManager;

/// The aggregation controller.
pub struct Aggregation;

impl Controller for Aggregation {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource != CLUSTER_ROLE.resource {
            return Vec::new();
        }
        let roles = world
            .all(&CLUSTER_ROLE.resource)
            .filter(|role| !selectors(role).is_empty());
        roles
            .map(|role| Key::of(&CLUSTER_ROLE.resource, role))
            .collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(role) = world.get(key).filter(|role| !selectors(role).is_empty()) else {
            return Plan::nothing();
        };
        let mut rules: Vec<Value> = Vec::new();
        for selector in selectors(role) {
            let parts = world
                .all(&CLUSTER_ROLE.resource)
                .filter(|part| name(part) != name(role));
            for part in parts.filter(|part| selects(selector, labels(part))) {
                for rule in list(part, "/rules") {
                    if !rules.contains(rule) {
                        rules.push(rule.clone());
                    }
                }
            }
        }
        if rules == list(role, "/rules") {
            return Plan::nothing();
        }
        let mut changed = role.clone();
        changed["rules"] = rules.into();
        vec![Write::update(CLIENT, &CLUSTER_ROLE.resource, changed)].into()
    }
}

fn selectors(role: &Value) -> &[Value] {
    list(role, "/aggregationRule/clusterRoleSelectors")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::controllers::testing::Sim;

    #[test]
    fn a_role_has_the_rules_of_its_parts_and_of_theirs() {
        let mut sim = Sim::with(vec![Box::new(Aggregation)]);
        let rule =
            |resource: &str| json!({"apiGroups": [""], "resources": [resource], "verbs": ["get"]});
        let made_of =
            |label: &str| json!({"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]});
        sim.create(&CLUSTER_ROLE, json!({"metadata": {"name": "pods", "labels": {"to-view": "true"}}, "rules": [rule("pods")]}));
        sim.create(&CLUSTER_ROLE, json!({"metadata": {"name": "view", "labels": {"to-edit": "true"}}, "aggregationRule": made_of("to-view")}));
        sim.create(&CLUSTER_ROLE, json!({"metadata": {"name": "edit"}, "aggregationRule": made_of("to-edit"), "rules": [rule("gone")]}));
        sim.settle();
        assert_eq!(
            sim.get(&CLUSTER_ROLE, "", "edit").unwrap()["rules"],
            json!([rule("pods")])
        );
        sim.create(&CLUSTER_ROLE, json!({"metadata": {"name": "maps", "labels": {"to-view": "true"}}, "rules": [rule("configmaps"), rule("pods")]}));
        sim.settle();
        assert_eq!(
            sim.get(&CLUSTER_ROLE, "", "edit").unwrap()["rules"],
            json!([rule("configmaps"), rule("pods")])
        );
    }
}
