//! PersistentVolumeClaims.

use serde_json::json;

use super::Factory;
use crate::{
    Object, labels, quantity,
    service::{claim_name, parts::Storage},
};

pub(super) fn render(new: &Factory) -> Vec<Object> {
    let storage = new.args.storage.given().into_iter().flatten();
    storage
        .filter_map(|(path, storage)| Some(claim(new, path, storage.given()?)))
        .collect()
}

fn claim(new: &Factory, path: &str, storage: &Storage) -> Object {
    let shared = storage.access.text() == "shared";
    let class = storage.class.text_or(if shared {
        "azurefile-csi"
    } else {
        "managed-csi"
    });
    let mut claim = new.object(
        "v1",
        "PersistentVolumeClaim",
        &claim_name(new.args, path, storage),
    );
    claim.annotate(labels::ON_DESTROY, storage.on_destroy.text_or("retain"));
    claim.with(
        "spec",
        json!({
            "accessModes": [if shared { "ReadWriteMany" } else { "ReadWriteOnce" }],
            "storageClassName": class,
            "resources": { "requests": { "storage": quantity::canonical(storage.size.text()) } }
        }),
    )
}
