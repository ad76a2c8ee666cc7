//! Label and field selectors.

mod fields;
mod labels;

use serde_json::Value;

use labels::Requirement;

use super::status::Status;
use crate::store::{Object, Resource};

/// What is chosen.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<(Vec<String>, bool, String)>,
}

impl Selector {
    /// Reads both texts. Field selectors that the real server does not have for the resource are refused in its words.
    pub fn parse(resource: &Resource, labels: &str, fields: &str) -> Result<Selector, Status> {
        Ok(Selector {
            labels: labels::parse(labels).map_err(Status::bad_request)?,
            fields: field_terms(resource, fields)?,
        })
    }

    /// Whether an object is chosen.
    pub fn chooses(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        self.has_labels(|key| labels.get(key).and_then(Value::as_str)) && self.has_fields(object)
    }

    /// The same for an object as it is kept, which is looked into only if it must be.
    pub fn chooses_kept(&self, object: &Object) -> bool {
        self.has_labels(|key| object.label(key))
            && (self.fields.is_empty() || self.has_fields(&object.tree()))
    }

    fn has_labels<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.labels
            .iter()
            .all(|requirement| requirement.holds(&label))
    }

    fn has_fields(&self, object: &Value) -> bool {
        self.fields.iter().all(|(path, equal, wanted)| {
            let found = path.iter().try_fold(object, |value, step| value.get(step));
            let text = match found {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Bool(flag)) => flag.to_string(),
                Some(Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            (text == *wanted) == *equal
        })
    }
}

/// Fields by which the real server selects, besides name and namespace.
fn known(resource: &Resource) -> &'static [&'static str] {
    match (&*resource.group, &*resource.plural) {
        ("", "pods") => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        ("", "events") => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        ("", "namespaces") => &["status.phase"],
        ("", "nodes") => &["spec.unschedulable"],
        ("", "secrets") => &["type"],
        ("", "services") => &["spec.clusterIP", "spec.type"],
        ("apps", "replicasets") => &["status.replicas"],
        _ => &[],
    }
}

fn field_terms(
    resource: &Resource,
    text: &str,
) -> Result<Vec<(Vec<String>, bool, String)>, Status> {
    let mut terms = Vec::new();
    for (field, equal, value) in fields::parse(text).map_err(Status::bad_request)? {
        if !["metadata.name", "metadata.namespace"].contains(&field.as_str())
            && !known(resource).contains(&field.as_str())
        {
            return Err(Status::bad_request(if known(resource).is_empty() {
                format!(
                    "{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                )
            } else {
                format!("field label not supported: {field}")
            }));
        }
        let path = match field.as_str() {
            "source" => vec!["source".to_owned(), "component".to_owned()],
            other => other.split('.').map(str::to_owned).collect(),
        };
        terms.push((path, equal, value));
    }
    Ok(terms)
}
