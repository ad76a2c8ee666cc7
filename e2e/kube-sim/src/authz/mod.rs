//! Who may do what: roles and their bindings (`rbac.authorization.k8s.io`).

mod escalation;
mod reviews;
mod rules;

use std::sync::Arc;

use serde_json::Value;

pub use escalation::check_grant;
pub use reviews::review;
pub use rules::Rule;

use crate::api::Status;
use crate::authn::User;
use crate::store::{Resource, Store};

/// Roles of the cluster.
pub const CLUSTER_ROLES: Resource = Resource::new("rbac.authorization.k8s.io", "clusterroles");
/// Roles of namespaces.
pub const ROLES: Resource = Resource::new("rbac.authorization.k8s.io", "roles");
/// Bindings for all namespaces.
pub const CLUSTER_BINDINGS: Resource =
    Resource::new("rbac.authorization.k8s.io", "clusterrolebindings");
/// Bindings in namespaces.
pub const BINDINGS: Resource = Resource::new("rbac.authorization.k8s.io", "rolebindings");

/// What somebody wants to do.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// `get`, `list`, …
    pub verb: String,
    /// API group.
    pub group: String,
    /// Plural, with its sub-resource after a slash.
    pub resource: String,
    /// Namespace; empty for the whole cluster.
    pub namespace: String,
    /// Name; empty for all.
    pub name: String,
    /// A path, if it is no resource.
    pub path: String,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, as reviews say it.
    pub reason: String,
}

/// Decides.
pub fn authorize(store: &Store, user: &User, what: &Attributes) -> Decision {
    if user.groups.iter().any(|group| group == "system:masters") {
        return Decision {
            allowed: true,
            reason: String::new(),
        };
    }
    for grant in grants(store, user, &what.namespace) {
        if grant.rules.iter().any(|rule| rule.allows(what)) {
            return Decision {
                allowed: true,
                reason: grant.reason,
            };
        }
    }
    Decision {
        allowed: false,
        reason: String::new(),
    }
}

/// The rules of one binding that names a user.
pub struct Grant {
    /// As reviews say it.
    pub reason: String,
    /// What it allows.
    pub rules: Vec<Rule>,
}

/// All grants of a user in a namespace, or in the cluster alone.
pub fn grants(store: &Store, user: &User, namespace: &str) -> Vec<Grant> {
    let (cluster, _) = store.list(&CLUSTER_BINDINGS, None);
    let local = if namespace.is_empty() {
        Vec::new()
    } else {
        store.list(&BINDINGS, Some(namespace)).0
    };
    let bindings = cluster.iter().chain(&local);
    bindings
        .filter_map(|binding| grant(store, user, binding))
        .collect()
}

fn grant(store: &Store, user: &User, binding: &Arc<Value>) -> Option<Grant> {
    let namespace = binding["metadata"]["namespace"]
        .as_str()
        .unwrap_or_default();
    let subjects = binding["subjects"].as_array()?;
    let subject = subjects
        .iter()
        .find(|subject| is_subject(user, subject, namespace))?;
    let (role_kind, role) = (
        text(&binding["roleRef"]["kind"]),
        text(&binding["roleRef"]["name"]),
    );
    let (binding_kind, name) = if namespace.is_empty() {
        (
            "ClusterRoleBinding",
            text(&binding["metadata"]["name"]).to_owned(),
        )
    } else {
        (
            "RoleBinding",
            format!("{}/{namespace}", text(&binding["metadata"]["name"])),
        )
    };
    let described = match text(&subject["kind"]) {
        "ServiceAccount" => {
            let own = Some(text(&subject["namespace"]))
                .filter(|own| !own.is_empty())
                .unwrap_or(namespace);
            format!(
                "ServiceAccount {:?}",
                format!("{}/{own}", text(&subject["name"]))
            )
        }
        kind => format!("{kind} {:?}", text(&subject["name"])),
    };
    Some(Grant {
        reason: format!(
            "RBAC: allowed by {binding_kind} {name:?} of {role_kind} {role:?} to {described}"
        ),
        rules: rules_of(store, role_kind, namespace, role).unwrap_or_default(),
    })
}

/// The rules of a role, if it is there.
pub fn rules_of(store: &Store, kind: &str, namespace: &str, name: &str) -> Option<Vec<Rule>> {
    use crate::store::Key;
    let key = if kind == "ClusterRole" {
        Key::new(&CLUSTER_ROLES, "", name)
    } else {
        Key::new(&ROLES, namespace, name)
    };
    let role = store.get(&key)?;
    Some(Rule::list(&role["rules"]))
}

fn is_subject(user: &User, subject: &Value, namespace: &str) -> bool {
    let name = text(&subject["name"]);
    match text(&subject["kind"]) {
        "User" => user.name == name,
        "Group" => user.groups.iter().any(|group| group == name),
        "ServiceAccount" => {
            let own = Some(text(&subject["namespace"]))
                .filter(|own| !own.is_empty())
                .unwrap_or(namespace);
            user.name == format!("system:serviceaccount:{own}:{name}")
        }
        _ => false,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The refusal, in the server's words.
pub fn refusal(user: &User, what: &Attributes) -> Status {
    if !what.path.is_empty() {
        let mut status = Status::forbidden(&Resource::new("", ""), "", "");
        status.message = format!(
            "forbidden: User {:?} cannot {} path {:?}",
            user.name, what.verb, what.path
        );
        status.details = serde_json::json!({});
        return status;
    }
    let place = if what.namespace.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {:?}", what.namespace)
    };
    let why = format!(
        "User {:?} cannot {} resource {:?} in API group {:?} {place}",
        user.name, what.verb, what.resource, what.group
    );
    let plural = what.resource.split('/').next().unwrap_or_default();
    Status::forbidden(&Resource::named(&what.group, plural), &what.name, &why)
}
