//! The fields of an object that the provider owns, read from its `managedFields`.

use serde_json::{Map, Value};

use super::objects::is_ours;

/// One step from an object to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member.
    Field(String),
    /// The item of a list whose members have these values.
    Key(Map<String, Value>),
    /// The item of a list that is this value.
    Item(Value),
}

/// Where a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(pub Vec<Step>);

impl std::fmt::Display for FieldPath {
    /// `spec.template.spec.containers[api].image`, `metadata.labels[app.kubernetes.io/name]`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if name.contains(['.', '/']) => write!(f, "[{name}]")?,
                Step::Field(name) if position == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Key(key) => {
                    let values: Vec<String> = key.values().map(plain).collect();
                    write!(f, "[{}]", values.join(" "))?;
                }
                Step::Item(item) => write!(f, "[{}]", plain(item))?,
            }
        }
        Ok(())
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl FieldPath {
    /// The value there.
    pub fn get<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(object, |here, step| match step {
            Step::Field(name) => here.get(name),
            Step::Key(key) => here.as_array()?.iter().find(|item| has(item, key)),
            Step::Item(wanted) => here.as_array()?.iter().find(|item| *item == wanted),
        })
    }

    /// Puts a value there, or removes what is there. Does nothing if the way to it does not exist.
    pub fn set(&self, object: &mut Value, value: Option<Value>) {
        let Some((last, way)) = self.0.split_last() else {
            return;
        };
        let Some(parent) = enter(object, way) else {
            return;
        };
        match (last, value) {
            (Step::Field(name), Some(value)) => {
                if let Some(members) = parent.as_object_mut() {
                    members.insert(name.clone(), value);
                }
            }
            (Step::Field(name), None) => {
                if let Some(members) = parent.as_object_mut() {
                    members.remove(name);
                }
            }
            (step, value) => {
                let Some(items) = parent.as_array_mut() else {
                    return;
                };
                let Some(at) = items.iter().position(|item| matches(item, step)) else {
                    return;
                };
                match value {
                    Some(value) => items[at] = value,
                    None => drop(items.remove(at)),
                }
            }
        }
    }

    /// Whether it is a member that tells items of a list apart: changing it makes another item.
    pub fn is_key(&self) -> bool {
        match self.0.as_slice() {
            [.., Step::Key(key), Step::Field(name)] => key.contains_key(name),
            _ => false,
        }
    }
}

fn enter<'a>(object: &'a mut Value, way: &[Step]) -> Option<&'a mut Value> {
    way.iter().try_fold(object, |here, step| match step {
        Step::Field(name) => here.get_mut(name),
        step => here
            .as_array_mut()?
            .iter_mut()
            .find(|item| matches(item, step)),
    })
}

fn matches(item: &Value, step: &Step) -> bool {
    match step {
        Step::Key(key) => has(item, key),
        Step::Item(wanted) => item == wanted,
        Step::Field(_) => false,
    }
}

fn has(item: &Value, key: &Map<String, Value>) -> bool {
    key.iter()
        .all(|(name, value)| item.get(name) == Some(value))
}

/// The fields that the provider owns, except those by which items of lists are told apart.
pub fn owned(object: &Value) -> Vec<FieldPath> {
    let mut found = Vec::new();
    let entries = object["metadata"]["managedFields"].as_array();
    for entry in entries.into_iter().flatten().filter(|entry| is_ours(entry)) {
        walk(&entry["fieldsV1"], &mut Vec::new(), &mut found);
    }
    found.retain(|path: &FieldPath| !path.is_key());
    found
}

fn walk(tree: &Value, way: &mut Vec<Step>, found: &mut Vec<FieldPath>) {
    let members: Vec<(Step, &Value)> = tree
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, below)| Some((step(name)?, below)))
        .collect();
    // "." alone says that the (empty) thing itself is owned.
    if members.is_empty() && !way.is_empty() {
        found.push(FieldPath(way.clone()));
    }
    for (step, below) in members {
        way.push(step);
        walk(below, way, found);
        way.pop();
    }
}

/// `f:name`, `k:{"name":"api"}`, `v:"x"`; `None` for ".".
fn step(text: &str) -> Option<Step> {
    let (kind, rest) = text.split_once(':')?;
    match kind {
        "f" => Some(Step::Field(rest.to_owned())),
        "k" => Some(Step::Key(serde_json::from_str(rest).ok()?)),
        "v" => Some(Step::Item(serde_json::from_str(rest).ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment() -> Value {
        json!({
            "metadata": {
                "labels": {"seedling.dev/project": "acme"},
                "managedFields": [
                    {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:paused": {}}}},
                    {"manager": "seedling", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}},
                    {"manager": "seedling", "operation": "Apply", "fieldsV1": {
                        "f:metadata": {"f:labels": {"f:seedling.dev/project": {}}},
                        "f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {".": {}, "f:name": {}, "f:image": {}, "f:args": {}}}},
                    }},
                ],
            },
            "spec": {"containers": [{"name": "web"}, {"name": "api", "image": "a:1", "args": ["x"]}]},
        })
    }

    #[test]
    fn applied_fields_are_found_and_shown_as_people_write_them() {
        let shown: Vec<String> = owned(&deployment())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            shown,
            [
                "metadata.labels[seedling.dev/project]",
                "spec.containers[api].args",
                "spec.containers[api].image"
            ]
        );
    }

    #[test]
    fn fields_can_be_read_changed_and_removed() {
        let mut object = deployment();
        let image = owned(&object).pop().unwrap();
        assert_eq!(image.get(&object), Some(&json!("a:1")));
        image.set(&mut object, Some(json!("b")));
        assert_eq!(object["spec"]["containers"][1]["image"], "b");
        image.set(&mut object, None);
        assert_eq!(
            object["spec"]["containers"][1],
            json!({"name": "api", "args": ["x"]})
        );
    }
}
