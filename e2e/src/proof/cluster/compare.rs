//! Whether objects are what they were, leaving aside what the cluster itself writes.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use serde_json::Value;

use super::objects::Live;

/// Members of `metadata` that the server writes.
const METADATA: [&str; 6] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
    "selfLink",
];

/// Members of `spec` that controllers and allocators write.
const SPEC: [&str; 8] = [
    "clusterIP",
    "clusterIPs",
    "healthCheckNodePort",
    "volumeName",
    "finalizers",
    "ipFamilies",
    "ipFamilyPolicy",
    "nodePort",
];

/// Beginnings of annotations that controllers write, and of the provider's mark of the time.
const ANNOTATIONS: [&str; 5] = [
    "deployment.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.",
    "seedling.dev/created",
    "seedling.dev/digest-key",
];

/// Objects by their names, in a form that can be compared.
pub type Snapshot = BTreeMap<String, Value>;

/// Takes a snapshot. Secrets and ConfigMaps named by their content get a fixed name, in themselves and where they are
/// referred to: a Secret's name comes from a random key, and one that was lost gets a new one. Spare
/// ones are left out.
pub fn snapshot(objects: &[Live]) -> Snapshot {
    let mut stripped: Vec<(String, String)> = Vec::new();
    for object in objects.iter().filter(|object| !is_spare(object, objects)) {
        let mut value = object.json.clone();
        strip(&mut value);
        stripped.push((object.to_string(), value.to_string()));
    }
    for object in objects {
        let Some((name, fixed)) = content_name(object) else {
            continue;
        };
        for (shown, text) in &mut stripped {
            *shown = shown.replace(&name, &fixed);
            *text = text.replace(&name, &fixed);
        }
    }
    stripped
        .into_iter()
        .map(|(name, text)| (name, serde_json::from_str(&text).unwrap_or_default()))
        .collect()
}

/// Whether an object is named by its content and nothing refers to it: the provider keeps the last ones for a way back,
/// and neither misses them nor looks at them.
pub fn is_spare(object: &Live, objects: &[Live]) -> bool {
    let Some((name, _)) = content_name(object) else {
        return false;
    };
    let refers = |other: &&Live| {
        other.namespace() == object.namespace() && other.json["spec"].to_string().contains(&name)
    };
    !objects.iter().any(|other| refers(&other))
}

/// `api-0a1b2c3d` → `api-(content)`.
fn content_name(object: &Live) -> Option<(String, String)> {
    let (name, hash) = object.name().rsplit_once('-')?;
    let is_hash = hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    (matches!(object.resource.kind.as_str(), "Secret" | "ConfigMap") && is_hash)
        .then(|| (object.name().to_owned(), format!("{name}-(content)")))
}

fn strip(value: &mut Value) {
    remove(&mut value["metadata"], &METADATA);
    remove(&mut value["spec"], &SPEC);
    if let Some(object) = value.as_object_mut() {
        object.remove("status");
    }
    for port in value["spec"]["ports"].as_array_mut().into_iter().flatten() {
        remove(port, &["nodePort"]);
    }
    if let Some(annotations) = value["metadata"]["annotations"].as_object_mut() {
        annotations.retain(|name, _| !ANNOTATIONS.iter().any(|start| name.starts_with(start)));
    }
    without_salts(value);
    // Emptied and absent are the same.
    if value["metadata"]["annotations"]
        .as_object()
        .is_some_and(serde_json::Map::is_empty)
    {
        remove(&mut value["metadata"], &["annotations"]);
    }
}

/// Lines of users and bcrypt hashes without the hashes: one that was lost is drawn anew, with another salt.
fn without_salts(value: &mut Value) {
    if value["kind"] != "Secret" {
        return;
    }
    for data in value["data"].as_object_mut().into_iter().flatten() {
        let text = data.1.as_str().and_then(|text| STANDARD.decode(text).ok());
        let text = text
            .and_then(|text| String::from_utf8(text).ok())
            .unwrap_or_default();
        let users = text.lines().map(|line| line.split_once(":$2"));
        let users: Option<Vec<&str>> = users.map(|line| line.map(|(user, _)| user)).collect();
        if let Some(users) = users.filter(|users| !users.is_empty()) {
            *data.1 = users.join("\n").into();
        }
    }
}

fn remove(value: &mut Value, names: &[&str]) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
}

/// What differs between two snapshots, one line for each object and path.
pub fn differences(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let mut found = Vec::new();
    for (name, old) in before {
        match after.get(name) {
            None => found.push(format!("{name} is gone")),
            Some(new) => values(old, new, name, &mut found),
        }
    }
    found.extend(
        after
            .keys()
            .filter(|name| !before.contains_key(*name))
            .map(|name| format!("{name} is new")),
    );
    found
}

/// Names paths only: values may be secret.
fn values(old: &Value, new: &Value, path: &str, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                values(
                    &old[name.as_str()],
                    &new[name.as_str()],
                    &format!("{path}.{name}"),
                    found,
                );
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                values(a, b, &format!("{path}[{index}]"), found);
            }
        }
        _ if old == new => {}
        _ => found.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::api::{ApiResource, GroupVersionKind};
    use serde_json::json;

    fn live(kind: &str, json: Value) -> Live {
        Live {
            resource: ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", kind)),
            json,
        }
    }

    #[test]
    fn what_the_cluster_writes_does_not_count() {
        let object = |version: &str, ip: &str, port: i64| {
            let json = json!({
                "metadata": {"name": "api", "resourceVersion": version, "annotations": {"seedling.dev/created": version}},
                "spec": {"clusterIP": ip, "ports": [{"port": port, "nodePort": 30000}]},
                "status": {"x": version},
            });
            snapshot(&[live("Service", json)])
        };
        assert_eq!(
            differences(&object("1", "a", 80), &object("2", "b", 80)),
            Vec::<String>::new()
        );
        assert_eq!(
            differences(&object("1", "a", 80), &object("2", "b", 81)),
            ["Service/api.spec.ports[0].port"]
        );
    }

    #[test]
    fn content_named_secrets_are_compared_by_content() {
        let pair = |hash: &str, value: &str| {
            let left_by_an_earlier_apply =
                json!({"metadata": {"name": "api-99999999"}, "data": {"a": hash}});
            let name = format!("api-{hash}");
            let labels = json!({"seedling.dev/name": "api"});
            snapshot(&[
                live("Secret", left_by_an_earlier_apply),
                live(
                    "Secret",
                    json!({"metadata": {"name": name, "labels": labels}, "data": {"a": value}}),
                ),
                live(
                    "Pod",
                    json!({"metadata": {"name": "p"}, "spec": {"secretName": name}}),
                ),
            ])
        };
        assert_eq!(
            differences(&pair("0a1b2c3d", "x"), &pair("ffffffff", "x")),
            Vec::<String>::new()
        );
        assert_eq!(
            differences(&pair("0a1b2c3d", "x"), &pair("ffffffff", "y")),
            ["Secret/api-(content).data.a"]
        );
    }
}
