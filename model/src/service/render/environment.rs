//! Environment variables. Each is its own entry that names its source, so files in the same ConfigMap or Secret
//! never become variables, and a missing key is an error that names it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Names;
use crate::{
    Arg,
    service::{Args, parts::SecretRef},
};

/// The program's variables: name → entry.
pub(super) fn of_service(args: &Args, names: &Names) -> BTreeMap<String, Value> {
    let mut variables = references(&args.secret_refs);
    variables.extend(keys(&args.config).map(|name| from_config(name, names)));
    let secret = names.secret_keys.iter().filter(|key| !key.starts_with('/'));
    variables.extend(secret.map(|name| from_secret(name, names)));
    let fields = args.environment_from_field.given().into_iter().flatten();
    variables.extend(fields.map(|(name, field)| from_field(name, field.text())));
    variables
}

/// The variables that a sidecar or init container states itself: literal values and references.
pub(super) fn own(
    config: &Arg<BTreeMap<String, Arg<String>>>,
    secret_refs: &Arg<BTreeMap<String, Arg<SecretRef>>>,
) -> BTreeMap<String, Value> {
    let mut variables = references(secret_refs);
    let literal = config.given().into_iter().flatten();
    variables.extend(
        literal.map(|(name, value)| (name.clone(), json!({ "name": name, "value": value.text() }))),
    );
    variables
}

/// Fields such as `limits.memory` are read from the container, all others from the pod.
pub(super) fn is_resource_field(field: &str) -> bool {
    field.starts_with("limits.") || field.starts_with("requests.")
}

fn keys(map: &Arg<BTreeMap<String, Arg<String>>>) -> impl Iterator<Item = &String> {
    map.given().into_iter().flat_map(BTreeMap::keys)
}

fn references(references: &Arg<BTreeMap<String, Arg<SecretRef>>>) -> BTreeMap<String, Value> {
    let given = references.given().into_iter().flatten();
    given
        .filter_map(|(name, reference)| {
            Some((name.clone(), reference_entry(name, reference.given()?)))
        })
        .collect()
}

fn reference_entry(name: &str, reference: &SecretRef) -> Value {
    let source = json!({
        "name": reference.secret.text(),
        "key": reference.key.text(),
        "optional": reference.optional.given().filter(|optional| **optional),
    });
    json!({ "name": name, "valueFrom": { "secretKeyRef": source } })
}

fn from_config(name: &str, names: &Names) -> (String, Value) {
    let source = json!({ "name": names.config_map, "key": name });
    (
        name.to_owned(),
        json!({ "name": name, "valueFrom": { "configMapKeyRef": source } }),
    )
}

fn from_secret(name: &str, names: &Names) -> (String, Value) {
    let source = json!({ "name": names.secret, "key": name });
    (
        name.to_owned(),
        json!({ "name": name, "valueFrom": { "secretKeyRef": source } }),
    )
}

fn from_field(name: &str, field: &str) -> (String, Value) {
    let source = if is_resource_field(field) {
        json!({ "resourceFieldRef": { "resource": field } })
    } else {
        json!({ "fieldRef": { "fieldPath": field } })
    };
    (
        name.to_owned(),
        json!({ "name": name, "valueFrom": source }),
    )
}
