//! Nobody grants what they do not hold.

use serde_json::Value;

use super::rules::Rule;
use super::{Attributes, authorize, grants, rules_of};
use crate::api::{Call, Status};
use crate::store::Store;

/// Refuses a role or binding that grants more than the writer holds, unless `escalate` or `bind` allow it.
pub fn check_grant(
    store: &Store,
    call: &Call,
    live: Option<&Value>,
    object: &Value,
) -> Result<(), Status> {
    if call.kind.resource.group != "rbac.authorization.k8s.io" {
        return Ok(());
    }
    if call
        .user
        .groups
        .iter()
        .any(|group| group == "system:masters")
    {
        return Ok(());
    }
    let wanted = if object["roleRef"].is_object() {
        if live.is_some_and(|live| {
            live["roleRef"] == object["roleRef"] && live["subjects"] == object["subjects"]
        }) {
            return Ok(());
        }
        let (kind, name) = (
            object["roleRef"]["kind"].as_str().unwrap_or_default(),
            object["roleRef"]["name"].as_str().unwrap_or_default(),
        );
        let resource = if kind == "Role" {
            "roles"
        } else {
            "clusterroles"
        };
        if may(store, call, "bind", resource, name) {
            return Ok(());
        }
        rules_of(store, kind, &call.namespace, name).ok_or_else(|| {
            Status::not_found(
                &crate::store::Resource::named("rbac.authorization.k8s.io", resource),
                name,
            )
        })?
    } else {
        if live.is_some_and(|live| live["rules"] == object["rules"])
            || may(
                store,
                call,
                "escalate",
                &call.kind.resource.plural,
                &call.name,
            )
        {
            return Ok(());
        }
        Rule::list(&object["rules"])
    };
    let held: Vec<_> = grants(store, &call.user, &call.namespace)
        .into_iter()
        .flat_map(|grant| grant.rules)
        .collect();
    let missing: Vec<_> = wanted
        .iter()
        .flat_map(Rule::parts)
        .filter(|part| !held.iter().any(|own| own.contains(part)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<_> = compacted(missing).iter().map(Rule::compact).collect();
    lines.sort();
    let groups: Vec<_> = call
        .user
        .groups
        .iter()
        .map(|group| format!("{group:?}"))
        .collect();
    let why = format!(
        "user {:?} (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
        call.user.name,
        groups.join(" "),
        lines.join("\n")
    );
    Err(Status::forbidden(&call.kind.resource, &call.name, &why))
}

fn may(store: &Store, call: &Call, verb: &str, resource: &str, name: &str) -> bool {
    let what = Attributes {
        verb: verb.to_owned(),
        group: "rbac.authorization.k8s.io".to_owned(),
        resource: resource.to_owned(),
        namespace: call.namespace.clone(),
        name: name.to_owned(),
        path: String::new(),
    };
    authorize(store, &call.user, &what).allowed
}

/// Parts of the same resource together.
fn compacted(parts: Vec<Rule>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for part in parts {
        let same = rules.iter_mut().find(|rule| {
            rule.groups == part.groups
                && rule.resources == part.resources
                && rule.names == part.names
                && rule.urls == part.urls
        });
        match same {
            Some(rule) => rule.verbs.extend(part.verbs),
            None => rules.push(part),
        }
    }
    rules
}
