//! Merging a configuration into an object: what it sets wins, lists with keys merge by them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::path::Step;
use crate::schema::{ListKind, Schema};

/// A configuration that cannot be merged, in the server's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct Unmergeable {
    /// Where.
    pub path: String,
    /// Why.
    pub why: String,
}

/// The object with the configuration in it.
pub fn merge(
    schema: Schema<'_>,
    live: Option<&Value>,
    config: Option<&Value>,
) -> Result<Value, Unmergeable> {
    match (live, config) {
        (live, Some(Value::Object(config))) if !schema.is_atomic_map() => {
            let live = live.and_then(Value::as_object);
            if config.is_empty() && live.is_none_or(Map::is_empty) {
                return Ok(Value::Object(Map::new()));
            }
            let mut merged = Map::new();
            for (name, value) in live.into_iter().flatten() {
                if !config.contains_key(name) {
                    merged.insert(name.clone(), value.clone());
                }
            }
            for (name, value) in config {
                let live = live.and_then(|live| live.get(name));
                // No map at all says nothing about the entries of others.
                if let (Some(live), Value::Null) = (live, value)
                    && live.is_object()
                {
                    merged.insert(name.clone(), live.clone());
                    continue;
                }
                let value = merge(schema.member(name), live, Some(value))
                    .map_err(|error| error.below(&format!(".{name}")))?;
                merged.insert(name.clone(), value);
            }
            Ok(Value::Object(merged))
        }
        (live, Some(Value::Array(config))) if schema.list_kind() != ListKind::Atomic => {
            let live = live
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            items(schema, live, config)
        }
        (_, Some(config)) => Ok(config.clone()),
        (live, None) => Ok(live.cloned().unwrap_or_default()),
    }
}

impl Unmergeable {
    fn below(mut self, step: &str) -> Unmergeable {
        self.path.insert_str(0, step);
        self
    }
}

/// Steps of a list's items; duplicates are refused where the server refuses them.
fn steps(schema: Schema<'_>, list: &[Value], unique: bool) -> Result<Vec<Step>, Unmergeable> {
    let mut found = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let Some(step) = Step::to_item(schema, index, item) else {
            let ListKind::Map(keys) = schema.list_kind() else {
                continue;
            };
            return Err(Unmergeable {
                path: String::new(),
                why: format!(
                    "element {index}: associative list with keys has an element that omits key field {:?} (and doesn't have default value)",
                    keys.first().copied().unwrap_or_default()
                ),
            });
        };
        if unique && found.contains(&step) {
            return Err(Unmergeable {
                path: String::new(),
                why: format!("duplicate entries for key {step}"),
            });
        }
        found.push(step);
    }
    Ok(found)
}

/// The order is the configuration's, with items that only the object has staying where they are among the shared ones.
fn items(schema: Schema<'_>, live: &[Value], config: &[Value]) -> Result<Value, Unmergeable> {
    let live_steps = steps(schema, live, false)?;
    let config_steps = steps(schema, config, true)?;
    let live_by: BTreeMap<_, _> = live_steps.iter().zip(live).rev().collect();
    let config_by: BTreeMap<_, _> = config_steps.iter().zip(config).collect();
    let mut shared = config_steps
        .iter()
        .filter(|step| live_by.contains_key(step));
    let mut next_shared = shared.next();
    let mut merged_steps = Vec::new();
    let mut out = Vec::new();
    let one = |step: &Step| {
        let (live, config) = (live_by.get(step), config_by.get(step));
        merge(schema.items(), live.copied(), config.copied())
            .map_err(|error| error.below(&step.to_string()))
    };
    let (mut left, mut right) = (0, 0);
    while left < live_steps.len() || right < config_steps.len() {
        if let (Some(live_step), Some(config_step)) =
            (live_steps.get(left), config_steps.get(right))
        {
            if live_step == config_step {
                out.push(one(live_step)?);
                merged_steps.push(live_step);
                (left, right) = (left + 1, right + 1);
                next_shared = shared.next();
                continue;
            }
            if config_by.contains_key(live_step)
                && next_shared.is_some_and(|next| next != live_step)
            {
                left += 1;
                continue;
            }
        }
        if let Some(step) = live_steps.get(left) {
            if !config_by.contains_key(step) {
                out.push(live[left].clone());
                left += 1;
                continue;
            }
            if merged_steps.contains(&step) {
                left += 1;
            }
        }
        if let Some(step) = config_steps.get(right) {
            out.push(one(step)?);
            merged_steps.push(step);
            right += 1;
            if next_shared == Some(step) {
                next_shared = shared.next();
            }
        }
    }
    Ok(Value::Array(out))
}
