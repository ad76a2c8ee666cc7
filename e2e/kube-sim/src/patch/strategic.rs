//! Strategic merge patch: a merge patch that knows by which member the items of a list are told apart, with its directives
//! `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` (`apimachinery/pkg/util/strategicpatch`).

use serde_json::{Map, Value};

use super::PatchError;
use crate::schema::{Field, Schema};

/// Patches an object of a recorded type.
pub fn strategic(schema: Schema<'_>, live: &Value, patch: &Value) -> Result<Value, PatchError> {
    let Value::Object(patch) = patch else {
        return Err(PatchError::Malformed(
            "a strategic merge patch is an object".into(),
        ));
    };
    object(schema, live.as_object().cloned().unwrap_or_default(), patch).map(Value::Object)
}

fn object(
    schema: Schema<'_>,
    mut live: Map<String, Value>,
    patch: &Map<String, Value>,
) -> Result<Map<String, Value>, PatchError> {
    match patch.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            let mut patch = patch.clone();
            patch.remove("$patch");
            return Ok(patch);
        }
        Some("delete") => return Ok(Map::new()),
        Some("merge") | None => {}
        Some(other) => {
            return Err(PatchError::Malformed(format!(
                "Unknown patch type found: {other}"
            )));
        }
    }
    if let Some(Value::Array(keep)) = patch.get("$retainKeys") {
        live.retain(|name, _| keep.iter().any(|one| one == name.as_str()));
    }
    for (name, value) in patch {
        if let Some(name) = name.strip_prefix("$deleteFromPrimitiveList/") {
            if let (Some(Value::Array(items)), Value::Array(gone)) = (live.get_mut(name), value) {
                items.retain(|item| !gone.contains(item));
            }
        } else if name.starts_with('$') {
            // order is looked at with the list, the others were looked at
        } else if value.is_null() {
            live.remove(name);
        } else {
            let order = patch
                .get(&format!("$setElementOrder/{name}"))
                .and_then(Value::as_array);
            let old = live.remove(name);
            let new = member(schema, name, old, value, order.map(Vec::as_slice))?;
            live.insert(name.clone(), new);
        }
    }
    // An order may come without a change of the list.
    for (directive, order) in patch {
        if let (Some(name), Value::Array(order)) =
            (directive.strip_prefix("$setElementOrder/"), order)
            && !patch.contains_key(name)
            && let Some(Value::Array(items)) = live.get_mut(name)
        {
            let key = schema
                .field(name)
                .and_then(Field::merge_key)
                .unwrap_or_default();
            let live = items.clone();
            sort(items, key, order, &live);
        }
    }
    Ok(live)
}

fn member(
    schema: Schema<'_>,
    name: &str,
    old: Option<Value>,
    patch: &Value,
    order: Option<&[Value]>,
) -> Result<Value, PatchError> {
    match (old, patch) {
        (Some(Value::Object(old)), Value::Object(patch)) => {
            object(schema.member(name), old, patch).map(Value::Object)
        }
        (None, Value::Object(patch)) => {
            object(schema.member(name), Map::new(), patch).map(Value::Object)
        }
        (old, Value::Array(patch)) => {
            let Some(key) = schema.field(name).and_then(Field::merge_key) else {
                return Ok(Value::Array(patch.clone()));
            };
            let old = match old {
                Some(Value::Array(old)) => old,
                _ => Vec::new(),
            };
            let live = old.clone();
            let mut merged = list(schema.member(name).items(), key, old, patch)?;
            sort(&mut merged, key, order.unwrap_or(patch), &live);
            Ok(Value::Array(merged))
        }
        (_, patch) => Ok(patch.clone()),
    }
}

fn list(
    schema: Schema<'_>,
    key: &str,
    mut live: Vec<Value>,
    patch: &[Value],
) -> Result<Vec<Value>, PatchError> {
    if patch.iter().any(|item| item["$patch"] == "replace") {
        live.clear();
    }
    for item in patch {
        let Value::Object(members) = item else {
            if !live.contains(item) {
                live.push(item.clone());
            }
            continue;
        };
        if item["$patch"] == "replace" {
            continue;
        }
        let Some(wanted) = members.get(key) else {
            return Err(PatchError::Malformed(format!(
                "map: {item} does not contain declared merge key: {key}"
            )));
        };
        let place = live.iter().position(|one| one[key] == *wanted);
        if item["$patch"] == "delete" {
            live.retain(|one| one[key] != *wanted);
        } else if let Some(place) = place {
            let old = live[place].as_object().cloned().unwrap_or_default();
            live[place] = Value::Object(object(schema, old, members)?);
        } else {
            live.push(Value::Object(object(schema, Map::new(), members)?));
        }
    }
    Ok(live)
}

/// Items that are named come in the order that is given; the others are put among them where the live order says so, and else after them
/// (`mergeSortedSlice` of `apimachinery/pkg/util/strategicpatch/patch.go`).
fn sort(items: &mut Vec<Value>, key: &str, order: &[Value], live: &[Value]) {
    let is = |item: &Value, wanted: &Value| {
        if item.is_object() {
            item[key] == wanted[key]
        } else {
            item == wanted
        }
    };
    let rank = |item: &Value| order.iter().position(|wanted| is(item, wanted));
    let place = |item: &Value| live.iter().position(|one| is(item, one));
    let (mut named, others): (Vec<_>, Vec<_>) = std::mem::take(items)
        .into_iter()
        .partition(|item| rank(item).is_some());
    named.sort_by_key(rank);
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    loop {
        let other_first = match (others.peek(), named.peek()) {
            (None, None) => return,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(other), Some(named)) => {
                matches!((place(other), place(named)), (Some(other), Some(named)) if other < named)
            }
        };
        items.extend(if other_first {
            others.next()
        } else {
            named.next()
        });
    }
}
