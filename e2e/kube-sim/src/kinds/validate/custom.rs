//! Objects of definitions: what their OpenAPI type says of values. CEL rules are not evaluated.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use serde_json::Value;

use super::Faults;
use crate::api::Cause;
use crate::schema::Schema;

pub(super) fn validate(
    schema: Schema<'_>,
    _live: Option<&Value>,
    object: &Value,
    faults: &mut Faults,
) {
    for part in ["spec", "status"] {
        if let Some(value) = object.get(part) {
            check(schema.member(part), value, part, faults);
        }
    }
    for name in required(schema) {
        if object.get(name).is_none() {
            faults.push(Cause::required(name, ""));
        }
    }
}

/// Definitions have few patterns, and compiling one takes longer than a request. None for one that is not understood.
fn compiled(pattern: &str) -> Option<Regex> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || Regex::new(pattern).ok();
    known
        .entry(pattern.to_owned())
        .or_insert_with(compile)
        .clone()
}

fn required(schema: Schema<'_>) -> impl Iterator<Item = &str> {
    let list = schema
        .definition()
        .get("required")
        .and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

fn check(schema: Schema<'_>, value: &Value, path: &str, faults: &mut Faults) {
    let definition = schema.definition();
    let bound = |name: &str| definition.get(name).and_then(Value::as_i64);
    if let Some(allowed) = definition.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let allowed: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
        faults.push(Cause::unsupported(path, value, &allowed));
    }
    match value {
        Value::Object(members) => {
            for name in required(schema) {
                if !members.contains_key(name) {
                    faults.push(Cause::required(format!("{path}.{name}"), ""));
                }
            }
            for (name, member) in members {
                check(
                    schema.member(name),
                    member,
                    &format!("{path}.{name}"),
                    faults,
                );
            }
        }
        Value::Array(list) => {
            let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
            if let Some(most) = bound("maxItems").filter(|most| count > *most) {
                faults.push(Cause {
                    reason: "FieldValueTooMany",
                    message: format!("Too many: {count}: must have at most {most} items"),
                    field: path.to_owned(),
                });
            }
            if let Some(least) = bound("minItems").filter(|least| count < *least) {
                let why = format!("{path} in body should have at least {least} items");
                faults.push(Cause::invalid(path, &count.into(), &why));
            }
            for (index, item) in list.iter().enumerate() {
                check(schema.items(), item, &format!("{path}[{index}]"), faults);
            }
        }
        Value::String(given) => {
            let length = i64::try_from(given.chars().count()).unwrap_or(i64::MAX);
            if let Some(most) = bound("maxLength").filter(|most| length > *most) {
                faults.push(Cause {
                    reason: "FieldValueTooLong",
                    message: format!("Too long: may not be more than {most} bytes"),
                    field: path.to_owned(),
                });
            }
            if let Some(least) = bound("minLength").filter(|least| length < *least) {
                let why = format!("{path} in body should be at least {least} chars long");
                faults.push(Cause::invalid(path, value, &why));
            }
            if let Some(pattern) = schema.text("pattern")
                && compiled(pattern).is_some_and(|regex| !regex.is_match(given))
            {
                let why = format!("{path} in body should match '{pattern}'");
                faults.push(Cause::invalid(path, value, &why));
            }
        }
        Value::Number(number) => {
            let number = number.as_i64();
            if let (Some(number), Some(least)) = (number, bound("minimum"))
                && number < least
            {
                let why = format!("{path} in body should be greater than or equal to {least}");
                faults.push(Cause::invalid(path, value, &why));
            }
            if let (Some(number), Some(most)) = (number, bound("maximum"))
                && number > most
            {
                let why = format!("{path} in body should be less than or equal to {most}");
                faults.push(Cause::invalid(path, value, &why));
            }
        }
        _ => {}
    }
}
