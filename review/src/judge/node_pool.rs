//! Node pools of the provider `azurerm`: pods on them must move.

use serde_json::Value as Json;

use super::{Judge, ours};
use crate::{
    Kind,
    cost::{Line, Range},
    plan::{Action, Change},
};

/// Whether the change is about a node pool.
pub fn is_one(change: &Change) -> bool {
    change.type_name == "azurerm_kubernetes_cluster_node_pool"
}

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let name = change
        .values
        .after("name")
        .as_str()
        .or_else(|| change.values.before("name").as_str());
    let subject = name.map_or_else(
        || change.address.clone(),
        |name| format!("node pool {name}"),
    );
    let (before, after) = (
        Pool::of(change, Values::Before),
        Pool::of(change, Values::After),
    );
    cost(judge, change, &subject, before.as_ref(), after.as_ref());
    let size = |pool: &Option<Pool>| pool.as_ref().map(Pool::words).unwrap_or_default();
    match &change.action {
        Action::Create | Action::ForgetAndCreate => {
            judge.say(
                Kind::Create,
                change,
                &subject,
                format!("{} are added", size(&after)),
            );
        }
        Action::Update => {
            let changed: Vec<String> = change.values.changed().into_iter().collect();
            let sentence = if size(&before) == size(&after) {
                format!("changes in place: {}", changed.join(", "))
            } else {
                format!("{} instead of {}", size(&after), size(&before))
            };
            let mut finding = judge.finding(Kind::Change, change, &subject, sentence);
            if fewer(before.as_ref(), after.as_ref()) {
                finding.kind = Kind::Restart;
                finding.details.push(
                    "pods on the nodes that go are evicted, within their disruption budgets".into(),
                );
            }
            judge.findings.push(finding);
        }
        Action::Delete => {
            let sentence = format!(
                "{} are removed; pods on them stop and start elsewhere, if another pool takes them",
                size(&before)
            );
            judge.say(Kind::Destroy, change, &subject, sentence);
        }
        Action::DeleteThenCreate | Action::CreateThenDelete => {
            let sentence = format!(
                "{}; all pods on its {} stop",
                ours::replacement(change).unwrap_or_default(),
                size(&before)
            );
            judge.say(Kind::Destroy, change, &subject, sentence);
        }
        Action::Nothing | Action::Read | Action::Forget | Action::Strange(_) => {}
    }
}

#[derive(Clone, Copy)]
enum Values {
    Before,
    After,
}

/// Nodes of one side.
struct Pool {
    vm_size: String,
    fewest: u32,
    most: u32,
    is_spot: bool,
}

impl Pool {
    fn of(change: &Change, side: Values) -> Option<Self> {
        let value = |name: &str| match side {
            Values::Before => change.values.before(name),
            Values::After => change.values.after(name),
        };
        let count = |name: &str| {
            value(name)
                .as_u64()
                .and_then(|count| u32::try_from(count).ok())
        };
        let vm_size = value("vm_size").as_str()?.to_owned();
        let (fewest, most) = match (count("min_count"), count("max_count")) {
            (Some(fewest), Some(most)) if most > 0 => (fewest, most),
            _ => {
                let nodes = count("node_count").unwrap_or(1);
                (nodes, nodes)
            }
        };
        let is_spot = value("priority") == &Json::from("Spot");
        Some(Self {
            vm_size,
            fewest,
            most,
            is_spot,
        })
    }

    fn words(&self) -> String {
        let spot = if self.is_spot { " spot" } else { "" };
        let count = if self.fewest == self.most {
            self.most.to_string()
        } else {
            format!("{} to {}", self.fewest, self.most)
        };
        format!("{count}{spot} nodes {}", self.vm_size)
    }
}

fn fewer(before: Option<&Pool>, after: Option<&Pool>) -> bool {
    matches!((before, after), (Some(before), Some(after)) if after.most < before.most)
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
        // What a spot node costs follows the market: no table can say.
        Some(pool) if pool.is_spot => None,
        Some(pool) => {
            let node = judge.options.prices.vm(&pool.vm_size)?;
            Some(Range {
                low: node.saturating_mul(pool.fewest.into()),
                high: node.saturating_mul(pool.most.into()),
            })
        }
    };
    let line = Line::new(subject, &change.address, price(before), price(after));
    judge.cost.push(line);
}
