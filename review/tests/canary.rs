//! No value that could be a secret gets out, whatever form the review takes.
#![allow(clippy::panic, clippy::unwrap_used)] // a test ends by panic

mod common;

use std::{fs, path::Path};

use seedling_review::{
    Review,
    write::{self, Flavour},
};
use serde_json::{Value, json};

const CANARY: &str = "CANARY";

/// The plans were made with canaries in variables, secrets, outputs and messages.
#[test]
fn nothing_of_a_plan_as_it_was_made() {
    for folder in common::FOLDERS {
        for plan in common::plans(folder) {
            assert_silent(&common::review(&[&plan]), &plan.display().to_string());
        }
    }
}

/// Every text of every plan becomes a canary, one plan at a time, except in the few places whose values are there to
/// be shown and in names of things.
#[test]
fn nothing_of_a_plan_full_of_canaries() {
    let mut planted = 0;
    for folder in common::FOLDERS {
        for path in common::plans(folder) {
            let (plan, count) = planted_everywhere(&path);
            let review = common::review_of(&plan);
            assert_silent(&review, &path.display().to_string());
            planted += count;
        }
    }
    assert!(planted > 2_000, "only {planted} canaries were planted");
}

/// The comparison of two environments is as silent as the rest.
#[test]
fn nothing_of_environments_that_are_compared() {
    for name in ["create.json", "secret_and_image.json", "config.json"] {
        let plans = ["terraform", "tofu"].map(|cli| common::folder().join(cli).join(name));
        let texts = plans.map(|plan| planted_everywhere(&plan).0);
        let review = common::review_of_all(&texts);
        assert!(!review.between.is_empty(), "{name}");
        assert_silent(&review, name);
    }
}

/// A plan as text in which every value that may not be shown is a canary, and how many there are.
fn planted_everywhere(path: &Path) -> (String, usize) {
    let mut plan: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let whole = json!({ "root_module": { "resources": [{ "values": { "a": CANARY, "image": CANARY } }] }, "x": CANARY });
    for part in [
        "prior_state",
        "planned_values",
        "variables",
        "relevant_attributes",
    ] {
        plan[part] = whole.clone();
    }
    plan["output_changes"]["planted"] = json!({ "actions": ["create"], "before": CANARY, "after": { "a": [CANARY] }, "after_sensitive": false });
    plan["checks"] = json!([{ "address": { "to_display": "check.x" }, "status": "fail", "instances": [{ "problems": [{ "message": CANARY }] }] }]);
    let mut count = 0;
    for list in ["resource_changes", "resource_drift"] {
        for entry in plan[list].as_array_mut().into_iter().flatten() {
            let type_name = entry["type"].as_str().unwrap_or_default().to_owned();
            for side in ["before", "after"] {
                count += plant(&mut entry["change"][side], &type_name);
            }
            for part in [
                "before_identity",
                "after_identity",
                "generated_config",
                "importing",
            ] {
                if entry["change"].get(part).is_some() {
                    entry["change"][part] = json!({ "id": CANARY });
                }
            }
        }
    }
    let change = json!({ "actions": ["update"], "before": { "name": CANARY, "a": CANARY }, "after": { "name": "x", "a": [CANARY] }, "after_unknown": {} });
    plan["deferred_changes"] = json!([{ "reason": "provider_config_unknown", "resource_change": { "address": "a.b", "type": "a", "mode": "managed", "change": change } }]);
    plan["action_invocations"] = json!([{ "address": "action.a.b", "config_values": { "a": CANARY }, "config_sensitive": {} }]);
    plan["a_later_part"] = json!({ "a": [CANARY] });
    count += constants(&mut plan["configuration"]);
    (plan.to_string(), count)
}

/// Attributes of ours that are shown, or from which shown names follow.
const SHOWN: [&str; 36] = [
    "vm_size",
    "size",
    "mode",
    "zones",
    "max_pods",
    "taints",
    "kubernetes_version",
    "node_image",
    "on_immutable_change",
    "environment",
    "name",
    "image",
    "port",
    "ports",
    "replicas",
    "autoscale",
    "resources",
    "rollout",
    "scratch",
    "storage",
    "node_pool",
    "quota",
    "container_defaults",
    "pod_security",
    "network",
    "allow_from",
    "class",
    "gateway",
    "host",
    "aliases",
    "routes",
    "tls",
    "group",
    "environments",
    "drift",
    "allow_cidrs",
];

/// Puts canaries into the values of one side of a change; gives how many.
fn plant(side: &mut Value, type_name: &str) -> usize {
    let ours = type_name.starts_with("seedling_");
    let Some(members) = side.as_object_mut() else {
        return 0;
    };
    if ours {
        members.insert("secrets".into(), json!({ "A": CANARY }));
        members.insert("config".into(), json!({ "A": CANARY, "API_TOKEN": CANARY }));
        members.insert("pod_patch".into(), CANARY.into());
        members.retain(|name, _| {
            type_name == "seedling_service"
                || !["secrets", "config", "pod_patch"].contains(&name.as_str())
        });
    } else {
        members.insert("password".into(), CANARY.into());
        members.insert("nested".into(), json!({ "a": CANARY, "b": [CANARY] }));
    }
    let mut count = 0;
    for (name, value) in members.iter_mut() {
        // Foreign attributes that no mask and no name speaks against are there to be shown.
        let shown = if ours {
            SHOWN.contains(&name.as_str()) || name == "address"
        } else {
            value.is_string() && !seedling_review::secrecy::name_objects(name)
        };
        if !shown {
            count += fill(value);
        }
    }
    count
}

/// Every text below becomes a canary; names of members stay.
fn fill(value: &mut Value) -> usize {
    match value {
        Value::String(text) => {
            CANARY.clone_into(text);
            1
        }
        Value::Array(elements) => elements.iter_mut().map(fill).sum(),
        Value::Object(members) => members.values_mut().map(fill).sum(),
        _ => 0,
    }
}

/// Constants and defaults of the configuration.
fn constants(value: &mut Value) -> usize {
    match value {
        Value::Array(elements) => elements.iter_mut().map(constants).sum(),
        Value::Object(members) => members
            .iter_mut()
            .map(|(name, value)| {
                if matches!(
                    name.as_str(),
                    "constant_value" | "default" | "description" | "error_message"
                ) {
                    *value = json!({ "a": CANARY, "b": [CANARY] });
                    2
                } else {
                    constants(value)
                }
            })
            .sum(),
        _ => 0,
    }
}

fn assert_silent(review: &Review, plan: &str) {
    let texts = [
        write::json(review).unwrap(),
        write::text(review, Flavour::GitHub),
        write::text(review, Flavour::GitLab),
        write::text(review, Flavour::AzureDevOps),
        write::text(review, Flavour::Text),
    ];
    for text in texts {
        let line = text.lines().find(|line| line.contains(CANARY));
        assert_eq!(line, None, "{plan}");
    }
}
