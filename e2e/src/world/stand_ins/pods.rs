//! Containers whose configuration refers to what is not there. A kubelet does not create them and tries again; kwok looks at no other
//! object, so it is told by the annotations that its stages read.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::view::{View, annotation, is_being_deleted, list, namespace, text};
use super::write::{Target, Write};

/// Read by `e2e/control-plane/stages/pod-config.yaml`.
const MODE: &str = "fail.seedling.dev/mode";
const MESSAGE: &str = "fail.seedling.dev/message";
const CONFIG_ERROR: &str = "config-error";
/// Ours, so that a pod whose author set the mode is left alone.
const MISSING: &str = "fail.seedling.dev/missing";

pub(super) fn wanted(view: &View) -> Vec<Write> {
    let pods = view.all(Kind::Pod).filter(|pod| !is_being_deleted(pod));
    pods.flat_map(|pod| match (missing(view, pod), annotation(pod, MISSING)) {
        (Some(message), None) if annotation(pod, MODE).is_none() && is_new(pod) => {
            hold(pod, &message)
        }
        (None, Some(_)) => release(pod),
        _ => Vec::new(),
    })
    .collect()
}

/// A running container keeps what it was started with.
fn is_new(pod: &Value) -> bool {
    pod["status"]["containerStatuses"].is_null()
}

fn hold(pod: &Value, message: &str) -> Vec<Write> {
    vec![annotate(
        pod,
        &json!({ MODE: CONFIG_ERROR, MESSAGE: message, MISSING: "true" }),
    )]
}

/// Without container states kwok starts the pod as if it were new.
fn release(pod: &Value) -> Vec<Write> {
    vec![
        annotate(pod, &json!({ MODE: null, MESSAGE: null, MISSING: null })),
        Write::Status(
            Target::of(Kind::Pod, pod),
            json!({ "containerStatuses": null }),
        ),
    ]
}

fn annotate(pod: &Value, annotations: &Value) -> Write {
    Write::Merge(
        Target::of(Kind::Pod, pod),
        json!({ "metadata": { "annotations": annotations } }),
    )
}

/// What the first container that cannot be created lacks, in the words of the kubelet (`pkg/kubelet/kubelet_pods.go`,
/// `makeEnvironmentVariables`, and the API server's for an object that is not there).
fn missing(view: &View, pod: &Value) -> Option<String> {
    list(&pod["spec"]["containers"])
        .iter()
        .find_map(|container| {
            let whole = list(&container["envFrom"])
                .iter()
                .flat_map(|source| [("configMapRef", source), ("secretRef", source)]);
            let whole =
                whole.filter_map(|(member, source)| Reference::of(member, &source[member], None));
            let keys = list(&container["env"])
                .iter()
                .map(|variable| &variable["valueFrom"]);
            let keys =
                keys.flat_map(|source| [("configMapKeyRef", source), ("secretKeyRef", source)]);
            let keys = keys.filter_map(|(member, source)| {
                Reference::of(member, &source[member], source[member]["key"].as_str())
            });
            whole
                .chain(keys)
                .find_map(|reference| reference.missing(view, namespace(pod)))
        })
}

struct Reference<'a> {
    kind: Kind,
    name: &'a str,
    key: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// None if there is no such reference, or if it may lead nowhere.
    fn of(member: &str, reference: &'a Value, key: Option<&'a str>) -> Option<Reference<'a>> {
        let kind = if member.starts_with("secret") {
            Kind::Secret
        } else {
            Kind::ConfigMap
        };
        let is_needed = reference.is_object() && reference["optional"] != true;
        is_needed.then(|| Reference {
            kind,
            name: text(reference, "/name"),
            key,
        })
    }

    fn missing(&self, view: &View, namespace: &str) -> Option<String> {
        let Reference { kind, name, key } = self;
        let Some(object) = view.get(*kind, namespace, name) else {
            return Some(format!(
                "{} \"{name}\" not found",
                kind.name().to_lowercase()
            ));
        };
        let has = |key: &str| {
            ["data", "binaryData"]
                .iter()
                .any(|member| !object[member][key].is_null())
        };
        key.filter(|key| !has(key)).map(|key| {
            format!(
                "couldn't find key {key} in {} {namespace}/{name}",
                kind.name()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_held_for_what_is_missing_and_released_when_it_is_there() {
        let pod = |annotations: Value| {
            let reference = json!({ "configMapKeyRef": { "name": "settings", "key": "level" } });
            let container = json!({ "env": [{ "name": "LEVEL", "valueFrom": reference }] });
            json!({ "metadata": { "namespace": "n", "name": "p", "annotations": annotations }, "spec": { "containers": [container] } })
        };
        let settings = |data: Value| json!({ "metadata": { "namespace": "n", "name": "settings" }, "data": data });
        let held = json!({ MODE: CONFIG_ERROR, MISSING: "true" });
        for (annotations, config_map, writes) in [
            (json!({}), None, "configmap \\\"settings\\\" not found"),
            (
                json!({}),
                Some(json!({})),
                "couldn't find key level in ConfigMap n/settings",
            ),
            (json!({}), Some(json!({ "level": "info" })), "[]"),
            (json!({ MODE: "slow" }), None, "[]"),
            (held.clone(), None, "[]"),
            (
                held,
                Some(json!({ "level": "info" })),
                "\"containerStatuses\": Null",
            ),
        ] {
            let mut view = View::default();
            view.insert(Kind::Pod, pod(annotations));
            if let Some(data) = config_map {
                view.insert(Kind::ConfigMap, settings(data));
            }
            let found = format!("{:?}", wanted(&view));
            assert!(found.contains(writes), "{found} has no {writes}");
        }
    }
}
