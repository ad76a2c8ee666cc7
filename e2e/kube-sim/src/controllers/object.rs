//! Reading objects, which are plain JSON here.

use serde_json::{Map, Value, json};

use super::kinds::Kind;

/// The text at a JSON pointer, empty if there is none.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    let found = object.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// The whole number at a JSON pointer.
pub fn number(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer).and_then(Value::as_i64)
}

/// Whether there is `true` at a JSON pointer.
pub fn flag(object: &Value, pointer: &str) -> bool {
    object.pointer(pointer).and_then(Value::as_bool) == Some(true)
}

/// The list at a JSON pointer, empty if there is none.
pub fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    let found = object.pointer(pointer).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

/// The members at a JSON pointer, none if there is no object.
pub fn members<'a>(
    object: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let found = object.pointer(pointer).and_then(Value::as_object);
    found.into_iter().flatten()
}

/// `metadata.name`.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// `metadata.namespace`.
pub fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// `metadata.uid`.
pub fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// `metadata.labels`.
pub fn labels(object: &Value) -> Option<&Map<String, Value>> {
    object["metadata"]["labels"].as_object()
}

/// One annotation.
pub fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["annotations"][name].as_str()
}

/// Whether somebody asked to delete the object.
pub fn terminating(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

/// Whether the object has a finalizer.
pub fn has_finalizer(object: &Value, finalizer: &str) -> bool {
    list(object, "/metadata/finalizers")
        .iter()
        .any(|held| held == finalizer)
}

/// The object without a finalizer.
pub fn without_finalizer(object: &Value, finalizer: &str) -> Value {
    let mut object = object.clone();
    if let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut() {
        finalizers.retain(|held| held != finalizer);
    }
    object
}

/// The owner reference of the controller, if the object has one.
pub fn controller(object: &Value) -> Option<&Value> {
    let owners = list(object, "/metadata/ownerReferences");
    owners.iter().find(|owner| owner["controller"] == true)
}

/// An owner reference to the controller of an object.
pub fn owned_by(owner: &Value, kind: &Kind) -> Value {
    json!({
        "apiVersion": kind.version,
        "kind": kind.title,
        "name": name(owner),
        "uid": uid(owner),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// A condition of the status.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = list(object, "/status/conditions");
    conditions
        .iter()
        .find(|condition| condition["type"] == kind)
}

/// Whether a condition of the status is true.
pub fn holds(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// A number as Go's JSON leaves it out: null where it is zero.
pub fn unless_zero(number: i64) -> Value {
    if number == 0 {
        Value::Null
    } else {
        number.into()
    }
}

/// The object without members that are null.
pub fn without_nulls(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_things_are_empty() {
        let object = json!({"metadata": {"name": "a"}});
        assert_eq!(name(&object), "a");
        assert_eq!(uid(&object), "");
        assert!(controller(&object).is_none() && !terminating(&object));
        assert!(list(&object, "/spec/containers").is_empty());
    }

    #[test]
    fn a_finalizer_goes() {
        let object = json!({"metadata": {"finalizers": ["orphan", "x/y"]}});
        assert!(has_finalizer(&object, "orphan"));
        assert_eq!(
            without_finalizer(&object, "orphan"),
            json!({"metadata": {"finalizers": ["x/y"]}})
        );
    }
}
