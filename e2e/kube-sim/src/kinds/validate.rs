//! Values that the real server refuses, in its words. Bounded: what the recordings and the product's own checks lean on.

mod custom;
mod limits;
mod pod;
mod single;
mod workload;

use serde_json::Value;

use super::names::{dns_label, dns_subdomain, label_value, qualified_name};
use crate::api::{Call, Cause, Status};
use crate::discovery::Kind;

/// What is wrong with an object.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Cause>);

impl Faults {
    fn push(&mut self, cause: Cause) {
        self.0.push(cause);
    }

    /// Adds a refusal of a text if there is a reason.
    fn text(&mut self, field: impl Into<String>, value: &Value, why: Option<String>) {
        if let Some(why) = why {
            self.push(Cause::invalid(field, value, &why));
        }
    }

    /// The refusal of a request, if anything is wrong.
    pub fn refuse(self, call: &Call, object: &Value) -> Result<(), Status> {
        if self.0.is_empty() {
            return Ok(());
        }
        let name = object["metadata"]["name"].as_str().unwrap_or(&call.name);
        let group = &call.kind.resource.group;
        Err(Status::invalid(group, &call.kind.kind, name, &self.0))
    }
}

/// Checks a new state; `live` is the one it replaces.
pub fn validate(kind: &Kind, live: Option<&Value>, object: &Value) -> Faults {
    let mut faults = Faults::default();
    metadata(kind, live.is_some(), object, &mut faults);
    if kind.is_custom() {
        custom::validate(kind.schema(), live, object, &mut faults);
        return faults;
    }
    match kind.kind.as_str() {
        "Deployment" | "ReplicaSet" => workload::validate(kind, live, object, &mut faults),
        "Pod" => pod::validate(live, object, &mut faults),
        _ => single::validate(kind, live, object, &mut faults),
    }
    faults
}

/// Finalizers without a domain that the server itself uses.
const STANDARD_FINALIZERS: [&str; 3] = ["foregroundDeletion", "kubernetes", "orphan"];

fn labels(labels: &Value, faults: &mut Faults) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        faults.text("metadata.labels", &key.as_str().into(), qualified_name(key));
        faults.text("metadata.labels", value, label_value(text(value)));
    }
}

fn metadata(kind: &Kind, is_update: bool, object: &Value, faults: &mut Faults) {
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    if name.is_empty() {
        faults.push(Cause::required(
            "metadata.name",
            "name or generateName is required",
        ));
    } else {
        let why = match kind.kind.as_str() {
            "Namespace" | "Service" => dns_label(name),
            // Names of rules are path segments.
            "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => {
                (name == "." || name == ".." || name.contains(['/', '%']))
                    .then(|| "may not contain '/' or '%'".to_owned())
            }
            _ => dns_subdomain(name),
        };
        faults.text("metadata.name", &metadata["name"], why);
    }
    // The general rules of an update look at labels, and so do the kind's own: each fault is told again.
    let (times_labels, times_finalizers) = match kind.kind.as_str() {
        _ if !is_update || kind.is_custom() => (1, 1),
        "Service" | "Deployment" => (3, 1),
        _ => (4, 2),
    };
    for _ in 0..times_labels {
        labels(&metadata["labels"], faults);
    }
    for _ in 0..times_finalizers {
        finalizers(&metadata["finalizers"], kind.is_custom(), faults);
    }
    annotations(&metadata["annotations"], faults);
}

fn finalizers(list: &Value, is_custom: bool, faults: &mut Faults) {
    for (index, finalizer) in items(list) {
        let name = text(finalizer);
        let field = format!("metadata.finalizers[{index}]");
        if let Some(why) = qualified_name(name) {
            faults.push(Cause::invalid(field, finalizer, &why));
        } else if !is_custom && !name.contains('/') && !STANDARD_FINALIZERS.contains(&name) {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            faults.push(Cause::invalid(field, finalizer, why));
        }
    }
}

fn annotations(annotations: &Value, faults: &mut Faults) {
    let mut size = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        faults.text(
            "metadata.annotations",
            &key.as_str().into(),
            qualified_name(&key.to_lowercase()),
        );
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > 262_144 {
        faults.push(Cause {
            reason: "FieldValueTooLong",
            message: "Too long: may not be more than 262144 bytes".to_owned(),
            field: "metadata.annotations".to_owned(),
        });
    }
}

/// The members of a list.
fn items(list: &Value) -> impl Iterator<Item = (usize, &Value)> {
    list.as_array().into_iter().flatten().enumerate()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn immutable(live: Option<&Value>, object: &Value, path: &[&str], faults: &mut Faults) {
    let Some(live) = live else { return };
    let at = |object: &'_ Value| {
        path.iter()
            .fold(object.clone(), |value, step| value[*step].clone())
    };
    if at(live) != at(object) {
        faults.push(Cause::invalid(
            path.join("."),
            &at(object),
            "field is immutable",
        ));
    }
}
