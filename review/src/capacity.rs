//! Whether an environment's quota has room for its services, as far as one plan can tell.

use std::collections::BTreeMap;

use seedling_model::{
    Arg,
    environment::{self, Quota},
    quantity::Quantity,
    service::{self, rollout},
};

use crate::plan::Change;

/// The quotas and services of a plan.
#[derive(Default)]
pub struct Capacity {
    environments: BTreeMap<String, (String, Quota)>,
    /// Environment → what its services may ask for at most: pods, CPU, memory.
    wanted: BTreeMap<String, Wanted>,
}

#[derive(Default)]
struct Wanted {
    pods: i64,
    cpu: Vec<Quantity>,
    memory: Vec<Quantity>,
    changed: bool,
}

impl Capacity {
    /// An environment as it will be.
    pub fn environment(&mut self, change: &Change, after: Option<&environment::Args>) {
        let Some(after) = after else { return };
        if let (Arg::Given(name), Arg::Given(quota)) = (&after.name, &after.quota) {
            let entry = (change.address.clone(), quota.clone());
            self.environments.insert(name.clone(), entry);
            let changes = change.action != crate::plan::Action::Nothing;
            self.wanted.entry(name.clone()).or_default().changed |= changes;
        }
    }

    /// A service as it will be.
    pub fn service(&mut self, change: &Change, after: Option<&service::Args>) {
        let Some(after) = after else { return };
        let wanted = self
            .wanted
            .entry(after.environment.text().to_owned())
            .or_default();
        let pods = rollout::most_pods(after);
        wanted.pods = wanted.pods.saturating_add(pods);
        wanted.changed |= change.action != crate::plan::Action::Nothing;
        let Some(resources) = after.resources.given() else {
            return;
        };
        let amount =
            |text: &Arg<String>| Quantity::parse(text.given()?).ok().map(|it| it.times(pods));
        wanted.cpu.extend(amount(&resources.cpu));
        wanted.memory.extend(amount(&resources.memory));
    }

    /// Environment, address and what is too much, for environments where anything changes.
    pub fn exceeded(self) -> Vec<(String, String, String)> {
        let mut exceeded = Vec::new();
        for (name, (address, quota)) in self.environments {
            let Some(wanted) = self.wanted.get(&name).filter(|wanted| wanted.changed) else {
                continue;
            };
            let mut say = |what: &str, wanted: String, limit: String| {
                let sentence = format!(
                    "its services may want {wanted} {what} when all of them run at full size, and the quota is {limit}"
                );
                exceeded.push((format!("environment {name}"), address.clone(), sentence));
            };
            if let Some(limit) = quota.pods.given()
                && wanted.pods > *limit
            {
                say("pods", wanted.pods.to_string(), limit.to_string());
            }
            for (what, limit, amounts) in [
                ("CPU", &quota.cpu, &wanted.cpu),
                ("memory", &quota.memory, &wanted.memory),
            ] {
                let sum: Quantity = amounts.iter().copied().sum();
                let limit = limit.given().and_then(|limit| Quantity::parse(limit).ok());
                if let Some(limit) = limit.filter(|limit| sum > *limit) {
                    say(what, sum.to_string(), limit.to_string());
                }
            }
        }
        exceeded
    }
}
