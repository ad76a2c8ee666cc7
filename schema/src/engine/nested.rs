//! Walking nested attributes: which elements of two values belong together.

use crate::attribute::Nesting;
use crate::path::{Path, Step};
use crate::value::Value;

/// The objects in a nested attribute's value, each with the step that leads to it (none for a
/// single object). A null or unknown value has none.
pub(super) fn elements(nesting: Nesting, value: &Value) -> Vec<(Option<Step>, &Value)> {
    match (nesting, value) {
        (Nesting::Single, Value::Map(_)) => vec![(None, value)],
        (Nesting::List, Value::List(elements)) => elements
            .iter()
            .zip(0..)
            .map(|(element, index)| (Some(Step::Index(index)), element))
            .collect(),
        (Nesting::Map, Value::Map(elements)) => elements
            .iter()
            .map(|(key, element)| (Some(Step::Key(key.clone())), element))
            .collect(),
        _ => Vec::new(),
    }
}

/// As [`elements`], to change them.
pub(super) fn elements_mut(nesting: Nesting, value: &mut Value) -> Vec<(Option<Step>, &mut Value)> {
    match (nesting, value) {
        (Nesting::Single, value @ Value::Map(_)) => vec![(None, value)],
        (Nesting::List, Value::List(elements)) => elements
            .iter_mut()
            .zip(0..)
            .map(|(element, index)| (Some(Step::Index(index)), element))
            .collect(),
        (Nesting::Map, Value::Map(elements)) => elements
            .iter_mut()
            .map(|(key, element)| (Some(Step::Key(key.clone())), element))
            .collect(),
        _ => Vec::new(),
    }
}

/// The object in another value of the same attribute that belongs to a step; null if there is none.
pub(super) fn counterpart<'a>(value: &'a Value, step: Option<&Step>) -> &'a Value {
    match step {
        None => value,
        Some(Step::Attribute(name) | Step::Key(name)) => value.get(name),
        Some(Step::Index(index)) => value.element(usize::try_from(*index).unwrap_or(usize::MAX)),
    }
}

/// The path of an element.
pub(super) fn element_path(path: &Path, step: Option<&Step>) -> Path {
    match step {
        None => path.clone(),
        Some(step) => path.clone().step(step.clone()),
    }
}
