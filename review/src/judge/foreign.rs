//! Resources of other providers: by action, with a warning where data goes with them.

use super::{Judge, node_pool, ours};
use crate::{
    Kind,
    plan::{Action, Change},
};

/// Types that exist in the state only.
const STATE_ONLY: [&str; 2] = ["terraform_data", "null_resource"];

/// Parts of names of types that hold data, or that others live in.
const HOLDS_DATA: [&str; 17] = [
    "database",
    "storage",
    "disk",
    "volume",
    "namespace",
    "cluster",
    "vault",
    "bucket",
    "postgresql",
    "mysql",
    "mssql",
    "cosmosdb",
    "redis",
    "registry",
    "resource_group",
    "snapshot",
    "backup",
];

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let address = change.address.clone();
    if node_pool::is_one(change) {
        node_pool::judge(judge, change);
        return;
    }
    if STATE_ONLY.contains(&change.type_name.as_str()) {
        if !matches!(
            change.action,
            Action::Nothing | Action::Read | Action::Forget
        ) {
            judge.say(Kind::State, change, &address, change.action.words());
        }
        return;
    }
    if ours::is_ours(change) && !matches!(change.action, Action::Nothing) {
        judge.say(
            Kind::Unreadable,
            change,
            &address,
            "is of a type that this version of seedling does not know",
        );
    }
    match change.action {
        Action::Create | Action::ForgetAndCreate => {
            judge.say(Kind::Create, change, &address, "is created");
        }
        Action::Update => {
            let changed: Vec<String> = change.values.changed().into_iter().collect();
            judge.say(
                Kind::Change,
                change,
                &address,
                format!("changes: {}", changed.join(", ")),
            );
        }
        Action::Delete => removed(judge, change, &address, "is removed"),
        Action::DeleteThenCreate | Action::CreateThenDelete => {
            let replacement = ours::replacement(change).unwrap_or_default();
            removed(judge, change, &address, &replacement);
        }
        Action::Nothing | Action::Read | Action::Forget | Action::Strange(_) => {}
    }
}

fn removed(judge: &mut Judge, change: &Change, address: &str, how: &str) {
    let holds_data = HOLDS_DATA
        .iter()
        .any(|part| change.type_name.contains(part));
    if holds_data {
        judge.say(
            Kind::Loss,
            change,
            address,
            format!("{how}, and what it holds may be lost for good"),
        );
    } else {
        judge.say(Kind::Destroy, change, address, how);
    }
}
