//! Values as JSON: the form of stored states, and the way in from Rust types.

use serde::Serialize;
use serde_json::Value as Json;

use super::{Number, Value};
use crate::path::{Path, Step};
use crate::types::Type;

/// A JSON value that does not fit the type it is read by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct EncodeError {
    /// Where it does not fit.
    pub path: Path,
    /// What does not fit, as a sentence without a full stop.
    pub reason: String,
}

impl EncodeError {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Path::root(),
            reason: reason.into(),
        }
    }

    fn within(mut self, step: Step) -> Self {
        self.path = self.path.within(step);
        self
    }
}

/// What to do with members of an object that its type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraMembers {
    /// Leave them out: a state written by an older schema may have them.
    Drop,
    /// Report them: the writer and the schema disagree.
    Refuse,
}

impl Value {
    /// Makes a value of a type from a Rust value, by way of its JSON form; members that are
    /// missing become null.
    ///
    /// # Errors
    /// The value does not fit the type, which names the place.
    pub fn encode<T: Serialize>(value: &T, ty: &Type) -> Result<Self, EncodeError> {
        let json =
            serde_json::to_value(value).map_err(|error| EncodeError::new(error.to_string()))?;
        Self::from_json(&json, ty)
    }

    /// Reads a JSON value by a type; missing members become null, members that the type lacks are
    /// refused.
    ///
    /// # Errors
    /// The JSON does not fit the type, which names the place.
    pub fn from_json(json: &Json, ty: &Type) -> Result<Self, EncodeError> {
        Self::from_json_with(json, ty, ExtraMembers::Refuse)
    }

    /// As [`Value::from_json`], with a choice for members that the type lacks.
    ///
    /// # Errors
    /// The JSON does not fit the type, which names the place.
    pub fn from_json_with(
        json: &Json,
        ty: &Type,
        extra: ExtraMembers,
    ) -> Result<Self, EncodeError> {
        let mut value = read(json, ty, extra)?;
        value.normalize(ty);
        Ok(value)
    }

    /// The JSON form. JSON cannot say "unknown" or "infinite": both become null, so check
    /// [`Value::is_wholly_known`] first where that matters.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Unknown(_) => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Number(number) => number
                .as_str()
                .parse::<serde_json::Number>()
                .map_or(Json::Null, Json::Number),
            Self::String(text) => Json::String(text.clone()),
            Self::List(elements) => elements.iter().map(Self::to_json).collect(),
            Self::Map(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), value.to_json()))
                .collect(),
            Self::Dynamic(ty, inner) => {
                serde_json::json!({"value": inner.to_json(), "type": ty.to_json()})
            }
        }
    }
}

fn read(json: &Json, ty: &Type, extra: ExtraMembers) -> Result<Value, EncodeError> {
    match (json, ty) {
        (Json::Null, _) => Ok(Value::Null),
        (_, Type::Dynamic) => read_dynamic(json, extra),
        (Json::Bool(truth), Type::Bool) => Ok(Value::Bool(*truth)),
        (Json::String(text), Type::String) => Ok(Value::String(text.clone())),
        (Json::Number(number), Type::Number) => read_number(&number.to_string()),
        (Json::Array(elements), Type::List(element) | Type::Set(element)) => {
            read_elements(elements, std::iter::repeat(&**element), extra)
        }
        (Json::Array(elements), Type::Tuple(types)) => {
            if elements.len() != types.len() {
                return Err(EncodeError::new(format!(
                    "has {} elements, {} wanted",
                    elements.len(),
                    types.len()
                )));
            }
            read_elements(elements, types.iter(), extra)
        }
        (Json::Object(elements), Type::Map(element)) => elements
            .iter()
            .map(|(key, json)| {
                let value = read(json, element, extra)
                    .map_err(|error| error.within(Step::Key(key.clone())))?;
                Ok((key.clone(), value))
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Json::Object(members), Type::Object(types)) => {
            if let (ExtraMembers::Refuse, Some(name)) = (
                extra,
                members.keys().find(|name| !types.contains_key(*name)),
            ) {
                return Err(EncodeError::new(format!(
                    "the schema has no attribute {name:?} here"
                )));
            }
            types
                .iter()
                .map(|(name, ty)| {
                    let json = members.get(name).unwrap_or(&Json::Null);
                    let value = read(json, ty, extra)
                        .map_err(|error| error.within(Step::Attribute(name.clone())))?;
                    Ok((name.clone(), value))
                })
                .collect::<Result<_, _>>()
                .map(Value::Map)
        }
        _ => Err(EncodeError::new(format!(
            "is {}, a {ty} was expected",
            kind(json)
        ))),
    }
}

fn read_elements<'a>(
    elements: &[Json],
    types: impl Iterator<Item = &'a Type>,
    extra: ExtraMembers,
) -> Result<Value, EncodeError> {
    let read_one = |(index, (json, ty)): (usize, (&Json, &Type))| {
        let step = Step::Index(i64::try_from(index).unwrap_or(i64::MAX));
        read(json, ty, extra).map_err(|error| error.within(step))
    };
    elements
        .iter()
        .zip(types)
        .enumerate()
        .map(read_one)
        .collect::<Result<_, _>>()
        .map(Value::List)
}

fn read_number(text: &str) -> Result<Value, EncodeError> {
    text.parse::<Number>()
        .map(Value::Number)
        .map_err(|error| EncodeError::new(error.to_string()))
}

fn read_dynamic(json: &Json, extra: ExtraMembers) -> Result<Value, EncodeError> {
    let ty = json.get("type").and_then(Type::from_json);
    match (ty, json.get("value")) {
        (Some(ty), Some(inner)) => Ok(Value::Dynamic(
            Box::new(ty.clone()),
            Box::new(read(inner, &ty, extra)?),
        )),
        _ => Err(EncodeError::new(
            "a value of any type must be written as its type and its value",
        )),
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample() -> Type {
        Type::object([
            ("name", Type::string()),
            ("size", Type::number()),
            ("tags", Type::set(Type::string())),
            ("nested", Type::map(Type::object([("on", Type::bool())]))),
        ])
    }

    #[test]
    fn missing_members_become_null_and_wrong_ones_are_named() {
        let value = Value::from_json(&json!({"name": "a"}), &sample()).unwrap();
        assert_eq!(value.get("name").as_str(), Some("a"));
        assert!(value.as_map().unwrap().contains_key("tags"));

        let error = Value::from_json(&json!({"nested": {"k": {"on": 3}}}), &sample()).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"nested["k"].on: is a number, a bool was expected"#
        );

        let extra = json!({"old": 1});
        assert!(Value::from_json(&extra, &sample()).is_err());
        assert!(Value::from_json_with(&extra, &sample(), ExtraMembers::Drop).is_ok());
    }

    #[test]
    fn numbers_keep_all_digits() {
        let json: Json =
            serde_json::from_str(r#"{"size": 12345678901234567890.123456789}"#).unwrap();
        let value = Value::from_json(&json, &sample()).unwrap();
        assert_eq!(
            value.to_json()["size"].to_string(),
            "12345678901234567890.123456789"
        );
    }
}
