//! What the server warns of in objects of definitions, after `apiextensions-apiserver/pkg/registry/customresource/strategy.go`: new
//! finalizers that others may have chosen too. Kinds of the server's own are refused instead.

use serde_json::Value;

use crate::api::Call;

pub(super) fn warn(call: &Call, live: Option<&Value>, object: &Value) {
    if !call.kind.is_custom() {
        return;
    }
    let known = live.map(finalizers).unwrap_or_default();
    for name in finalizers(object) {
        if !name.contains('/') && !known.contains(&name) {
            call.warn(format!(
                "metadata.finalizers: {name:?}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"
            ));
        }
    }
}

fn finalizers(object: &Value) -> Vec<&str> {
    let list = object["metadata"]["finalizers"].as_array();
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
