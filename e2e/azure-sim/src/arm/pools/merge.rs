//! Merging what a PUT asks for into what is there, property by property.

use serde_json::Value;

use super::properties::Change::{No, ReadOnly};
use super::properties::Kind::{Choice, Flag, Free, Id, Map, Number, Object, Text, Texts, Whole};
use super::properties::{Kind, PROPERTIES, Property};
use crate::arm::error;
use crate::http::Refusal;

/// Merges what a PUT asks for into what is there (Azure/azure-rest-api-specs#27373: what is absent stays). `before` is null for a
/// new pool, where everything may be said.
pub(super) fn merge(before: &mut Value, asked: &Value) -> Result<(), Refusal> {
    let new = before.is_null();
    merge_into(before, asked, PROPERTIES, "properties", new)
}

fn merge_into(
    before: &mut Value,
    asked: &Value,
    known: &[Property],
    path: &str,
    new: bool,
) -> Result<(), Refusal> {
    let Some(members) = asked.as_object() else {
        return Err(wrong_type(path, "an object"));
    };
    for (name, wants) in members {
        // The CLI sends empty texts for what its user did not say.
        if wants.is_null() || *wants == "" || (path == "properties" && name == "name") {
            continue;
        }
        let full = format!("{path}.{name}");
        let Some(property) = known.iter().find(|property| property.name == name) else {
            return Err(error::flat(
                400,
                "UnmarshalError",
                &format!("UnmarshalEntity encountered error: json: unknown field \"{full}\"."),
                &full,
            ));
        };
        if property.change == ReadOnly {
            continue;
        }
        property.check(wants, &full)?;
        let has = &before[name.as_str()];
        if let Object(members) = property.kind {
            let mut inner = has.clone();
            let fixed = property.change == No;
            merge_into(
                &mut inner,
                wants,
                members,
                &full,
                new || (has.is_null() && !fixed),
            )?;
            before[name.as_str()] = if inner.is_null() {
                Value::Object(serde_json::Map::default())
            } else {
                inner
            };
            continue;
        }
        if !new && property.change == No && !property.same(has, wants) {
            return Err(error::flat(
                400,
                "PropertyChangeNotAllowed",
                &format!("Changing property '{full}' is not allowed."),
                &full,
            ));
        }
        before[name.as_str()] = property.canonical(wants);
    }
    Ok(())
}

fn wrong_type(path: &str, wanted: &str) -> Refusal {
    error::flat(
        400,
        "UnmarshalError",
        &format!(
            "UnmarshalEntity encountered error: json: cannot unmarshal {path}: it has to be {wanted}."
        ),
        path,
    )
}

impl Property {
    fn check(&self, value: &Value, path: &str) -> Result<(), Refusal> {
        let ok = match self.kind {
            Whole(..) => {
                value.as_i64().is_some()
                    || value.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            Number => value.is_number(),
            Text | Id | Choice(_) => value.is_string(),
            Flag => value.is_boolean(),
            Texts => value
                .as_array()
                .is_some_and(|values| values.iter().all(Value::is_string)),
            Map => value
                .as_object()
                .is_some_and(|values| values.values().all(Value::is_string)),
            Object(_) => value.is_object(),
            Free => true,
        };
        if !ok {
            return Err(wrong_type(path, self.kind.wanted()));
        }
        match self.kind {
            Whole(least, most)
                if !value
                    .as_i64()
                    .is_some_and(|number| (least..=most).contains(&number)) =>
            {
                Err(error::invalid(
                    path,
                    &format!(
                        "The value of parameter {path} is invalid: {value}. It has to be between {least} and {most}."
                    ),
                ))
            }
            Choice(choices) if !choices.iter().any(|choice| same_text(choice, value)) => {
                Err(error::invalid(
                    path,
                    &format!(
                        "The value of parameter {path} is invalid: {value}. Allowed values: {}.",
                        choices.join(", ")
                    ),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether a value is the one that is there; what is not there equals what says nothing.
    fn same(&self, has: &Value, wants: &Value) -> bool {
        match self.kind {
            _ if has.is_null() => says_nothing(wants),
            Id | Choice(_) => has.as_str().is_some_and(|has| same_text(has, wants)),
            Number | Whole(..) => has.as_f64() == wants.as_f64(),
            _ => without_nulls(has) == without_nulls(wants),
        }
    }

    /// A choice as the reference writes it.
    fn canonical(&self, value: &Value) -> Value {
        let Choice(choices) = self.kind else {
            return without_nulls(value);
        };
        choices
            .iter()
            .find(|choice| same_text(choice, value))
            .map_or_else(|| value.clone(), |choice| (*choice).into())
    }
}

impl Kind {
    fn wanted(&self) -> &'static str {
        match self {
            Whole(..) => "a whole number",
            Number => "a number",
            Text | Id | Choice(_) => "a string",
            Flag => "true or false",
            Texts => "a list of strings",
            Map => "strings by name",
            Object(_) => "an object",
            Free => "a value",
        }
    }
}

fn same_text(text: &str, value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|value| value.eq_ignore_ascii_case(text))
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => matches!(text.as_str(), "" | "Regular"),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        _ => false,
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, member)| !member.is_null());
            kept.map(|(name, member)| (name.clone(), without_nulls(member)))
                .collect()
        }
        Value::Array(values) => values.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
