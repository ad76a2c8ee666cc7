//! What does not fit a type: unknown fields and values of the wrong type.

use serde_json::Value;

use super::Schema;

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// What.
    pub why: String,
}

/// Paths that the type does not have, in order.
pub fn unknown_fields(schema: Schema<'_>, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    unknown(schema, object, String::new(), &mut found);
    found
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn unknown(schema: Schema<'_>, value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = join(&path, name);
                if schema.names(name) || schema.entries().is_some() {
                    unknown(schema.member(name), member, path, found);
                } else if !schema.is_free() {
                    found.push(path);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                unknown(schema.items(), item, format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

/// The first value of a type that the server cannot read.
pub fn wrong_types(schema: Schema<'_>, object: &Value) -> Option<Problem> {
    wrong(schema, object, String::new())
}

fn wrong(schema: Schema<'_>, value: &Value, path: String) -> Option<Problem> {
    let is_special = |name: &str| schema.definition().get(name).is_some();
    let fits = match (schema.kind(), value) {
        _ if is_special("oneOf") || is_special("x-kubernetes-int-or-string") => true,
        (None, _) | (_, Value::Null) => true,
        (Some("string"), Value::String(_)) | (Some("boolean"), Value::Bool(_)) => true,
        // Quantities are read from numbers too.
        (Some("string"), Value::Number(_)) => schema.text("format").is_none() && is_quantity(schema),
        (Some("integer"), Value::Number(number)) => number.is_i64() || number.is_u64(),
        (Some("number"), Value::Number(_)) => true,
        (Some("object"), Value::Object(_)) | (Some("array"), Value::Array(_)) => true,
        _ => false,
    };
    if !fits {
        return Some(Problem {
            path,
            why: format!(
                "json: cannot unmarshal {} into Go value of type {}",
                json_name(value),
                go_name(schema)
            ),
        });
    }
    match value {
        Value::Object(members) => members
            .iter()
            .find_map(|(name, member)| wrong(schema.member(name), member, join(&path, name))),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| wrong(schema.items(), item, format!("{path}[{index}]"))),
        _ => None,
    }
}

fn is_quantity(schema: Schema<'_>) -> bool {
    schema.text("description").is_some_and(|text| text.starts_with("Quantity is"))
}

fn json_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn go_name(schema: Schema<'_>) -> String {
    match (schema.kind(), schema.text("format")) {
        (Some("integer"), Some(format)) => format.to_owned(),
        (Some("integer"), None) => "int64".to_owned(),
        (Some("number"), _) => "float64".to_owned(),
        (Some("boolean"), _) => "bool".to_owned(),
        (Some("array"), _) => format!("[]{}", go_name(schema.items())),
        (Some("object"), _) if schema.entries().is_some() => {
            format!("map[string]{}", schema.entries().map_or_else(String::new, go_name))
        }
        (Some(other), _) => other.to_owned(),
        (None, _) => "interface {}".to_owned(),
    }
}
