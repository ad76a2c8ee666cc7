//! The attributes that a change touches: which may be named with their values, and what stands for the others.

use seedling_model::digest::short_hmac;
use serde_json::{Value as Json, json};

use super::{Judge, ours};
use crate::{
    Attribute, Row,
    plan::{Action, Change, Leaf, Values},
    secrecy,
};

/// Computed maps of digests, one entry per secret.
pub const DIGESTS: [&str; 3] = ["secret_digests", "pull_digests", "basic_auth_digests"];

/// Attributes of ours that the provider computes. They follow from the others or from the cluster.
const COMPUTED: [&str; 10] = [
    "drift",
    "rollout_status",
    "certificate_status",
    "selector",
    "address",
    "hosts",
    "group_id",
    "controller",
    "id",
    "basic_auth_users",
];

/// Attributes of ours whose values are shown. `config`, `files`, commands and annotations are not among them: people
/// put secrets there.
pub fn shown(type_name: &str) -> &'static [&'static str] {
    match type_name {
        "seedling_service" => &[
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
            "run_as",
            "restricted",
            "adopt",
            "rollout_status",
        ],
        "seedling_environment" => &[
            "name",
            "quota",
            "container_defaults",
            "pod_security",
            "network",
            "allow_from",
            "deletion_protection",
            "delete_storage",
            "delete_timeout",
            "adopt",
        ],
        "seedling_gateway" => &[
            "environment",
            "name",
            "class",
            "internal",
            "address_timeout",
            "adopt",
        ],
        "seedling_ingress" => &[
            "environment",
            "name",
            "gateway",
            "host",
            "aliases",
            "routes",
            "redirect_http",
            "max_body_size",
            "timeouts",
            "websocket",
            "allow_cidrs",
            "address_timeout",
            "adopt",
        ],
        "seedling_aks_node_pool" => &[
            "name",
            "mode",
            "vm_size",
            "size",
            "zones",
            "os",
            "max_pods",
            "spot",
            "gpu",
            "dedicated",
            "taints",
            "kubernetes_version",
            "node_image",
            "running",
            "on_immutable_change",
        ],
        "seedling_group_access" => &["group", "environments", "adopt"],
        _ => &[],
    }
}

/// Whether the provider computes an attribute of ours.
pub fn is_computed(name: &str) -> bool {
    COMPUTED.contains(&name) || name.ends_with("_digests")
}

/// The attributes that change, without those that the provider computes.
pub fn arguments_changed(change: &Change) -> Vec<String> {
    let mut names = change.values.changed();
    names.retain(|name| !is_computed(name));
    names.into_iter().collect()
}

impl Judge {
    /// Adds the change to the list of changed resources.
    pub(super) fn row(&mut self, change: &Change) {
        if matches!(change.action, Action::Nothing | Action::Read) {
            return;
        }
        let names: Vec<String> = if ours::is_ours(change) {
            arguments_changed(change)
        } else {
            change.values.changed().into_iter().collect()
        };
        let attributes = match change.action {
            Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => names
                .iter()
                .flat_map(|name| attributes(change, name))
                .collect(),
            _ => Vec::new(),
        };
        let (fingerprint, not_compared) = fingerprint(&change.values, &names, &self.options.key);
        self.rows.push(Row {
            plan: self.notes.label.clone(),
            address: change.address.clone(),
            action: change.action.words(),
            attributes,
            fingerprint,
            not_compared,
        });
    }
}

/// The changed parts of one attribute.
fn attributes(change: &Change, name: &str) -> Vec<Attribute> {
    let masked = change.values.is_masked(name);
    let shows = !masked
        && if ours::is_ours(change) {
            shown(&change.type_name).contains(&name)
        } else {
            !secrecy::name_objects(name)
        };
    let leaves = change.values.leaves(name);
    // Names of members inside something masked may be as secret as the values.
    if masked || (leaves.is_empty() && change.values.is_unknown(name)) {
        return vec![Attribute {
            path: name.to_owned(),
            before: None,
            after: None,
        }];
    }
    let foreign_parts = !ours::is_ours(change) && leaves.keys().any(|path| path != name);
    if foreign_parts {
        return vec![Attribute {
            path: name.to_owned(),
            before: None,
            after: None,
        }];
    }
    let parts = leaves.into_iter().map(|(path, (before, after))| {
        let (before, after) = match (shows, text(&before), text(&after)) {
            (true, Some(before), Some(after)) => (Some(before), Some(after)),
            _ => (None, None),
        };
        Attribute {
            path,
            before,
            after,
        }
    });
    parts.collect()
}

/// The text of a leaf, where its value may be shown.
pub fn text(leaf: &Leaf) -> Option<String> {
    match leaf {
        Leaf::Unknown => Some("known after apply".to_owned()),
        Leaf::Known(Json::Array(elements)) => {
            let parts: Option<Vec<String>> = elements.iter().map(secrecy::shown).collect();
            Some(parts?.join(", "))
        }
        Leaf::Known(value) => secrecy::shown(value),
    }
}

/// A keyed hash of the changed values, without masked ones and without those whose names or values look like
/// secrets: so it can be compared, and says nothing worth guessing. The second part names what was left out.
fn fingerprint(values: &Values, names: &[String], key: &str) -> (String, Vec<String>) {
    let (mut parts, mut left_out) = (Vec::new(), Vec::new());
    for name in names {
        // Names of members inside something masked may be as secret as the values.
        if values.is_masked(name) {
            left_out.push(name.clone());
            continue;
        }
        for (path, (_, after)) in values.leaves(name) {
            let objects = match &after {
                Leaf::Known(Json::String(text)) => secrecy::value_objects(text),
                _ => false,
            };
            if objects || secrecy::name_objects(&path) {
                left_out.push(path);
                continue;
            }
            let after = match after {
                Leaf::Unknown => json!({ "unknown": true }),
                Leaf::Known(value) => json!([value]),
            };
            parts.push(json!([path, after]));
        }
    }
    if parts.is_empty() {
        return (String::new(), left_out);
    }
    let text = Json::from(parts).to_string();
    (short_hmac(key.as_bytes(), text.as_bytes()), left_out)
}
