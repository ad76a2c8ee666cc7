//! A Kubernetes object as it is applied.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A Kubernetes object in JSON, holding only the fields that follow from the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(pub Value);

impl Object {
    /// An object with its type and name and nothing else.
    pub fn new(api_version: &str, kind: &str, namespace: Option<&str>, name: &str) -> Self {
        let mut metadata = json!({ "name": name });
        if let Some(namespace) = namespace {
            metadata["namespace"] = namespace.into();
        }
        Self(json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata }))
    }

    /// The same object with these labels.
    #[must_use]
    pub fn labelled(mut self, labels: &BTreeMap<String, String>) -> Self {
        for (key, value) in labels {
            self.set_metadata("labels", key, value);
        }
        self
    }

    /// The same object with the top-level member `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Object(members) = &mut self.0 {
            members.insert(name.to_owned(), value);
        }
        self
    }

    /// The API group and version, such as `apps/v1`.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// The kind, such as `Deployment`.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// The namespace; none for cluster-wide objects.
    pub fn namespace(&self) -> Option<&str> {
        self.0
            .pointer("/metadata/namespace")
            .and_then(Value::as_str)
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// The uid, of an object that the server answered.
    pub fn uid(&self) -> Option<&str> {
        self.0.pointer("/metadata/uid").and_then(Value::as_str)
    }

    /// The labels, as they stand in the JSON.
    pub fn labels(&self) -> Option<&Map<String, Value>> {
        self.0
            .pointer("/metadata/labels")
            .and_then(Value::as_object)
    }

    /// The value of one label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels()?.get(key)?.as_str()
    }

    /// The value of one annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.0.pointer("/metadata/annotations")?.get(key)?.as_str()
    }

    /// Sets an annotation, such as the intent or the unfinished mark.
    pub fn annotate(&mut self, key: &str, value: &str) {
        self.set_metadata("annotations", key, value);
    }

    /// The value at a JSON pointer; null where there is none.
    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    fn set_metadata(&mut self, map: &str, key: &str, value: &str) {
        self.0["metadata"][map][key] = value.into();
    }

    fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }
}

/// The objects that follow from a resource's arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// In the order they are written; they are deleted in reverse.
    pub objects: Vec<Object>,
}

impl Rendered {
    /// The object of this kind, where a resource has at most one.
    pub fn of_kind(&self, kind: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.kind() == kind)
    }
}

/// Leaves out members that are null: rendering writes what is not configured as null, and what is not configured
/// must not be owned.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, member)| !member.is_null())
                .map(|(name, member)| (name, without_nulls(member)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Shows JSON as YAML, for snapshots. By way of text, because numbers of any precision have a private form in serde.
#[cfg(test)]
pub(crate) fn yaml(value: &Value) -> String {
    let value: serde_yaml_ng::Value = serde_yaml_ng::from_str(&value.to_string()).unwrap();
    serde_yaml_ng::to_string(&value).unwrap()
}
