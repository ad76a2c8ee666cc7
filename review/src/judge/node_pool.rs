//! Node pools, ours and those of the provider `azurerm`: pods on them must move.

mod ours;
mod pool;
mod rotation;
mod size;

use std::collections::{BTreeMap, BTreeSet};

use super::{Judge, ours::replacement};
use crate::{
    Finding, Kind,
    cost::{Line, Range},
    plan::{Action, Change},
};
use pool::{Pool, Values};

/// The type of our pools.
pub const OURS: &str = "seedling_aks_node_pool";

/// Whether the change is about a node pool.
pub fn is_one(change: &Change) -> bool {
    change.type_name == "azurerm_kubernetes_cluster_node_pool" || change.type_name == OURS
}

/// What people call it.
fn subject(change: &Change) -> String {
    let name = change
        .values
        .after("name")
        .as_str()
        .or_else(|| change.values.before("name").as_str());
    name.map_or_else(|| change.address.clone(), called)
}

fn called(name: &str) -> String {
    format!("node pool {name}")
}

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let subject = subject(change);
    let (before, after) = (
        Pool::of(change, Values::Before),
        Pool::of(change, Values::After),
    );
    cost(judge, change, &subject, before.as_ref(), after.as_ref());
    let size = |pool: &Option<Pool>| pool.as_ref().map_or("its nodes".into(), Pool::words);
    match &change.action {
        Action::Create | Action::ForgetAndCreate => {
            let verb = if is_one_node(after.as_ref()) {
                "is"
            } else {
                "are"
            };
            let sentence = format!("{} {verb} added", size(&after));
            judge.say(Kind::Create, change, &subject, sentence);
        }
        Action::Update if change.type_name == OURS => ours::update(judge, change, &subject),
        Action::Update => {
            let changed: Vec<String> = change.values.changed().into_iter().collect();
            size::update(judge, change, &subject, &changed);
        }
        Action::Delete => {
            let sentence = format!(
                "{} are removed; pods on them stop and start elsewhere, if another pool takes them",
                size(&before)
            );
            let mut finding = judge.finding(Kind::Destroy, change, &subject, sentence);
            if change.values.before("mode") == "System" {
                let detail = "it is a System pool: AKS keeps the last one of a cluster";
                finding.details.push(detail.into());
            }
            judge.findings.push(finding);
        }
        Action::DeleteThenCreate | Action::CreateThenDelete => {
            let sentence = format!(
                "{}; all pods on its {} stop",
                replacement(change).unwrap_or_default(),
                size(&before)
            );
            judge.say(Kind::Destroy, change, &subject, sentence);
        }
        Action::Nothing | Action::Read | Action::Forget | Action::Strange(_) => {}
    }
}

/// Adds to what is said of a pool which services of the plans want to run on it.
pub fn name_services(findings: &mut [Finding], placed: &BTreeMap<String, BTreeSet<String>>) {
    for (pool, services) in placed {
        let subject = called(pool);
        let moved = findings.iter_mut().filter(|finding| {
            finding.subject == subject
                && matches!(finding.kind, Kind::Destroy | Kind::Restart | Kind::Downtime)
        });
        for finding in moved {
            let names: Vec<&str> = services.iter().map(String::as_str).collect();
            let detail = format!("services of this plan that run on it: {}", names.join(", "));
            finding.details.push(detail);
        }
    }
}

fn is_one_node(pool: Option<&Pool>) -> bool {
    pool.is_some_and(|pool| pool.most == 1)
}

fn cost(
    judge: &mut Judge,
    change: &Change,
    subject: &str,
    before: Option<&Pool>,
    after: Option<&Pool>,
) {
    let price = |pool: Option<&Pool>| match pool {
        None => Some(Range::default()),
        Some(pool) => pool.price(|size| judge.options.prices.vm(size)),
    };
    let line = Line::new(subject, &change.address, price(before), price(after));
    judge.cost.push(line);
}
