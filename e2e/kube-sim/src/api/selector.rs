//! Label and field selectors.

use serde_json::Value;

use super::status::Status;
use crate::store::{Object, Resource};

/// What is chosen.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<(Vec<String>, bool, String)>,
}

#[derive(Clone, Debug)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Has(String),
    HasNot(String),
}

impl Selector {
    /// Reads both texts. Field selectors that the real server does not have for the resource are refused in its words.
    pub fn parse(resource: &Resource, labels: &str, fields: &str) -> Result<Selector, Status> {
        let labels = split(labels).into_iter().map(|text| requirement(&text));
        Ok(Selector {
            labels: labels.collect::<Result<_, _>>()?,
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
        self.labels.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => {
                label(key).is_some_and(|value| values.iter().any(|one| one == value))
            }
            Requirement::NotIn(key, values) => {
                label(key).is_none_or(|value| values.iter().all(|one| one != value))
            }
            Requirement::Has(key) => label(key).is_some(),
            Requirement::HasNot(key) => label(key).is_none(),
        })
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

/// Splits at commas that are not in parentheses.
fn split(text: &str) -> Vec<String> {
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn requirement(text: &str) -> Result<Requirement, Status> {
    let text = text.trim();
    let list = |values: &str| -> Vec<String> {
        let values = values.trim().trim_start_matches('(').trim_end_matches(')');
        values
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect()
    };
    if let Some((key, values)) = text.split_once(" notin ") {
        return Ok(Requirement::NotIn(key.trim().to_owned(), list(values)));
    }
    if let Some((key, values)) = text.split_once(" in ") {
        return Ok(Requirement::In(key.trim().to_owned(), list(values)));
    }
    if text.contains("===") {
        let why = "unable to parse requirement: found '=', expected: identifier";
        return Err(Status::bad_request(why));
    }
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Requirement::NotIn(key.trim().to_owned(), one(value)));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(Requirement::In(key.trim().to_owned(), one(value)));
    }
    let (key, absent) = match text.strip_prefix('!') {
        Some(key) => (key.trim(), true),
        None => (text, false),
    };
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(Status::bad_request(format!(
            "unable to parse requirement: {text:?} is no label selector"
        )));
    }
    let key = key.to_owned();
    Ok(if absent {
        Requirement::HasNot(key)
    } else {
        Requirement::Has(key)
    })
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
    for term in split(text) {
        let (field, equal, value) = if let Some((field, value)) = term.split_once("!=") {
            (field, false, value)
        } else if let Some((field, value)) = term.split_once("==").or_else(|| term.split_once('='))
        {
            (field, true, value)
        } else {
            return Err(Status::bad_request(format!(
                "invalid selector: '{text}'; can't understand '{term}'"
            )));
        };
        if !["metadata.name", "metadata.namespace"].contains(&field)
            && !known(resource).contains(&field)
        {
            return Err(Status::bad_request(if known(resource).is_empty() {
                format!(
                    "{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                )
            } else {
                format!("field label not supported: {field}")
            }));
        }
        let path = match field {
            "source" => vec!["source".to_owned(), "component".to_owned()],
            other => other.split('.').map(str::to_owned).collect(),
        };
        terms.push((path, equal, value.to_owned()));
    }
    Ok(terms)
}
