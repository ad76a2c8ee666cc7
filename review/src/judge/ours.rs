//! What all resources of ours have in common.

use seedling_model::arguments::Arguments;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{Judge, attributes};
use crate::{
    Kind,
    plan::{Action, Change},
};

/// Whether the provider is ours, by the type's prefix.
pub fn is_ours(change: &Change) -> bool {
    change.type_name.starts_with("seedling_")
}

/// What people call a resource: `prod/api` for one of ours, where its name is known; else its address.
pub fn subject(change: &Change) -> String {
    let text = |name: &str| {
        let sides = [change.values.after(name), change.values.before(name)];
        sides.into_iter().find_map(Json::as_str).map(str::to_owned)
    };
    let parts = match change.type_name.as_str() {
        "seedling_environment" => text("name").map(|name| format!("environment {name}")),
        "seedling_service" => pair("", text("environment"), text("name")),
        "seedling_ingress" => pair("ingress ", text("environment"), text("name")),
        "seedling_gateway" => {
            let name = text("name").or(Some("public".to_owned()));
            pair("gateway ", text("environment"), name)
        }
        "seedling_aks_node_pool" => text("name").map(|name| format!("node pool {name}")),
        "seedling_group_access" => text("group").map(|group| format!("group {group}")),
        _ => None,
    };
    parts.unwrap_or_else(|| change.address.clone())
}

fn pair(what: &str, environment: Option<String>, name: Option<String>) -> Option<String> {
    Some(format!("{what}{}/{}", environment?, name?))
}

/// Both sides of a change as arguments. What does not fit is said, and then nothing else can be.
pub fn sides<T: Arguments + DeserializeOwned>(
    judge: &mut Judge,
    change: &Change,
) -> Option<(Option<T>, Option<T>)> {
    let before = change.values.args_before::<T>();
    let after = change.values.args_after::<T>();
    match (before, after) {
        (Ok(before), Ok(after)) => Some((before, after)),
        (Err(error), _) | (_, Err(error)) => {
            // The path only: the reason could quote a value.
            let sentence = format!(
                "its `{}` has another form than this version of seedling knows",
                error.path
            );
            judge.say(Kind::Unreadable, change, &subject(change), sentence);
            None
        }
    }
}

/// What is said of every resource of ours alike: drift that is healed, secrets, attributes of later versions.
pub fn common<T: Arguments>(judge: &mut Judge, change: &Change, subject: &str) {
    healed(judge, change, subject);
    secrets(judge, change, subject);
    later::<T>(judge, change, subject);
}

/// Entries of the computed list `drift` look like `Deployment/api spec.replicas, by kubectl-edit, 10:02`.
fn healed(judge: &mut Judge, change: &Change, subject: &str) {
    if change.action != Action::Update {
        return;
    }
    let entries = change.values.before("drift").as_array();
    for entry in entries.into_iter().flatten().filter_map(Json::as_str) {
        let (what, by) = entry.split_once(',').unwrap_or((entry, ""));
        let mut finding = judge.finding(
            Kind::Drift,
            change,
            subject,
            format!("was changed outside and is put right: {}", what.trim()),
        );
        finding.details = Some(by.trim().to_owned())
            .filter(|by| !by.is_empty())
            .into_iter()
            .collect();
        judge.findings.push(finding);
    }
}

/// Digests of secrets are unknown in a plan when a value changes, or when anything else does.
fn secrets(judge: &mut Judge, change: &Change, subject: &str) {
    if !is_by_secret(change) {
        return;
    }
    let unknown = attributes::DIGESTS
        .into_iter()
        .filter(|name| change.values.is_unknown(name));
    for name in unknown {
        let keys = secret_keys(change, name);
        let sentence = match keys.as_slice() {
            [] => "a secret value is new or changes".to_owned(),
            [key] => format!("the value of {key} changes, or a secret is added"),
            keys => format!("one or more of these values change: {}", keys.join(", ")),
        };
        let mut finding = judge.finding(Kind::Secret, change, subject, sentence);
        finding.by_secret = true;
        judge.findings.push(finding);
    }
}

/// Whether an update is for nothing but secret values: no argument changes, nothing is to be put right, and no rollout
/// is to be ended.
pub fn is_by_secret(change: &Change) -> bool {
    let by_version = |name: &String| name == "secrets_version";
    let drift = change.values.before("drift").as_array();
    let status = change.values.before("rollout_status").as_str();
    change.action == Action::Update
        && attributes::arguments_changed(change).iter().all(by_version)
        && drift.is_none_or(Vec::is_empty)
        && status.is_none_or(|status| status == "complete")
        && attributes::DIGESTS
            .iter()
            .any(|name| change.values.is_unknown(name))
}

/// The keys of secrets as the state knows them.
pub fn secret_keys(change: &Change, digests: &str) -> Vec<String> {
    let keys = change.values.before(digests).as_object();
    keys.into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect()
}

fn later<T: Arguments>(judge: &mut Judge, change: &Change, subject: &str) {
    let known = T::fields();
    let mut names = change.values.changed();
    names.retain(|name| {
        !attributes::is_computed(name) && !known.iter().any(|field| field.name == name)
    });
    if !names.is_empty() {
        let names: Vec<String> = names.into_iter().collect();
        let sentence = format!(
            "changes attributes that this version of seedling does not know: {}",
            names.join(", ")
        );
        judge.say(Kind::Unreadable, change, subject, sentence);
    }
}

/// Whether the old object is there when its successor comes, as a clause; nothing where nothing is replaced.
pub fn replacement(change: &Change) -> Option<String> {
    let order = match change.action {
        Action::DeleteThenCreate => "the old one goes before the new one comes",
        Action::CreateThenDelete => "the new one comes before the old one goes",
        _ => return None,
    };
    let reason = match (change.replaced_by.as_slice(), change.reason.as_deref()) {
        ([], Some("replace_by_request")) => "as asked for".to_owned(),
        ([], Some("replace_because_tainted")) => "because it is tainted".to_owned(),
        ([], Some("replace_by_triggers")) => "because something it is tied to changes".to_owned(),
        ([], _) => "for a reason the plan does not give".to_owned(),
        (names, _) => format!("because {} cannot change in place", names.join(", ")),
    };
    Some(format!("is replaced, {reason}; {order}"))
}
