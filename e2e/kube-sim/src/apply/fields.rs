//! Which paths a configuration sets.

use serde_json::Value;

use super::path::Step;
use super::set::Set;
use crate::schema::{ListKind, Schema};

/// The paths of an object: leaves, entries of maps and items of lists.
pub fn fields_of(schema: Schema<'_>, object: &Value) -> Set {
    let mut set = Set::default();
    walk(schema, object, &mut Vec::new(), &mut set);
    set
}

fn walk(schema: Schema<'_>, value: &Value, path: &mut Vec<Step>, set: &mut Set) {
    match value {
        Value::Object(members) if !schema.is_atomic_map() => {
            for (name, member) in members {
                path.push(Step::Field(name.clone()));
                walk(schema.member(name), member, path, set);
                let is_empty = member.as_object().is_some_and(serde_json::Map::is_empty);
                if member.is_null() || is_empty || !schema.names(name) {
                    set.insert(path);
                }
                path.pop();
            }
        }
        Value::Array(items) if schema.list_kind() != ListKind::Atomic => {
            for (index, item) in items.iter().enumerate() {
                let Some(step) = Step::to_item(schema, index, item) else {
                    continue;
                };
                path.push(step);
                set.insert(path);
                walk(schema.items(), item, path, set);
                path.pop();
            }
        }
        _ => set.insert(path),
    }
}

/// The object without some paths. A map or list that becomes empty goes too.
pub fn without(schema: Schema<'_>, value: &Value, remove: &Set) -> Option<Value> {
    match value {
        Value::Object(members) => {
            if members.is_empty() || schema.is_atomic_map() {
                return None;
            }
            let mut left = serde_json::Map::new();
            for (name, member) in members {
                let step = Step::Field(name.clone());
                if remove.has(&step) {
                    continue;
                }
                let member = match remove.below(&step) {
                    Some(below) => {
                        without(schema.member(name), member, below).unwrap_or(Value::Null)
                    }
                    None => member.clone(),
                };
                left.insert(name.clone(), member);
            }
            (!left.is_empty()).then_some(Value::Object(left))
        }
        Value::Array(items) => {
            if schema.list_kind() == ListKind::Atomic {
                return None;
            }
            let mut left = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let step = Step::to_item(schema, index, item);
                if step.as_ref().is_some_and(|step| remove.has(step)) {
                    continue;
                }
                left.push(match step.as_ref().and_then(|step| remove.below(step)) {
                    Some(below) => without(schema.items(), item, below).unwrap_or(Value::Null),
                    None => item.clone(),
                });
            }
            (!left.is_empty()).then_some(Value::Array(left))
        }
        scalar => Some(scalar.clone()),
    }
}
