//! From msgpack to values, led by the type.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode;

use super::{REFINED_UNKNOWN, WireError, refinement};
use crate::path::Step;
use crate::types::Type;
use crate::value::{Number, Refinements, Value};

/// Reads a value of a type. The bytes must hold nothing else.
pub(super) fn read(bytes: &[u8], ty: &Type) -> Result<Value, WireError> {
    let mut rest = bytes;
    let mut value = read_value(&mut rest, ty)?;
    if !rest.is_empty() {
        return Err(WireError::new(format!(
            "{} bytes follow the value",
            rest.len()
        )));
    }
    value.normalize(ty);
    Ok(value)
}

fn read_value(bytes: &mut &[u8], ty: &Type) -> Result<Value, WireError> {
    match peek(bytes)? {
        Marker::Null => {
            *bytes = &bytes[1..];
            return Ok(Value::Null);
        }
        marker if is_extension(marker) => return read_unknown(bytes).map(Value::Unknown),
        _ => {}
    }
    match ty {
        Type::Bool => decode::read_bool(bytes)
            .map(Value::Bool)
            .map_err(malformed("a truth value")),
        Type::Number => read_number(bytes).map(Value::Number),
        Type::String => read_text(bytes).map(|text| Value::String(text.to_owned())),
        Type::List(element) | Type::Set(element) => read_elements(bytes, element),
        Type::Tuple(types) => read_tuple(bytes, types),
        Type::Map(element) => read_map(bytes, element),
        Type::Object(types) => read_object(bytes, types),
        Type::Dynamic => read_dynamic(bytes),
    }
}

fn peek(bytes: &[u8]) -> Result<Marker, WireError> {
    bytes
        .first()
        .map(|byte| Marker::from_u8(*byte))
        .ok_or_else(|| WireError::new("the value is cut short"))
}

fn is_extension(marker: Marker) -> bool {
    matches!(
        marker,
        Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32
    )
}

fn malformed<E: std::fmt::Display>(wanted: &'static str) -> impl Fn(E) -> WireError {
    move |error| WireError::new(format!("{wanted} was expected ({error})"))
}

fn take<'a>(bytes: &mut &'a [u8], length: u32) -> Result<&'a [u8], WireError> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (taken, rest) = bytes
        .split_at_checked(length)
        .ok_or_else(|| WireError::new("the value is cut short"))?;
    *bytes = rest;
    Ok(taken)
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, WireError> {
    let length = decode::read_str_len(bytes).map_err(malformed("a text"))?;
    std::str::from_utf8(take(bytes, length)?).map_err(malformed("a text in UTF-8"))
}

fn read_number(bytes: &mut &[u8]) -> Result<Number, WireError> {
    let number = match peek(bytes)? {
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            return read_text(bytes)?.parse().map_err(malformed("a number"));
        }
        Marker::F32 => decode::read_f32(bytes)
            .ok()
            .and_then(|float| Number::exactly(float.into())),
        Marker::F64 => decode::read_f64(bytes).ok().and_then(Number::exactly),
        Marker::U64 => decode::read_u64(bytes).ok().map(Number::from),
        _ => decode::read_int::<i64, _>(bytes).ok().map(Number::from),
    };
    number.ok_or_else(|| WireError::new("a number was expected"))
}

fn read_elements(bytes: &mut &[u8], ty: &Type) -> Result<Value, WireError> {
    let length = decode::read_array_len(bytes).map_err(malformed("a list"))?;
    (0..length)
        .map(|index| read_value(bytes, ty).map_err(at_index(index)))
        .collect::<Result<_, _>>()
        .map(Value::List)
}

fn read_tuple(bytes: &mut &[u8], types: &[Type]) -> Result<Value, WireError> {
    let length = decode::read_array_len(bytes).map_err(malformed("a tuple"))?;
    if usize::try_from(length).ok() != Some(types.len()) {
        return Err(WireError::new(format!(
            "a tuple of {} was expected, it has {length}",
            types.len()
        )));
    }
    let elements = types
        .iter()
        .zip(0..)
        .map(|(ty, index)| read_value(bytes, ty).map_err(at_index(index)));
    elements.collect::<Result<_, _>>().map(Value::List)
}

fn at_index(index: u32) -> impl Fn(WireError) -> WireError {
    move |error| error.within(Step::Index(index.into()))
}

fn read_map(bytes: &mut &[u8], ty: &Type) -> Result<Value, WireError> {
    let length = decode::read_map_len(bytes).map_err(malformed("a map"))?;
    let mut elements = BTreeMap::new();
    for _ in 0..length {
        let key = read_text(bytes)?;
        let value =
            read_value(bytes, ty).map_err(|error| error.within(Step::Key(key.to_owned())))?;
        elements.insert(key.to_owned(), value);
    }
    Ok(Value::Map(elements))
}

fn read_object(bytes: &mut &[u8], types: &BTreeMap<String, Type>) -> Result<Value, WireError> {
    let length = decode::read_map_len(bytes).map_err(malformed("an object"))?;
    let mut members: BTreeMap<_, _> = types
        .keys()
        .map(|name| (name.clone(), Value::Null))
        .collect();
    for _ in 0..length {
        let name = read_text(bytes)?;
        let ty = types
            .get(name)
            .ok_or_else(|| WireError::new(format!("there is no attribute {name:?} here")))?;
        let value = read_value(bytes, ty)
            .map_err(|error| error.within(Step::Attribute(name.to_owned())))?;
        members.insert(name.to_owned(), value);
    }
    Ok(Value::Map(members))
}

fn read_dynamic(bytes: &mut &[u8]) -> Result<Value, WireError> {
    let length = decode::read_array_len(bytes).map_err(malformed("a value with its type"))?;
    if length != 2 {
        return Err(WireError::new("a value with its type was expected"));
    }
    let length = decode::read_bin_len(bytes).map_err(malformed("a type"))?;
    let json = serde_json::from_slice(take(bytes, length)?).map_err(malformed("a type"))?;
    let ty = Type::from_json(&json).ok_or_else(|| WireError::new("a type was expected"))?;
    let inner = read_value(bytes, &ty)?;
    Ok(Value::Dynamic(Box::new(ty), Box::new(inner)))
}

/// Every extension is an unknown value; only one extension type says more about it.
fn read_unknown(bytes: &mut &[u8]) -> Result<Refinements, WireError> {
    let extension = decode::read_ext_meta(bytes).map_err(malformed("an unknown value"))?;
    let mut payload = take(bytes, extension.size)?;
    if extension.typeid != REFINED_UNKNOWN || payload.len() <= 1 {
        return Ok(Refinements::default());
    }
    let mut refinements = Refinements::default();
    let length = decode::read_map_len(&mut payload).map_err(malformed("refinements"))?;
    for _ in 0..length {
        let key: i64 = decode::read_int(&mut payload).map_err(malformed("a refinement"))?;
        match key {
            refinement::NULLNESS => {
                refinements.not_null =
                    !decode::read_bool(&mut payload).map_err(malformed("a truth value"))?;
            }
            refinement::PREFIX => refinements.prefix = Some(read_text(&mut payload)?.to_owned()),
            refinement::LOWER_BOUND => refinements.lower_bound = Some(read_bound(&mut payload)?),
            refinement::UPPER_BOUND => refinements.upper_bound = Some(read_bound(&mut payload)?),
            refinement::MIN_LENGTH => refinements.min_length = Some(read_length(&mut payload)?),
            refinement::MAX_LENGTH => refinements.max_length = Some(read_length(&mut payload)?),
            // A newer core may know more. What is read so far stays true.
            _ => break,
        }
    }
    Ok(refinements)
}

fn read_bound(bytes: &mut &[u8]) -> Result<(Number, bool), WireError> {
    decode::read_array_len(bytes).map_err(malformed("a bound"))?;
    let number = read_number(bytes)?;
    let inclusive = decode::read_bool(bytes).map_err(malformed("a truth value"))?;
    Ok((number, inclusive))
}

fn read_length(bytes: &mut &[u8]) -> Result<i64, WireError> {
    decode::read_int(bytes).map_err(malformed("a length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_core_was_seen_to_send_is_read() {
        let cases: [(&[u8], Type, Value); 6] = [
            (&[0xc0], Type::String, Value::Null),
            (&[0xd4, 0, 0], Type::String, Value::unknown()),
            (
                &[0xc7, 3, 12, 0x81, 1, 0xc2],
                Type::String,
                Value::unknown_not_null(),
            ),
            (
                b"\xa30.1",
                Type::Number,
                Value::Number("0.1".parse().unwrap()),
            ),
            (
                &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
                Type::Number,
                Value::Number(u64::MAX.into()),
            ),
            (
                b"\x92\xc4\x08\"string\"\xa1x",
                Type::Dynamic,
                Value::Dynamic(Box::new(Type::String), Box::new("x".into())),
            ),
        ];
        for (bytes, ty, wanted) in cases {
            assert_eq!(read(bytes, &ty), Ok(wanted), "{bytes:x?}");
        }
    }

    #[test]
    fn malformed_bytes_are_errors_with_a_place() {
        let ty = Type::object([("a", Type::list(Type::bool()))]);
        let error = read(b"\x81\xa1a\x91\xa1x", &ty).unwrap_err();
        assert_eq!(error.path.to_string(), "a[0]");
        for bytes in [
            &b""[..],
            b"\x81",
            b"\x81\xa1b\xc0",
            b"\xc0\xc0",
            b"\xdf\xff\xff\xff\xff",
        ] {
            assert!(read(bytes, &ty).is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn an_unknown_refinement_is_passed_over() {
        assert_eq!(
            read(&[0xc7, 5, 12, 0x82, 1, 0xc2, 99, 0xc0], &Type::String),
            Ok(Value::unknown_not_null())
        );
    }
}
