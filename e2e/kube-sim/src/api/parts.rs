//! Which parts of an object a write may change, and whether it changed any.

use serde_json::Value;

use super::Call;

/// Metadata that only the server writes.
pub(super) fn keep_metadata(live: &Value, object: &mut Value) {
    let server_side = [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "resourceVersion",
        "selfLink",
        "generateName",
        "namespace",
    ];
    for member in server_side {
        match live["metadata"].get(member) {
            Some(value) => object["metadata"][member] = value.clone(),
            None => {
                object["metadata"]
                    .as_object_mut()
                    .map(|metadata| metadata.remove(member));
            }
        }
    }
}

/// Each endpoint writes its part: the status its status, the object the rest.
pub(super) fn restrict(call: &Call, live: &Value, object: &mut Value) {
    let has_status = call.kind.subresource("status").is_some();
    match call.subresource.as_str() {
        "" if has_status => copy(live, object, "status"),
        "status" => {
            let (status, owners) = (
                object.get("status").cloned(),
                object["metadata"]["managedFields"].clone(),
            );
            let finalizers = object["metadata"].get("finalizers").cloned();
            let annotations = object["metadata"].get("annotations").cloned();
            *object = live.clone();
            match status {
                Some(status) => object["status"] = status,
                None => {
                    object.as_object_mut().map(|object| object.remove("status"));
                }
            }
            object["metadata"]["managedFields"] = owners;
            // Controllers write annotations with the status; for custom kinds nobody can.
            if let (Some(annotations), false) = (annotations, call.kind.is_custom()) {
                object["metadata"]["annotations"] = annotations;
            }
            if let (Some(finalizers), "Pod") = (finalizers, call.kind.kind.as_str()) {
                object["metadata"]["finalizers"] = finalizers;
            }
        }
        _ => {}
    }
}

fn copy(from: &Value, to: &mut Value, member: &str) {
    match from.get(member) {
        Some(value) => to[member] = value.clone(),
        None => {
            to.as_object_mut().map(|object| object.remove(member));
        }
    }
}

/// Whether nothing differs but times of owners, which alone are no change.
pub(super) fn same(live: &Value, object: &Value) -> bool {
    alike(live, object, "metadata", |live, object| {
        alike(live, object, "managedFields", |live, object| {
            let (live, object) = (items(live), items(object));
            let mut pairs = live.iter().zip(object);
            live.len() == object.len()
                && pairs.all(|(live, object)| alike(live, object, "time", |_, _| true))
        })
    })
}

/// Whether two objects are equal, of which one member is compared in its own way; absent is `null` there.
fn alike(
    one: &Value,
    other: &Value,
    special: &str,
    equal: impl Fn(&Value, &Value) -> bool,
) -> bool {
    let (Some(members), Some(others)) = (one.as_object(), other.as_object()) else {
        return one == other;
    };
    let rest = |members: &'_ serde_json::Map<String, Value>| {
        members.len() - usize::from(members.contains_key(special))
    };
    rest(members) == rest(others)
        && members
            .iter()
            .all(|(name, member)| name == special || others.get(name) == Some(member))
        && equal(&one[special], &other[special])
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}
