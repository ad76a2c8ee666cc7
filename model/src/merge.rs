//! Merging by the strategy of server-side apply: maps merge, lists with a key merge by it, other lists replace.
//!
//! The keys are those that Kubernetes publishes as `x-kubernetes-list-map-keys` in its OpenAPI.

use serde_json::Value;

/// The keys by which the entries of the list at `path` are told apart, for an object of `kind`; nothing where the
/// list is one value (atomic). `path` has the member names from the object's root, without positions.
///
/// ```
/// let path = ["spec", "template", "spec", "containers", "env"];
/// assert_eq!(seedling_model::merge::list_keys("Deployment", &path), Some(&["name"][..]));
/// ```
pub fn list_keys(kind: &str, path: &[&str]) -> Option<&'static [&'static str]> {
    match (kind, path) {
        (_, ["metadata", "ownerReferences"]) => Some(&["uid"]),
        ("Deployment", ["spec", "template", pod @ ..]) | ("Pod" | "PodTemplate", pod) => {
            pod_list_keys(pod)
        }
        ("Service", ["spec", "ports"]) => Some(&["port", "protocol"]),
        ("ServiceAccount", ["secrets"]) | ("Gateway", ["spec", "listeners"]) => Some(&["name"]),
        (_, ["status", "conditions"]) => Some(&["type"]),
        _ => None,
    }
}

fn pod_list_keys(path: &[&str]) -> Option<&'static [&'static str]> {
    match path {
        ["metadata", "ownerReferences"] => Some(&["uid"]),
        ["spec", "hostAliases"] => Some(&["ip"]),
        ["spec", "topologySpreadConstraints"] => Some(&["topologyKey", "whenUnsatisfiable"]),
        [
            "spec",
            "containers"
            | "initContainers"
            | "ephemeralContainers"
            | "volumes"
            | "imagePullSecrets"
            | "resourceClaims"
            | "schedulingGates",
        ] => Some(&["name"]),
        [
            "spec",
            "containers" | "initContainers" | "ephemeralContainers",
            container @ ..,
        ] => container_list_keys(container),
        _ => None,
    }
}

fn container_list_keys(path: &[&str]) -> Option<&'static [&'static str]> {
    match path {
        ["env"] | ["resources", "claims"] => Some(&["name"]),
        ["ports"] => Some(&["containerPort", "protocol"]),
        ["volumeMounts"] => Some(&["mountPath"]),
        ["volumeDevices"] => Some(&["devicePath"]),
        _ => None,
    }
}

/// The value of one key of a list entry. A protocol that is left out is TCP, as the API server fills it in.
pub fn key_value<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    match entry.get(key) {
        Some(Value::String(text)) => Some(text),
        None if key == "protocol" => Some("TCP"),
        _ => None,
    }
}

/// Whether two entries of a list with these keys are the same entry.
pub fn same_entry(left: &Value, right: &Value, keys: &[&str]) -> bool {
    keys.iter()
        .all(|key| match (key_value(left, key), key_value(right, key)) {
            (Some(left), Some(right)) => left == right,
            _ => left.get(key).is_some() && left.get(key) == right.get(key),
        })
}

/// Merges `patch` into `target`, which is an object of `kind` or, with `path`, the part of one at that path.
/// A null in the patch deletes.
pub fn merge(target: &mut Value, patch: &Value, kind: &str, path: &[&str]) {
    match (target, patch) {
        (Value::Object(members), Value::Object(patched)) => {
            for (name, value) in patched {
                let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
                if value.is_null() {
                    members.remove(name);
                } else {
                    merge(
                        members.entry(name.clone()).or_insert(Value::Null),
                        value,
                        kind,
                        &path,
                    );
                }
            }
        }
        (Value::Array(entries), Value::Array(patched)) if list_keys(kind, path).is_some() => {
            let keys = list_keys(kind, path).unwrap_or_default();
            for entry in patched {
                merge_entry(entries, entry, keys, kind, path);
            }
        }
        (target, patch) => *target = crate::object::without_nulls(patch.clone()),
    }
}

fn merge_entry(entries: &mut Vec<Value>, patch: &Value, keys: &[&str], kind: &str, path: &[&str]) {
    match entries
        .iter_mut()
        .find(|entry| same_entry(entry, patch, keys))
    {
        Some(entry) => merge(entry, patch, kind, path),
        None => entries.push(crate::object::without_nulls(patch.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(mut merged: Value, patch: &Value, expected: &Value) {
        merge(&mut merged, patch, "PodTemplate", &[]);
        assert_eq!(&merged, expected);
    }

    #[test]
    fn keyed_lists_merge_by_their_keys() {
        check(
            json!({ "spec": { "containers": [{ "name": "api", "image": "a", "env": [{ "name": "A", "value": "1" }] }] } }),
            &json!({ "spec": { "containers": [
                { "name": "api", "tty": true, "env": [{ "name": "B", "value": "2" }, { "name": "A", "value": "3" }] },
                { "name": "extra", "image": "b" }
            ] } }),
            &json!({ "spec": { "containers": [
                { "name": "api", "image": "a", "tty": true,
                  "env": [{ "name": "A", "value": "3" }, { "name": "B", "value": "2" }] },
                { "name": "extra", "image": "b" }
            ] } }),
        );
    }

    #[test]
    fn a_port_without_protocol_is_tcp() {
        check(
            json!({ "spec": { "containers": [{ "name": "a", "ports": [{ "containerPort": 80, "protocol": "TCP" }] }] } }),
            &json!({ "spec": { "containers": [{ "name": "a", "ports": [
                { "containerPort": 80, "name": "http" }, { "containerPort": 80, "protocol": "UDP" }
            ] }] } }),
            &json!({ "spec": { "containers": [{ "name": "a", "ports": [
                { "containerPort": 80, "protocol": "TCP", "name": "http" }, { "containerPort": 80, "protocol": "UDP" }
            ] }] } }),
        );
    }

    #[test]
    fn other_lists_replace_and_null_deletes() {
        check(
            json!({ "spec": { "tolerations": [{ "key": "a" }], "hostNetwork": true, "securityContext": { "runAsUser": 1 } } }),
            &json!({ "spec": { "tolerations": [{ "key": "b" }], "hostNetwork": null, "dnsConfig": { "options": null } } }),
            &json!({ "spec": { "tolerations": [{ "key": "b" }], "securityContext": { "runAsUser": 1 }, "dnsConfig": {} } }),
        );
    }

    #[test]
    fn keys_by_kind() {
        assert_eq!(
            list_keys("Service", &["spec", "ports"]),
            Some(&["port", "protocol"][..])
        );
        assert_eq!(
            list_keys("Gateway", &["spec", "listeners"]),
            Some(&["name"][..])
        );
        assert_eq!(
            list_keys("Deployment", &["spec", "template", "spec", "tolerations"]),
            None
        );
        assert_eq!(list_keys("Ingress", &["spec", "rules"]), None);
    }
}
