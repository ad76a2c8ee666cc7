//! Types of the configuration language and their JSON form.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A text.
    String,
    /// A number of any size and precision.
    Number,
    /// A truth value.
    Bool,
    /// Whatever the configuration gives. Never use it inside a collection type: the core fails on
    /// elements of different types.
    Dynamic,
    /// Elements of one type in order.
    List(Box<Type>),
    /// Different elements of one type, without order.
    Set(Box<Type>),
    /// Elements of one type, each under a key.
    Map(Box<Type>),
    /// Named members, each with its own type.
    Object(BTreeMap<String, Type>),
    /// A fixed number of elements, each with its own type.
    Tuple(Vec<Type>),
}

impl Type {
    /// A text.
    pub fn string() -> Self {
        Self::String
    }

    /// A number.
    pub fn number() -> Self {
        Self::Number
    }

    /// A truth value.
    pub fn bool() -> Self {
        Self::Bool
    }

    /// A list with elements of one type.
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// A set with elements of one type.
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map with elements of one type.
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object with the given members.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Type)>) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(name, ty)| (name.to_owned(), ty))
                .collect(),
        )
    }

    /// The JSON form that the protocol uses for types, e.g. `["list","string"]`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(members) => {
                let members: serde_json::Map<_, _> = members
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.to_json()))
                    .collect();
                json!(["object", members])
            }
            Self::Tuple(elements) => {
                json!([
                    "tuple",
                    elements.iter().map(Type::to_json).collect::<Vec<_>>()
                ])
            }
        }
    }

    /// Reads the JSON form; `None` if it is not one.
    pub fn from_json(json: &Json) -> Option<Self> {
        if let Some(name) = json.as_str() {
            return match name {
                "string" => Some(Self::String),
                "number" => Some(Self::Number),
                "bool" => Some(Self::Bool),
                "dynamic" => Some(Self::Dynamic),
                _ => None,
            };
        }
        let parts = json.as_array()?;
        let argument = parts.get(1)?;
        match parts.first()?.as_str()? {
            "list" => Some(Self::list(Self::from_json(argument)?)),
            "set" => Some(Self::set(Self::from_json(argument)?)),
            "map" => Some(Self::map(Self::from_json(argument)?)),
            "tuple" => argument
                .as_array()?
                .iter()
                .map(Self::from_json)
                .collect::<Option<_>>()
                .map(Self::Tuple),
            "object" => {
                let members = argument.as_object()?.iter();
                let members = members.map(|(name, ty)| Some((name.clone(), Self::from_json(ty)?)));
                members.collect::<Option<_>>().map(Self::Object)
            }
            _ => None,
        }
    }
}

/// The type as documentation names it, e.g. `list of string`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Number => f.write_str("number"),
            Self::Bool => f.write_str("bool"),
            Self::Dynamic => f.write_str("any type"),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Set(element) => write!(f, "set of {element}"),
            Self::Map(element) => write!(f, "map of {element}"),
            Self::Object(_) => f.write_str("object"),
            Self::Tuple(_) => f.write_str("tuple"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_survive_their_json_form() {
        let ty = Type::object([
            ("a", Type::list(Type::string())),
            ("b", Type::set(Type::number())),
            ("c", Type::map(Type::bool())),
            ("d", Type::Tuple(vec![Type::Dynamic, Type::object([])])),
        ]);
        assert_eq!(Type::from_json(&ty.to_json()), Some(ty));
        assert_eq!(Type::from_json(&json!(["list"])), None);
        assert_eq!(Type::from_json(&json!("text")), None);
    }
}
