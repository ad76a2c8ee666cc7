//! `DefaultStorageClass` and `StorageObjectInUseProtection`.

use serde_json::{Value, json};

use crate::api::Server;
use crate::store::Resource;

const CLASSES: Resource = Resource::new("storage.k8s.io", "storageclasses");
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

pub(super) fn add(server: &Server, object: &mut Value) {
    let is_claim = object["kind"] == "PersistentVolumeClaim";
    if is_claim && object["spec"]["storageClassName"].is_null() {
        let (classes, _) = server.store().list(&CLASSES, None);
        let default = classes
            .iter()
            .find(|class| class["metadata"]["annotations"][DEFAULT] == "true");
        match default {
            Some(class) => object["spec"]["storageClassName"] = class["metadata"]["name"].clone(),
            None => {
                object["spec"]
                    .as_object_mut()
                    .map(|spec| spec.remove("storageClassName"));
            }
        }
    }
    let finalizer = if is_claim {
        "kubernetes.io/pvc-protection"
    } else {
        "kubernetes.io/pv-protection"
    };
    let mut finalizers = object["metadata"]["finalizers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if !finalizers.iter().any(|one| one == finalizer) {
        finalizers.push(json!(finalizer));
    }
    object["metadata"]["finalizers"] = finalizers.into();
}
