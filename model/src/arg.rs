//! An argument as the configuration gives it: absent, not known yet, or given.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// One argument. Plans meet values that are only known after another resource exists, so `Option` is not enough:
/// a check must stay silent about an unknown value and must not take it for an absent one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arg<T> {
    /// Not written in the configuration, or written as `null`.
    #[default]
    Absent,
    /// Written, but known only after apply.
    Unknown,
    /// Written and known.
    Given(T),
}

impl<T> Arg<T> {
    /// The value, where it is written and known.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether the value is known only after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether the argument is not written.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the argument is written, known or not.
    pub fn is_set(&self) -> bool {
        !self.is_absent()
    }
}

impl<T: Clone> Arg<T> {
    /// The value, or `default` where it is absent or not known yet.
    pub fn or(&self, default: T) -> T {
        self.given().cloned().unwrap_or(default)
    }

    /// The value, `default` where it is absent, and nothing where it is not known yet.
    pub fn known_or(&self, default: T) -> Option<T> {
        match self {
            Self::Absent => Some(default),
            Self::Unknown => None,
            Self::Given(value) => Some(value.clone()),
        }
    }
}

impl Arg<String> {
    /// The text, or `default` where it is absent or not known yet.
    pub fn text_or<'a>(&'a self, default: &'a str) -> &'a str {
        self.given().map_or(default, String::as_str)
    }

    /// The text; empty where it is absent or not known yet.
    pub fn text(&self) -> &str {
        self.text_or("")
    }
}

impl<T> From<T> for Arg<T> {
    fn from(value: T) -> Self {
        Self::Given(value)
    }
}

impl From<&str> for Arg<String> {
    fn from(value: &str) -> Self {
        Self::Given(value.to_owned())
    }
}

impl<T> From<Option<T>> for Arg<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Given)
    }
}

/// Only a given value is written; the other two become null, so nothing unknown can reach an object or a state.
impl<T: Serialize> Serialize for Arg<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Given(value) => serializer.serialize_some(value),
            Self::Absent | Self::Unknown => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Arg<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(ArgVisitor(PhantomData))
    }
}

struct ArgVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ArgVisitor<T> {
    type Value = Arg<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an argument")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Arg::Absent)
    }

    /// The schema crate presents an unknown value as unit.
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Arg::Unknown)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(Arg::Given)
    }
}

/// Arguments none of which is known yet, for tests.
#[cfg(test)]
pub(crate) fn all_unknown<T: for<'de> Deserialize<'de>>() -> T {
    T::deserialize(tests::UnknownFields).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{
        de::{
            IntoDeserializer,
            value::{Error as ValueError, MapDeserializer},
        },
        forward_to_deserialize_any,
    };

    /// Presents an unknown value as the schema crate does.
    struct UnknownValue;

    impl<'de> Deserializer<'de> for UnknownValue {
        type Error = ValueError;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.visit_unit()
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    impl IntoDeserializer<'_, ValueError> for UnknownValue {
        type Deserializer = Self;

        fn into_deserializer(self) -> Self {
            self
        }
    }

    /// Presents a struct with unknown values only.
    pub(super) struct UnknownFields;

    impl<'de> Deserializer<'de> for UnknownFields {
        type Error = ValueError;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.visit_unit()
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, ValueError> {
            let fields = fields.iter().map(|field| (*field, UnknownValue));
            visitor.visit_map(MapDeserializer::new(fields))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    #[test]
    fn absent_unknown_and_given_are_told_apart() {
        let absent: Arg<String> = serde_json::from_str("null").unwrap();
        let given: Arg<String> = serde_json::from_str("\"a\"").unwrap();
        let unknown = Arg::<String>::deserialize(UnknownValue).unwrap();
        assert_eq!(
            (absent, given, unknown),
            (Arg::Absent, Arg::from("a"), Arg::Unknown)
        );
    }

    #[test]
    fn only_given_values_are_written() {
        let written = serde_json::to_string(&[Arg::Given(1), Arg::Unknown, Arg::Absent]).unwrap();
        assert_eq!(written, "[1,null,null]");
    }
}
