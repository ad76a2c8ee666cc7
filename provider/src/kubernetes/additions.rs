//! What others added inside a pod template of ours: it restarts pods and stays, so people are
//! told, but it is theirs and no difference.

use std::collections::BTreeSet;

use seedling_model::{FIELD_MANAGER, Object};
use serde_json::Value as Json;

use super::adoption::CONTROLLERS;

/// `metadata.annotations[…] by kubectl-rollout`, one sentence per added field.
pub fn in_pod_template(deployment: &Object) -> Vec<String> {
    let entries = deployment.at("/metadata/managedFields").as_array();
    let trees = |wanted: fn(&str) -> bool| {
        entries.into_iter().flatten().filter(move |entry| {
            entry.get("subresource").is_none() && wanted(entry["manager"].as_str().unwrap_or(""))
        })
    };
    let template = |entry: &Json| entry["fieldsV1"]["f:spec"]["f:template"].clone();
    let ours: BTreeSet<String> = trees(|name| name == FIELD_MANAGER)
        .flat_map(|entry| leaves(&template(entry)))
        .collect();
    trees(|name| name != FIELD_MANAGER && !CONTROLLERS.contains(&name))
        .flat_map(|entry| {
            let by = entry["manager"].as_str().unwrap_or_default().to_owned();
            leaves(&template(entry))
                .into_iter()
                .map(move |path| (path, by.clone()))
        })
        .filter(|(path, _)| !ours.contains(path))
        .map(|(path, by)| format!("{path}, by {by}"))
        .collect()
}

/// The paths of a managedFields tree that have nothing below them.
fn leaves(tree: &Json) -> Vec<String> {
    let mut found = Vec::new();
    walk(tree, String::new(), &mut found);
    found
}

fn walk(tree: &Json, at: String, found: &mut Vec<String>) {
    // `.` stands for the object itself.
    let below: Vec<_> = tree
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != ".")
        .collect();
    if below.is_empty() && !at.is_empty() {
        found.push(at);
        return;
    }
    for (key, inside) in below {
        walk(inside, step(&at, key), found);
    }
}

fn step(at: &str, key: &str) -> String {
    match key.split_once(':') {
        Some(("f", name)) if name.contains(['.', '/']) => format!("{at}[{name}]"),
        Some(("f", name)) if at.is_empty() => name.to_owned(),
        Some(("f", name)) => format!("{at}.{name}"),
        Some((_, item)) => format!("{at}[{}]", item_name(item)),
        None => at.to_owned(),
    }
}

/// An item's key as people write it: `{"name":"api"}` is `api`.
fn item_name(item: &str) -> String {
    match serde_json::from_str(item) {
        Ok(Json::Object(members)) => {
            let values = members.values().map(|value| match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            });
            values.collect::<Vec<_>>().join(" ")
        }
        _ => item.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_others_alone_own_is_told() {
        let template = |fields: Json| json!({"f:spec": {"f:template": fields}});
        let shared =
            json!({"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {".": {}, "f:image": {}}}}});
        let mut added = shared.clone();
        added["f:metadata"] = json!({"f:annotations": {"f:kubectl.kubernetes.io/restartedAt": {}}});
        let live = Object(json!({"metadata": {"managedFields": [
            {"manager": FIELD_MANAGER, "fieldsV1": template(shared)},
            {"manager": "kubectl-rollout", "fieldsV1": template(added)},
        ]}}));
        assert_eq!(
            in_pod_template(&live),
            ["metadata.annotations[kubectl.kubernetes.io/restartedAt], by kubectl-rollout"]
        );
    }
}
