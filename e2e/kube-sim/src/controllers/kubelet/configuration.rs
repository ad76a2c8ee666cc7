//! Whether the Secrets and ConfigMaps that a pod refers to exist and have what it wants of them, in the kubelet's
//! words: `makeEnvironmentVariables` and the volume plugins of `k8s.io/kubernetes/pkg` 1.36.

use serde_json::Value;

use crate::controllers::World;
use crate::controllers::kinds::{CONFIG_MAP, Kind, SECRET};
use crate::controllers::object::{flag, list, namespace, text};

/// What keeps a container from being created.
pub fn missing_value(world: &World, pod: &Value) -> Option<String> {
    let containers = list(pod, "/spec/initContainers")
        .iter()
        .chain(list(pod, "/spec/containers"));
    containers.into_iter().find_map(|container| {
        let sources = list(container, "/envFrom")
            .iter()
            .find_map(|source| missing_source(world, pod, source));
        sources.or_else(|| {
            list(container, "/env")
                .iter()
                .find_map(|env| missing_key(world, pod, env))
        })
    })
}

fn missing_source(world: &World, pod: &Value, source: &Value) -> Option<String> {
    let (kind, reference) = match (&source["configMapRef"], &source["secretRef"]) {
        (map, _) if map.is_object() => (&CONFIG_MAP, map),
        (_, secret) if secret.is_object() => (&SECRET, secret),
        _ => return None,
    };
    let name = text(reference, "/name");
    let found = world.find(&kind.resource, namespace(pod), name).is_some();
    (!found && !flag(reference, "/optional")).then(|| not_found(kind, name))
}

fn missing_key(world: &World, pod: &Value, env: &Value) -> Option<String> {
    let from = &env["valueFrom"];
    let (kind, reference) = match (&from["configMapKeyRef"], &from["secretKeyRef"]) {
        (map, _) if map.is_object() => (&CONFIG_MAP, map),
        (_, secret) if secret.is_object() => (&SECRET, secret),
        _ => return None,
    };
    if flag(reference, "/optional") {
        return None;
    }
    let (name, key) = (text(reference, "/name"), text(reference, "/key"));
    let Some(object) = world.find(&kind.resource, namespace(pod), name) else {
        return Some(not_found(kind, name));
    };
    (!has_key(object, key)).then(|| {
        format!(
            "couldn't find key {key} in {} {}/{name}",
            kind.title,
            namespace(pod)
        )
    })
}

fn not_found(kind: &Kind, name: &str) -> String {
    format!("{} \"{name}\" not found", kind.title.to_lowercase())
}

fn has_key(object: &Value, key: &str) -> bool {
    ["data", "binaryData"]
        .iter()
        .any(|member| !object[member][key].is_null())
}

/// The volume that cannot be mounted, and why.
pub fn missing_volume(world: &World, pod: &Value) -> Option<(String, String)> {
    list(pod, "/spec/volumes").iter().find_map(|volume| {
        let words = missing_content(world, pod, volume)?;
        Some((text(volume, "/name").to_owned(), words))
    })
}

fn missing_content(world: &World, pod: &Value, volume: &Value) -> Option<String> {
    if volume["secret"].is_object() {
        let name = text(volume, "/secret/secretName");
        return missing_items(world, pod, &SECRET, name, &volume["secret"]);
    }
    if volume["configMap"].is_object() {
        let name = text(volume, "/configMap/name");
        return missing_items(world, pod, &CONFIG_MAP, name, &volume["configMap"]);
    }
    list(volume, "/projected/sources")
        .iter()
        .find_map(|source| {
            let secret = &source["secret"];
            if secret.is_object() {
                return missing_items(world, pod, &SECRET, text(secret, "/name"), secret);
            }
            let map = &source["configMap"];
            map.is_object()
                .then(|| missing_items(world, pod, &CONFIG_MAP, text(map, "/name"), map))?
        })
}

fn missing_items(
    world: &World,
    pod: &Value,
    kind: &Kind,
    name: &str,
    source: &Value,
) -> Option<String> {
    if flag(source, "/optional") {
        return None;
    }
    let Some(object) = world.find(&kind.resource, namespace(pod), name) else {
        return Some(not_found(kind, name));
    };
    let keys = list(source, "/items").iter().map(|item| text(item, "/key"));
    let missing = keys.into_iter().find(|key| !has_key(object, key))?;
    // The two plugins do not say it alike.
    let words = if kind.title == "Secret" {
        "references non-existent secret key"
    } else {
        "configmap references non-existent config key"
    };
    Some(format!("{words}: {missing}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::controllers::Settings;
    use crate::store::{Change, Key, Object};

    fn world() -> World {
        let mut world = World::empty(datetime!(2026-01-01 00:00 UTC), Settings::default());
        let objects = [
            (
                &SECRET,
                json!({"metadata": {"namespace": "n", "name": "s"}, "data": {"URL": "eA=="}}),
            ),
            (
                &CONFIG_MAP,
                json!({"metadata": {"namespace": "n", "name": "m"}, "data": {"a": "b"}}),
            ),
        ];
        for (kind, object) in objects {
            let key = Key::of(&kind.resource, &object);
            world.apply(&Change::found(
                key,
                &Arc::new(Object::of(&Arc::new(object))),
            ));
        }
        world
    }

    #[test]
    fn the_kubelet_says_what_is_missing() {
        let env = |member: &str, name: &str, key: &str, optional: bool| json!({"env": [{"valueFrom": {member: {"name": name, "key": key, "optional": optional}}}]});
        for (container, wanted) in [
            (env("secretKeyRef", "s", "URL", false), None),
            (
                env("secretKeyRef", "s", "KEY", false),
                Some("couldn't find key KEY in Secret n/s"),
            ),
            (
                env("secretKeyRef", "t", "KEY", false),
                Some("secret \"t\" not found"),
            ),
            (env("secretKeyRef", "t", "KEY", true), None),
            (
                env("configMapKeyRef", "m", "b", false),
                Some("couldn't find key b in ConfigMap n/m"),
            ),
            (
                json!({"envFrom": [{"configMapRef": {"name": "x"}}]}),
                Some("configmap \"x\" not found"),
            ),
            (json!({"envFrom": [{"secretRef": {"name": "s"}}]}), None),
        ] {
            let pod = json!({"metadata": {"namespace": "n"}, "spec": {"containers": [container]}});
            assert_eq!(missing_value(&world(), &pod).as_deref(), wanted, "{pod}");
        }
    }

    #[test]
    fn volumes() {
        for (volume, wanted) in [
            (json!({"name": "v", "secret": {"secretName": "s"}}), None),
            (
                json!({"name": "v", "secret": {"secretName": "t"}}),
                Some("secret \"t\" not found"),
            ),
            (
                json!({"name": "v", "configMap": {"name": "m", "items": [{"key": "z"}]}}),
                Some("configmap references non-existent config key: z"),
            ),
            (
                json!({"name": "v", "secret": {"secretName": "s", "items": [{"key": "z"}]}}),
                Some("references non-existent secret key: z"),
            ),
        ] {
            let pod = json!({"metadata": {"namespace": "n"}, "spec": {"volumes": [volume]}});
            let found = missing_volume(&world(), &pod);
            assert_eq!(
                found.as_ref().map(|(_, words)| words.as_str()),
                wanted,
                "{pod}"
            );
        }
    }
}
