//! Values of the configuration language.

mod decode;
mod json;
mod normal;
mod number;

use std::collections::BTreeMap;

pub use decode::DecodeError;
pub use json::{EncodeError, ExtraMembers};
pub use number::{NotANumber, Number};

use crate::path::{Path, Step};
use crate::types::Type;

/// A value, decoded by a schema's type.
///
/// Objects and maps are both [`Value::Map`]; lists, sets and tuples are all [`Value::List`]
/// (the elements of a set in an order of the framework's choice). The order of values is
/// arbitrary but total; it exists to give sets one form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A value that is known only after apply.
    Unknown(Refinements),
    /// A truth value.
    Bool(bool),
    /// A number of any size and precision.
    Number(Number),
    /// A text.
    String(String),
    /// The elements of a list, a set or a tuple.
    List(Vec<Value>),
    /// The members of an object or the elements of a map.
    Map(BTreeMap<String, Value>),
    /// A value of an attribute whose type only the configuration knows.
    Dynamic(Box<Type>, Box<Value>),
}

/// What is known of an unknown value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Refinements {
    /// The value will not be null.
    pub not_null: bool,
    /// The text will begin like this.
    pub prefix: Option<String>,
    /// The smallest possible number, and whether it is possible itself.
    pub lower_bound: Option<(Number, bool)>,
    /// The largest possible number, and whether it is possible itself.
    pub upper_bound: Option<(Number, bool)>,
    /// The smallest possible number of elements.
    pub min_length: Option<i64>,
    /// The largest possible number of elements.
    pub max_length: Option<i64>,
}

static NULL: Value = Value::Null;

impl Value {
    /// An unknown value of which nothing is known.
    pub fn unknown() -> Self {
        Self::Unknown(Refinements::default())
    }

    /// An unknown value that will not be null: lets a configuration count on its presence.
    pub fn unknown_not_null() -> Self {
        Self::Unknown(Refinements {
            not_null: true,
            ..Refinements::default()
        })
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(_, inner) => inner.is_null(),
            _ => false,
        }
    }

    /// Whether the value itself (not only something in it) is unknown.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(_, inner) => inner.is_unknown(),
            _ => false,
        }
    }

    /// Whether neither the value nor anything in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(members) => members.values().all(Self::is_wholly_known),
            Self::Dynamic(_, inner) => inner.is_wholly_known(),
            _ => true,
        }
    }

    /// A member of an object or an element of a map; null when it is absent or `self` is neither.
    pub fn get(&self, name: &str) -> &Value {
        self.as_map()
            .and_then(|members| members.get(name))
            .unwrap_or(&NULL)
    }

    /// The element of a list; null when it is absent or `self` is no list.
    pub fn element(&self, index: usize) -> &Value {
        self.as_list()
            .and_then(|elements| elements.get(index))
            .unwrap_or(&NULL)
    }

    /// The value at a path, or `None` where the path leads nowhere.
    pub fn at(&self, path: &Path) -> Option<&Value> {
        path.steps()
            .iter()
            .try_fold(self, |value, step| match step {
                Step::Attribute(name) | Step::Key(name) => value.as_map()?.get(name),
                Step::Index(index) => value.as_list()?.get(usize::try_from(*index).ok()?),
            })
    }

    /// Sets the value at a path; `false` where the path leads nowhere.
    pub fn set_at(&mut self, path: &Path, new: Value) -> bool {
        let mut place = self;
        for step in path.steps() {
            let next = match (step, place) {
                (Step::Attribute(name) | Step::Key(name), Self::Map(members)) => {
                    members.get_mut(name)
                }
                (Step::Index(index), Self::List(elements)) => usize::try_from(*index)
                    .ok()
                    .and_then(|index| elements.get_mut(index)),
                _ => None,
            };
            match next {
                Some(next) => place = next,
                None => return false,
            }
        }
        *place = new;
        true
    }

    /// Sets a member; null becomes an object of this one member, other values are left alone.
    pub fn set(&mut self, name: &str, value: Value) {
        if self.is_null() {
            *self = Self::Map(BTreeMap::new());
        }
        if let Self::Map(members) = self {
            members.insert(name.to_owned(), value);
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Dynamic(_, inner) => inner.as_str(),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Dynamic(_, inner) => inner.as_bool(),
            _ => None,
        }
    }

    /// The number, if this is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            Self::Dynamic(_, inner) => inner.as_i64(),
            _ => None,
        }
    }

    /// The elements, if this is a list, a set or a tuple.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(elements) => Some(elements),
            Self::Dynamic(_, inner) => inner.as_list(),
            _ => None,
        }
    }

    /// The members, if this is an object or a map.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(members) => Some(members),
            Self::Dynamic(_, inner) => inner.as_map(),
            _ => None,
        }
    }

    /// An object of the given members.
    pub fn object<const N: usize>(members: [(&str, Value); N]) -> Self {
        Self::Map(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::List(texts.into_iter().map(Self::String).collect())
    }
}

impl From<BTreeMap<String, String>> for Value {
    fn from(texts: BTreeMap<String, String>) -> Self {
        Self::Map(
            texts
                .into_iter()
                .map(|(key, text)| (key, Self::String(text)))
                .collect(),
        )
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_and_sets_the_value_it_names() {
        let mut value = Value::object([("a", Value::List(vec![Value::object([("b", 1.into())])]))]);
        let path = Path::of("a").index(0).attribute("b");
        assert_eq!(value.at(&path), Some(&Value::from(1)));
        assert!(value.set_at(&path, true.into()));
        assert_eq!(value.at(&path), Some(&Value::from(true)));
        assert_eq!(value.at(&Path::of("x")), None);
        assert!(!value.set_at(&Path::of("a").index(7), Value::Null));
    }

    #[test]
    fn knownness_looks_into_collections() {
        let value = Value::object([("a", Value::List(vec![Value::unknown()]))]);
        assert!(!value.is_unknown());
        assert!(!value.is_wholly_known());
    }
}
