//! Volumes for claims, as the disk and file drivers of AKS provide them: no data, but the same life.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::view::{View, annotation, is_being_deleted, list, name, namespace, text};
use super::write::{Target, Write};

const DISK: &str = "disk.csi.azure.com";
const FILE: &str = "file.csi.azure.com";
/// Set by the scheduler on a claim of a class that waits for its first consumer.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

pub(super) fn wanted(view: &View) -> Vec<Write> {
    let claims = view
        .all(Kind::PersistentVolumeClaim)
        .filter(|claim| !is_being_deleted(claim));
    let released = view
        .all(Kind::PersistentVolume)
        .filter(|volume| is_to_be_deleted(volume));
    let deletions =
        released.map(|volume| Write::Delete(Target::of(Kind::PersistentVolume, volume)));
    claims
        .flat_map(|claim| for_claim(view, claim))
        .chain(deletions)
        .collect()
}

fn for_claim(view: &View, claim: &Value) -> Vec<Write> {
    let class = view.get(
        Kind::StorageClass,
        "",
        text(claim, "/spec/storageClassName"),
    );
    let Some(class) = class.filter(|class| matches!(text(class, "/provisioner"), DISK | FILE))
    else {
        return Vec::new();
    };
    match text(claim, "/spec/volumeName") {
        "" if is_due(class, claim) => {
            vec![Write::Create(Kind::PersistentVolume, volume(class, claim))]
        }
        "" => Vec::new(),
        volume => view
            .get(Kind::PersistentVolume, "", volume)
            .map_or_else(Vec::new, |volume| grown(class, claim, volume)),
    }
}

/// A disk can be attached to one node at a time, so its driver refuses a claim for many.
fn is_due(class: &Value, claim: &Value) -> bool {
    let for_many = list(&claim["spec"]["accessModes"])
        .iter()
        .any(|mode| mode == "ReadWriteMany");
    let waits = text(class, "/volumeBindingMode") == "WaitForFirstConsumer";
    !(for_many && text(class, "/provisioner") == DISK)
        && (!waits || annotation(claim, SELECTED_NODE).is_some())
}

fn volume(class: &Value, claim: &Value) -> Value {
    let uid = text(claim, "/metadata/uid");
    json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": { "name": format!("pvc-{uid}"), "annotations": { PROVISIONED_BY: class["provisioner"] } },
        "spec": {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": { "storage": claim["spec"]["resources"]["requests"]["storage"] },
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": namespace(claim),
                "name": name(claim),
                "uid": uid,
            },
            "hostPath": { "path": format!("/var/lib/seedling/{uid}") },
            "persistentVolumeReclaimPolicy": class["reclaimPolicy"],
            "storageClassName": name(class),
            "volumeMode": claim["spec"]["volumeMode"],
        },
    })
}

/// A bound claim that asks for more than it has. (The API server itself refuses one that asks for less.)
fn grown(class: &Value, claim: &Value, volume: &Value) -> Vec<Write> {
    let asked = &claim["spec"]["resources"]["requests"]["storage"];
    let has = &claim["status"]["capacity"]["storage"];
    if has.is_null() || has == asked || class["allowVolumeExpansion"] != true {
        return Vec::new();
    }
    let capacity = json!({ "capacity": { "storage": asked } });
    vec![
        Write::Merge(
            Target::of(Kind::PersistentVolume, volume),
            json!({ "spec": capacity }),
        ),
        Write::Status(Target::of(Kind::PersistentVolumeClaim, claim), capacity),
    ]
}

fn is_to_be_deleted(volume: &Value) -> bool {
    matches!(annotation(volume, PROVISIONED_BY), Some(DISK | FILE))
        && text(volume, "/status/phase") == "Released"
        && text(volume, "/spec/persistentVolumeReclaimPolicy") == "Delete"
        && !is_being_deleted(volume)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(mode: &str, claim: Value) -> View {
        let mut view = View::default();
        let class = json!({ "metadata": { "name": "c" }, "provisioner": DISK, "reclaimPolicy": "Delete", "volumeBindingMode": mode });
        view.insert(Kind::StorageClass, class);
        view.insert(Kind::PersistentVolumeClaim, claim);
        view
    }

    fn claim(annotations: &Value, access: &str) -> Value {
        json!({
            "metadata": { "namespace": "n", "name": "data", "uid": "u", "annotations": annotations },
            "spec": { "storageClassName": "c", "accessModes": [access], "resources": { "requests": { "storage": "1Gi" } } },
        })
    }

    #[test]
    fn a_volume_comes_when_the_class_says_so() {
        let selected = json!({ SELECTED_NODE: "a" });
        for (mode, annotations, access, comes) in [
            ("Immediate", json!({}), "ReadWriteOnce", true),
            ("WaitForFirstConsumer", json!({}), "ReadWriteOnce", false),
            (
                "WaitForFirstConsumer",
                selected.clone(),
                "ReadWriteOnce",
                true,
            ),
            ("WaitForFirstConsumer", selected, "ReadWriteMany", false),
        ] {
            let writes = wanted(&view(mode, claim(&annotations, access)));
            assert_eq!(!writes.is_empty(), comes, "{mode} {access}: {writes:?}");
        }
    }
}
