//! Values into Rust types, through serde.

use std::fmt::Display;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor, value::StringDeserializer,
};
use serde::forward_to_deserialize_any;

use super::{Number, Value};
use crate::diagnostics::Diagnostic;
use crate::path::{Path, Step};

/// A value that does not fit the Rust type it is read into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct DecodeError {
    /// Where it does not fit.
    pub path: Path,
    /// What does not fit, as a sentence without a full stop.
    pub reason: String,
}

impl DecodeError {
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

impl serde::de::Error for DecodeError {
    fn custom<T: Display>(reason: T) -> Self {
        Self::new(reason.to_string())
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Self {
        Self::error("Invalid value", format!("{}.", error.reason)).at(error.path)
    }
}

impl Value {
    /// Reads the value into a Rust type.
    ///
    /// An optional field tells three cases apart: null visits `none`, unknown visits `unit`, any
    /// other value visits `some`. So `Option` reads unknown as `None`.
    ///
    /// # Errors
    /// The value does not fit, or one that the type needs is null or unknown.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        T::deserialize(Decoder(self))
    }
}

/// Reads one value. The error paths are built from the inside out.
struct Decoder<'a>(&'a Value);

impl Decoder<'_> {
    /// The reason why a needed value cannot be read, if there is one.
    fn missing(&self) -> Option<DecodeError> {
        if self.0.is_null() {
            return Some(DecodeError::new("a value is needed here, and it is null"));
        }
        self.0
            .is_unknown()
            .then(|| DecodeError::new("a value is needed here, and it is not known yet"))
    }
}

macro_rules! needs_a_value {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            match self.missing() {
                Some(error) => Err(error),
                None => self.deserialize_any(visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Decoder<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            Value::Unknown(_) => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::List(elements) => visitor.visit_seq(Elements { elements, next: 0 }),
            Value::Map(members) => visitor.visit_map(Members::new(members.iter(), Step::Key)),
            Value::Dynamic(_, inner) => Decoder(inner).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            Value::Unknown(_) => visitor.visit_unit(),
            Value::Dynamic(_, inner) => Decoder(inner).deserialize_option(visitor),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match (self.missing(), self.0.as_map()) {
            (Some(error), _) => Err(error),
            (None, Some(members)) => {
                visitor.visit_map(Members::new(members.iter(), Step::Attribute))
            }
            (None, None) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match (self.missing(), self.0.as_str()) {
            (Some(error), _) => Err(error),
            (None, Some(text)) => visitor.visit_enum(text.into_deserializer()),
            (None, None) => Err(DecodeError::new("a text is needed here")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    needs_a_value! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_seq deserialize_map
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    forward_to_deserialize_any! { bytes byte_buf unit unit_struct identifier }
}

fn visit_number<'de, V: Visitor<'de>>(
    number: &Number,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match (number.as_i64(), number.as_u64()) {
        (Some(integer), _) => visitor.visit_i64(integer),
        (None, Some(integer)) => visitor.visit_u64(integer),
        (None, None) => visitor.visit_f64(number.as_f64()),
    }
}

struct Elements<'a> {
    elements: &'a [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(element) = self.elements.get(self.next) else {
            return Ok(None);
        };
        let step = Step::Index(i64::try_from(self.next).unwrap_or(i64::MAX));
        self.next += 1;
        seed.deserialize(Decoder(element))
            .map(Some)
            .map_err(|error| error.within(step))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len().saturating_sub(self.next))
    }
}

struct Members<'a, I> {
    rest: I,
    current: Option<(&'a String, &'a Value)>,
    step: fn(String) -> Step,
}

impl<I> Members<'_, I> {
    fn new(rest: I, step: fn(String) -> Step) -> Self {
        Self {
            rest,
            current: None,
            step,
        }
    }
}

impl<'de, I: Iterator<Item = (&'de String, &'de Value)>> MapAccess<'de> for Members<'de, I> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.current = self.rest.next();
        let Some((name, _)) = self.current else {
            return Ok(None);
        };
        let key: StringDeserializer<DecodeError> = name.clone().into_deserializer();
        seed.deserialize(key)
            .map(Some)
            .map_err(|error| error.within((self.step)(name.clone())))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        let Some((name, value)) = self.current.take() else {
            return Err(DecodeError::new("a value was asked for before its key"));
        };
        seed.deserialize(Decoder(value))
            .map_err(|error| error.within((self.step)(name.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Service {
        name: String,
        replicas: Option<u32>,
        #[serde(default)]
        ports: BTreeMap<String, Port>,
        mode: Option<Mode>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Port {
        port: u16,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        RollBack,
    }

    #[test]
    fn a_value_becomes_a_rust_type() {
        let port = Value::object([("port", 80.into())]);
        let value = Value::object([
            ("name", "api".into()),
            ("replicas", Value::unknown()),
            ("ports", Value::object([("http", port)])),
            ("mode", "roll_back".into()),
        ]);
        let service: Service = value.decode().unwrap();
        assert_eq!(service.replicas, None);
        assert_eq!(service.ports["http"], Port { port: 80 });
        assert_eq!(service.mode, Some(Mode::RollBack));
    }

    #[test]
    fn an_error_names_its_place() {
        let port = Value::object([("port", 80_000.into())]);
        let value = Value::object([
            ("name", "api".into()),
            ("ports", Value::object([("http", port)])),
        ]);
        let error = value.decode::<Service>().unwrap_err();
        assert_eq!(error.path.to_string(), r#"ports["http"].port"#);

        let error = Value::object([("name", Value::unknown())])
            .decode::<Service>()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "name: a value is needed here, and it is not known yet"
        );

        let error = Value::object([("nam", "a".into())])
            .decode::<Service>()
            .unwrap_err();
        assert!(error.reason.contains("unknown field `nam`"), "{error}");
    }
}
