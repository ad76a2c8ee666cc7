//! What differs between two states of an object, as sets of paths.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::path::Step;
use super::set::Set;
use crate::schema::{ListKind, Schema};

/// The differences.
#[derive(Default)]
pub struct Comparison {
    /// Paths that only the new state has.
    pub added: Set,
    /// Paths with different values.
    pub modified: Set,
    /// Paths that only the old state has.
    pub removed: Set,
}

impl Comparison {
    /// Without what is below some paths, as an endpoint that resets these fields sees it.
    pub fn outside(&self, ignored: &Set) -> Comparison {
        Comparison {
            added: self.added.outside(ignored),
            modified: self.modified.outside(ignored),
            removed: self.removed.outside(ignored),
        }
    }
}

/// Compares. Both states are objects of the schema's type, or `Null` where there is none.
pub fn compare(schema: Schema<'_>, old: &Value, new: &Value) -> Comparison {
    let mut walk = Walk::default();
    let (old, new) = (present(old), present(new));
    walk.value(schema, old, new);
    walk.found
}

fn present(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

#[derive(Default)]
struct Walk {
    path: Vec<Step>,
    found: Comparison,
}

impl Walk {
    fn value(&mut self, schema: Schema<'_>, old: Option<&Value>, new: Option<&Value>) {
        let Some(sample) = new.filter(|new| !new.is_null()).or(old).or(new) else {
            return;
        };
        let same_shape = |other: &Value| {
            other.is_null()
                || other.is_object() == sample.is_object() && other.is_array() == sample.is_array()
        };
        let alike = old.is_none_or(same_shape) && new.is_none_or(same_shape);
        let empty = |value: Option<&Value>| match value {
            Some(Value::Object(map)) => map.is_empty(),
            Some(Value::Array(list)) => list.is_empty(),
            Some(Value::Null) | None => true,
            _ => false,
        };
        let is_leaf = !alike
            || empty(old) && empty(new)
            || match sample {
                Value::Object(_) => schema.is_atomic_map(),
                Value::Array(_) => matches!(schema.list_kind(), ListKind::Atomic),
                _ => true,
            };
        if is_leaf {
            return self.leaf(old, new);
        }
        if sample.is_object() {
            self.members(schema, old, new);
        } else {
            self.items(schema, old, new);
        }
        if old.is_none() {
            self.found.added.insert(&self.path);
        } else if new.is_none() {
            self.found.removed.insert(&self.path);
        }
    }

    fn leaf(&mut self, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (None, _) => self.found.added.insert(&self.path),
            (_, None) => self.found.removed.insert(&self.path),
            (Some(old), Some(new)) if old != new => self.found.modified.insert(&self.path),
            _ => {}
        }
    }

    fn members<'v>(&mut self, schema: Schema<'_>, old: Option<&'v Value>, new: Option<&'v Value>) {
        let members = |value: Option<&'v Value>| value.and_then(Value::as_object);
        let (old, new) = (members(old), members(new));
        let names =
            |members: Option<&'v Map<String, Value>>| members.into_iter().flat_map(Map::keys);
        let names: BTreeSet<_> = names(old).chain(names(new)).collect();
        for name in names {
            let [old, new] = [old, new].map(|members| members?.get(name));
            // Most of a large object is as it was.
            if old.is_some() && old == new {
                continue;
            }
            // A time that there is none of is written as `null`, and nobody's.
            if self.path.is_empty() && old.is_none() && new.is_some_and(Value::is_null) {
                continue;
            }
            self.path.push(Step::Field(name.clone()));
            self.value(schema.member(name), old, new);
            self.path.pop();
        }
    }

    fn items(&mut self, schema: Schema<'_>, old: Option<&Value>, new: Option<&Value>) {
        let (old, new) = (by_step(schema, old), by_step(schema, new));
        let steps: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for step in steps {
            self.path.push(step.clone());
            let [old, new] =
                [&old, &new].map(|items| items.get(step).map_or(&[][..], Vec::as_slice));
            if old.len() <= 1 && new.len() <= 1 {
                self.value(schema.items(), old.first().copied(), new.first().copied());
            } else if new.is_empty() {
                self.found.removed.insert(&self.path);
            } else if old.is_empty() {
                self.found.added.insert(&self.path);
            } else if old != new {
                self.found.modified.insert(&self.path);
            }
            self.path.pop();
        }
    }
}

/// Items of a list that merges, by their steps; more than one where the list has duplicates, which are then one leaf together.
fn by_step<'a>(schema: Schema<'_>, list: Option<&'a Value>) -> BTreeMap<Step, Vec<&'a Value>> {
    let mut found = BTreeMap::<Step, Vec<&'a Value>>::new();
    let items = list.and_then(Value::as_array).into_iter().flatten();
    for (index, item) in items.enumerate() {
        if let Some(step) = Step::to_item(schema, index, item) {
            found.entry(step).or_default().push(item);
        }
    }
    found
}
