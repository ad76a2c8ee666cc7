//! What does not fit a type: unknown fields and values of the wrong type.

use std::fmt;

use serde_json::Value;

use super::Schema;

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// What, as reading the body says it.
    pub why: String,
    /// What, as applying says it.
    pub declared: String,
}

/// Paths that the type does not have, in order.
pub fn unknown_fields(schema: Schema<'_>, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    unknown(schema, object, &Path::Root, &mut found);
    found
}

/// The way to a value; written down only when something is wrong there.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Member(Path::Root, name) => formatter.write_str(name),
            Path::Member(parent, name) => write!(formatter, "{parent}.{name}"),
            Path::Item(parent, index) => write!(formatter, "{parent}[{index}]"),
        }
    }
}

fn unknown(schema: Schema<'_>, value: &Value, path: &Path<'_>, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = Path::Member(path, name);
                if schema.names(name) || schema.entries().is_some() {
                    unknown(schema.member(name), member, &path, found);
                } else if !schema.is_free() {
                    found.push(path.to_string());
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                unknown(schema.items(), item, &Path::Item(path, index), found);
            }
        }
        _ => {}
    }
}

/// The first value of a type that the server cannot read.
pub fn wrong_types(schema: Schema<'_>, object: &Value) -> Option<Problem> {
    wrong(schema, object, &Path::Root, "")
}

/// `owner` is the structure that holds the value, as Go's messages name it.
fn wrong(schema: Schema<'_>, value: &Value, path: &Path<'_>, owner: &str) -> Option<Problem> {
    let is_special = |name: &str| schema.definition().get(name).is_some();
    let fits = match (schema.kind(), value) {
        // A number or a text, whatever else the list of types says.
        (_, Value::Object(_) | Value::Array(_) | Value::Bool(_))
            if schema.text("format") == Some("int-or-string") =>
        {
            false
        }
        _ if is_special("oneOf") || is_special("x-kubernetes-int-or-string") => true,
        (None, _)
        | (_, Value::Null)
        | (Some("string"), Value::String(_))
        | (Some("boolean"), Value::Bool(_))
        | (Some("number"), Value::Number(_))
        | (Some("object"), Value::Object(_))
        | (Some("array"), Value::Array(_)) => true,
        // Quantities are read from numbers too.
        (Some("string"), Value::Number(_)) => {
            schema.text("format").is_none() && is_quantity(schema)
        }
        (Some("integer"), Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    };
    if !fits {
        let path = path.to_string();
        let place: Vec<_> = path
            .split('.')
            .map(|part| part.split('[').next().unwrap_or_default())
            .collect();
        let why = format!(
            "json: cannot unmarshal {} into Go struct field {owner}.{} of type {}",
            json_name(value),
            place.join("."),
            go_name(schema)
        );
        let declared = declared(schema, value);
        return Some(Problem {
            path,
            why,
            declared,
        });
    }
    match value {
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            // Entries of maps are not named.
            let below = Path::Member(path, name);
            wrong(
                schema.member(name),
                member,
                if schema.names(name) { &below } else { path },
                schema.short_name().unwrap_or(owner),
            )
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| wrong(schema.items(), item, &Path::Item(path, index), owner)),
        _ => None,
    }
}

fn is_quantity(schema: Schema<'_>) -> bool {
    schema
        .text("description")
        .is_some_and(|text| text.starts_with("Quantity is"))
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

/// In the words of `structured-merge-diff/typed/validate.go`.
fn declared(schema: Schema<'_>, value: &Value) -> String {
    let go = match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    match schema.kind() {
        Some("integer" | "number") => format!("expected numeric (int or float), got {go}"),
        Some("boolean") => format!("expected boolean, got {value}"),
        Some("array") => format!("expected list, got {value}"),
        Some("object") => format!("expected map, got {value}"),
        _ => format!("expected string, got &value.valueUnstructured{{Value:{value}}}"),
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
            format!(
                "map[string]{}",
                schema.entries().map_or_else(String::new, go_name)
            )
        }
        (Some(other), _) => other.to_owned(),
        (None, _) => "interface {}".to_owned(),
    }
}
