//! The three ways to patch an object that are older than server-side apply.

mod strategic;

use serde_json::{Value, json};

pub use strategic::strategic;

use crate::api::Status;

/// A patch that cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchError {
    /// The patch is not written as it should be.
    Malformed(String),
    /// A test failed or a path is not there.
    Inapplicable,
}

impl PatchError {
    /// As the server answers it.
    pub fn to_status(&self) -> Status {
        match self {
            PatchError::Malformed(why) => Status::bad_request(why.clone()),
            // The real server keeps to itself what did not fit.
            PatchError::Inapplicable => Status {
                code: 422,
                reason: "Invalid",
                message: "the server rejected our request due to an error in our request"
                    .to_owned(),
                details: json!({}),
            },
        }
    }
}

/// RFC 7386.
pub fn merge(live: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch.clone();
    };
    let mut merged = live.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            merged.remove(name);
        } else {
            let live = merged.get(name).cloned().unwrap_or_default();
            merged.insert(name.clone(), merge(&live, value));
        }
    }
    Value::Object(merged)
}

/// RFC 6902.
pub fn json(live: &Value, patch: &Value) -> Result<Value, PatchError> {
    let operations = patch.as_array();
    let operations = operations
        .ok_or_else(|| PatchError::Malformed("a JSON patch is a list of operations".into()))?;
    let mut object = live.clone();
    for operation in operations {
        one(&mut object, operation)?;
    }
    if !object.is_object() {
        return Err(PatchError::Inapplicable);
    }
    Ok(object)
}

fn one(object: &mut Value, operation: &Value) -> Result<(), PatchError> {
    let text = |member: &str| operation[member].as_str().unwrap_or_default();
    let path = steps(text("path"));
    match text("op") {
        "add" => insert(object, &path, operation["value"].clone()).ok_or(PatchError::Inapplicable),
        "remove" => take(object, &path)
            .map(|_| ())
            .ok_or(PatchError::Inapplicable),
        "replace" => {
            let value = operation["value"].clone();
            if let Some(place) = find(object, &path) {
                *place = value;
                return Ok(());
            }
            // The library of the real server replaces members of maps that are not there.
            let parent = path
                .split_last()
                .and_then(|(_, parents)| find(object, parents));
            match parent {
                Some(Value::Object(_)) => {
                    insert(object, &path, value).ok_or(PatchError::Inapplicable)
                }
                _ => Err(PatchError::Inapplicable),
            }
        }
        "test" => {
            let found = find(object, &path)
                .map(|value| value.clone())
                .unwrap_or_default();
            if found == operation["value"] {
                return Ok(());
            }
            Err(PatchError::Inapplicable)
        }
        "move" => {
            let value = take(object, &steps(text("from"))).ok_or(PatchError::Inapplicable)?;
            insert(object, &path, value).ok_or(PatchError::Inapplicable)
        }
        "copy" => {
            let from = find(object, &steps(text("from"))).map(|value| value.clone());
            let value = from.ok_or(PatchError::Inapplicable)?;
            insert(object, &path, value).ok_or(PatchError::Inapplicable)
        }
        _ => Err(PatchError::Inapplicable),
    }
}

fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

fn find<'a>(object: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(object, |value, step| match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn insert(object: &mut Value, path: &[String], value: Value) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *object = value;
        return Some(());
    };
    match find(object, parents)? {
        Value::Object(members) => {
            members.insert(last.clone(), value);
        }
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let index = last
                .parse::<usize>()
                .ok()
                .filter(|index| *index <= items.len())?;
            items.insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

fn take(object: &mut Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    match find(object, parents)? {
        Value::Object(members) => members.remove(last),
        Value::Array(items) => {
            let index = last
                .parse::<usize>()
                .ok()
                .filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}
