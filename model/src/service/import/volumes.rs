//! Live volumes as `files`, `scratch` and `storage`. Others are left over, see [`super::leftovers`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::{LiveObjects, list};
use crate::{
    Arg, Object,
    service::{
        Args,
        parts::{Scratch, Storage},
    },
};

pub(super) fn read(live: &LiveObjects<'_>, args: &mut Args, guesses: &mut Vec<String>) {
    let (mut files, mut scratch, mut storage) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (mount, volume) in mounted(live) {
        let path = mount["mountPath"].as_str().unwrap_or_default().to_owned();
        if let Some(config_map) = config_map_of(volume, live) {
            files.extend(files_in(&path, mount, volume, config_map));
        } else if volume.get("emptyDir").is_some() {
            scratch.insert(path, Arg::Given(scratch_of(&volume["emptyDir"])));
        } else if let Some(claim) = claim_of(volume, live) {
            storage.insert(path, Arg::Given(storage_of(claim, guesses)));
        }
    }
    args.files = unless_empty(files);
    args.scratch = unless_empty(scratch);
    args.storage = unless_empty(storage);
}

/// Whether an argument can express a volume as it is mounted.
pub(super) fn is_read(mount: &Value, volume: &Value, live: &LiveObjects<'_>) -> bool {
    let whole = mount["subPath"].is_null() && mount["subPathExpr"].is_null();
    config_map_of(volume, live).is_some()
        || (whole && (volume.get("emptyDir").is_some() || claim_of(volume, live).is_some()))
}

/// The program's mounts that an argument can express, each with its volume.
fn mounted<'a>(live: &'a LiveObjects<'_>) -> Vec<(&'a Value, &'a Value)> {
    let pairs = list(&live.container()["volumeMounts"])
        .iter()
        .filter_map(|mount| Some((mount, volume_of(mount, live)?)));
    pairs
        .filter(|(mount, volume)| is_read(mount, volume, live))
        .collect()
}

pub(super) fn volume_of<'a>(mount: &Value, live: &'a LiveObjects<'_>) -> Option<&'a Value> {
    list(&live.pod()["volumes"])
        .iter()
        .find(|volume| volume["name"] == mount["name"])
}

fn config_map_of<'a>(volume: &Value, live: &'a LiveObjects<'_>) -> Option<&'a Object> {
    live.config_map(volume.pointer("/configMap/name")?.as_str()?)
}

fn claim_of<'a>(volume: &Value, live: &'a LiveObjects<'_>) -> Option<&'a Object> {
    let name = volume
        .pointer("/persistentVolumeClaim/claimName")?
        .as_str()?;
    live.claims.iter().find(|claim| claim.name() == name)
}

/// The files of a mounted ConfigMap: one by `subPath`, or each key or item below the mount.
fn files_in(
    path: &str,
    mount: &Value,
    volume: &Value,
    config_map: &Object,
) -> Vec<(String, Arg<String>)> {
    let data = config_map.at("/data");
    let items: Vec<(&str, &str)> = match list(&volume["configMap"]["items"]) {
        [] => data
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| (key.as_str(), key.as_str()))
            .collect(),
        items => items
            .iter()
            .filter_map(|item| Some((item["key"].as_str()?, item["path"].as_str()?)))
            .collect(),
    };
    let content = |key: &str| data[key].as_str().map(Arg::from);
    match mount["subPath"].as_str() {
        Some(sub_path) => items
            .iter()
            .filter(|(_, file)| *file == sub_path)
            .filter_map(|(key, _)| Some((path.to_owned(), content(key)?)))
            .collect(),
        None => items
            .iter()
            .filter_map(|(key, file)| Some((format!("{path}/{file}"), content(key)?)))
            .collect(),
    }
}

fn scratch_of(empty_dir: &Value) -> Scratch {
    Scratch {
        size: empty_dir["sizeLimit"].as_str().map(str::to_owned).into(),
        memory: (empty_dir["medium"] == "Memory").then_some(true).into(),
    }
}

fn storage_of(claim: &Object, guesses: &mut Vec<String>) -> Storage {
    let shared = list(claim.at("/spec/accessModes"))
        .iter()
        .any(|mode| mode == "ReadWriteMany");
    guesses.push(format!(
        "The claim {} is kept when the service is destroyed, unless `on_destroy` says otherwise.",
        claim.name()
    ));
    Storage {
        size: claim
            .at("/spec/resources/requests/storage")
            .as_str()
            .map(str::to_owned)
            .into(),
        class: claim
            .at("/spec/storageClassName")
            .as_str()
            .map(str::to_owned)
            .into(),
        access: shared.then(|| "shared".to_owned()).into(),
        claim: claim.name().into(),
        on_destroy: Arg::Absent,
    }
}

fn unless_empty<T>(map: BTreeMap<String, T>) -> Arg<BTreeMap<String, T>> {
    (!map.is_empty()).then_some(map).into()
}
