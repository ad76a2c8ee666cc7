//! Volumes and where they are mounted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Names;
use crate::{
    quantity,
    service::{
        Args, claim_name,
        parts::Scratch,
        paths::{data_key, slug},
    },
};

const CONFIG_FILES: &str = "config-files";
const SECRET_FILES: &str = "secret-files";

/// The pod's volumes.
pub(super) fn volumes(args: &Args, names: &Names) -> Vec<Value> {
    let mut volumes = Vec::new();
    if has_files(args) {
        volumes.push(json!({ "name": CONFIG_FILES, "configMap": { "name": names.config_map } }));
    }
    if secret_files(names).next().is_some() {
        volumes.push(json!({ "name": SECRET_FILES, "secret": { "secretName": names.secret } }));
    }
    for (path, scratch) in args.scratch.given().into_iter().flatten() {
        if let Some(scratch) = scratch.given() {
            volumes.push(json!({ "name": scratch_volume(path), "emptyDir": empty_dir(scratch) }));
        }
    }
    for (path, storage) in args.storage.given().into_iter().flatten() {
        if let Some(storage) = storage.given() {
            let claim = json!({ "claimName": claim_name(args, path, storage) });
            volumes.push(json!({ "name": storage_volume(path), "persistentVolumeClaim": claim }));
        }
    }
    volumes
}

/// The program's mounts: path → entry. Files are mounted one by one (`subPath`), so that other files of the image
/// in the same folder stay visible.
pub(super) fn mounts(args: &Args, names: &Names) -> BTreeMap<String, Value> {
    let files = args.files.given().into_iter().flat_map(BTreeMap::keys);
    let files = files.map(|path| (path.clone(), file_mount(CONFIG_FILES, path)));
    let secret = secret_files(names).map(|path| (path.clone(), file_mount(SECRET_FILES, path)));
    let scratch = args.scratch.given().into_iter().flat_map(BTreeMap::keys);
    let scratch = scratch.map(|path| {
        (
            path.clone(),
            json!({ "name": scratch_volume(path), "mountPath": path }),
        )
    });
    let storage = args.storage.given().into_iter().flat_map(BTreeMap::keys);
    let storage = storage.map(|path| {
        (
            path.clone(),
            json!({ "name": storage_volume(path), "mountPath": path }),
        )
    });
    files.chain(secret).chain(scratch).chain(storage).collect()
}

fn has_files(args: &Args) -> bool {
    args.files.given().is_some_and(|files| !files.is_empty())
}

fn secret_files(names: &Names) -> impl Iterator<Item = &String> {
    names.secret_keys.iter().filter(|key| key.starts_with('/'))
}

fn file_mount(volume: &str, path: &str) -> Value {
    json!({ "name": volume, "mountPath": path, "subPath": data_key(path), "readOnly": true })
}

fn scratch_volume(path: &str) -> String {
    format!("scratch-{}", slug(path))
}

fn storage_volume(path: &str) -> String {
    format!("storage-{}", slug(path))
}

fn empty_dir(scratch: &Scratch) -> Value {
    json!({
        "sizeLimit": scratch.size.given().map(|size| quantity::canonical(size)),
        "medium": scratch.memory.or(false).then_some("Memory"),
    })
}
