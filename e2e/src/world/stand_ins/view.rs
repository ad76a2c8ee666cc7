//! What is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::kinds::Kind;

/// Namespace (empty for objects of the whole cluster) and name.
pub(super) type Key = (String, String);

/// All objects of the kinds that are watched, as they were at one moment.
#[derive(Clone, Default)]
pub(super) struct View {
    objects: BTreeMap<Kind, BTreeMap<Key, Arc<Value>>>,
}

impl View {
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &Value> {
        self.objects
            .get(&kind)
            .into_iter()
            .flat_map(BTreeMap::values)
            .map(|object| &**object)
    }

    pub fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Value> {
        self.objects
            .get(&kind)?
            .get(&(namespace.to_owned(), name.to_owned()))
            .map(|object| &**object)
    }

    pub fn insert(&mut self, kind: Kind, object: Value) {
        self.objects
            .entry(kind)
            .or_default()
            .insert(key(&object), Arc::new(object));
    }

    pub fn remove(&mut self, kind: Kind, object: &Value) {
        if let Some(objects) = self.objects.get_mut(&kind) {
            objects.remove(&key(object));
        }
    }

    /// Replaces all objects of a kind.
    pub fn replace(&mut self, kind: Kind, objects: Vec<Value>) {
        self.objects.insert(
            kind,
            objects
                .into_iter()
                .map(|object| (key(&object), Arc::new(object)))
                .collect(),
        );
    }
}

fn key(object: &Value) -> Key {
    (namespace(object).to_owned(), name(object).to_owned())
}

pub(super) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

pub(super) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

pub(super) fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["annotations"][name].as_str()
}

pub(super) fn is_being_deleted(object: &Value) -> bool {
    !object["metadata"]["deletionTimestamp"].is_null()
}

/// The elements of a list; none if there is no list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
