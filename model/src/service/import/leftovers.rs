//! What no argument expresses goes into `pod_patch`, so that taking over a Deployment loses nothing silently.

use serde_json::{Map, Value, json};

use super::{LiveObjects, list, volumes};
use crate::service::Args;

/// Members of a pod that are kept as they are, with the value that means nothing special.
const KEPT: [(&str, &str); 8] = [
    ("serviceAccountName", "default"),
    ("hostNetwork", ""),
    ("hostPID", ""),
    ("dnsPolicy", "ClusterFirst"),
    ("dnsConfig", ""),
    ("hostAliases", ""),
    ("priorityClassName", ""),
    ("runtimeClassName", ""),
];

/// The patch as JSON; nothing where nothing is left over.
pub(super) fn pod_patch(
    live: &LiveObjects<'_>,
    args: &Args,
    guesses: &mut Vec<String>,
) -> Option<String> {
    let mut spec = kept_members(live);
    let beside = beside(live);
    if !beside.is_empty() {
        spec.insert("containers".into(), beside.into());
    }
    let before = list(&live.pod()["initContainers"]);
    if !before.is_empty() {
        spec.insert("initContainers".into(), before.to_vec().into());
    }
    add_volumes(live, args, &mut spec);
    let metadata = metadata(live);
    let mut patch = Map::new();
    if !spec.is_empty() {
        guesses.push(format!(
            "`pod_patch` keeps what no argument says: {}.",
            spec.keys().cloned().collect::<Vec<_>>().join(", ")
        ));
        patch.insert("spec".into(), spec.into());
    }
    if !metadata.is_empty() {
        patch.insert("metadata".into(), metadata.into());
    }
    (!patch.is_empty()).then(|| Value::Object(patch).to_string())
}

fn kept_members(live: &LiveObjects<'_>) -> Map<String, Value> {
    let pod = live.pod();
    let special =
        |value: &Value, plain: &str| !value.is_null() && *value != *plain && *value != false;
    let mut kept: Map<String, Value> = KEPT
        .into_iter()
        .filter(|(name, plain)| special(&pod[name], plain))
        .map(|(name, _)| (name.to_owned(), pod[name].clone()))
        .collect();
    // A program with an account of its own most likely talks to the API server.
    if kept.contains_key("serviceAccountName") {
        let mounted = pod["automountServiceAccountToken"]
            .as_bool()
            .unwrap_or(true);
        kept.insert("automountServiceAccountToken".into(), mounted.into());
    }
    kept
}

/// The containers beside the program's.
fn beside(live: &LiveObjects<'_>) -> Vec<Value> {
    let program = &live.container()["name"];
    list(&live.pod()["containers"])
        .iter()
        .filter(|container| container["name"] != *program)
        .cloned()
        .collect()
}

/// Mounts of the program without an argument, with their volumes, and the volumes of kept containers.
fn add_volumes(live: &LiveObjects<'_>, args: &Args, spec: &mut Map<String, Value>) {
    let mounts = list(&live.container()["volumeMounts"]).iter();
    let mounts: Vec<Value> = mounts
        .filter(|mount| {
            volumes::volume_of(mount, live)
                .is_some_and(|volume| !volumes::is_read(mount, volume, live))
        })
        .cloned()
        .collect();
    let kept = ["containers", "initContainers"]
        .into_iter()
        .filter_map(|name| spec.get(name))
        .flat_map(list);
    let kept_mounts: Vec<&Value> = kept
        .flat_map(|container| list(&container["volumeMounts"]))
        .collect();
    let needed = |volume: &&Value| {
        mounts
            .iter()
            .chain(kept_mounts.iter().copied())
            .any(|mount| mount["name"] == volume["name"])
    };
    let volumes: Vec<Value> = list(&live.pod()["volumes"])
        .iter()
        .filter(needed)
        .cloned()
        .collect();
    if !volumes.is_empty() {
        spec.insert("volumes".into(), volumes.into());
    }
    if !mounts.is_empty() {
        let program = json!({ "name": args.name.text(), "volumeMounts": mounts });
        let containers = spec.entry("containers").or_insert_with(|| json!([]));
        if let Value::Array(containers) = containers {
            containers.insert(0, program);
        }
    }
}

/// Annotations and labels of the pods, without those that tools write for themselves.
fn metadata(live: &LiveObjects<'_>) -> Map<String, Value> {
    let template = live.deployment.at("/spec/template/metadata");
    let annotations = template["annotations"].as_object().into_iter().flatten();
    let annotations: Map<String, Value> = annotations
        .filter(|(key, _)| !key.starts_with("kubectl.kubernetes.io/"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut metadata = Map::new();
    if !annotations.is_empty() {
        metadata.insert("annotations".into(), annotations.into());
    }
    let selector = live.deployment.at("/spec/selector/matchLabels");
    let labels = template["labels"].as_object().into_iter().flatten();
    let labels: Map<String, Value> = labels
        .filter(|(key, _)| selector.get(key).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !labels.is_empty() {
        metadata.insert("labels".into(), labels.into());
    }
    metadata
}
