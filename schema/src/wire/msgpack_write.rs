//! From values to msgpack, led by the type.

use rmp::encode;
use std::collections::BTreeMap;

use super::{REFINED_UNKNOWN, WireError, refinement};
use crate::path::Step;
use crate::types::Type;
use crate::value::{Number, Refinements, Value};

/// Writing into memory cannot fail, but the library's functions can.
type Written = Result<(), WireError>;

/// Writes a value of a type.
pub(super) fn write(value: &Value, ty: &Type) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::new();
    write_value(&mut out, value, ty)?;
    Ok(out)
}

fn write_value(out: &mut Vec<u8>, value: &Value, ty: &Type) -> Written {
    match (value, ty) {
        (Value::Null, _) => encode::write_nil(out).map_err(io),
        (Value::Unknown(refinements), _) => write_unknown(out, refinements, ty),
        (Value::Dynamic(inner_type, inner), Type::Dynamic) => write_dynamic(out, inner_type, inner),
        (Value::Dynamic(_, inner), _) => write_value(out, inner, ty),
        (Value::Bool(truth), Type::Bool) => encode::write_bool(out, *truth).map_err(io),
        (Value::Number(number), Type::Number) => write_number(out, number),
        (Value::String(text), Type::String) => encode::write_str(out, text).map_err(io),
        (Value::List(elements), Type::List(element) | Type::Set(element)) => write_elements(
            out,
            elements,
            std::iter::repeat_n(&**element, elements.len()),
        ),
        (Value::List(elements), Type::Tuple(types)) if elements.len() == types.len() => {
            write_elements(out, elements, types.iter())
        }
        (Value::Map(elements), Type::Map(element)) => write_map(out, elements, element),
        (Value::Map(members), Type::Object(types)) => write_object(out, members, types),
        _ => Err(WireError::new(format!(
            "a {ty} was expected, the value is {}",
            kind(value)
        ))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Unknown(_) => "unknown",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "an object or a map",
        Value::Dynamic(..) => "of dynamic type",
    }
}

fn io<E: std::fmt::Display>(error: E) -> WireError {
    WireError::new(error.to_string())
}

fn length(length: usize) -> Result<u32, WireError> {
    u32::try_from(length).map_err(io)
}

/// Integers that fit are integers; anything else is text, which keeps every digit.
fn write_number(out: &mut Vec<u8>, number: &Number) -> Written {
    if let Some(integer) = number.as_i64() {
        encode::write_sint(out, integer).map(drop).map_err(io)
    } else if let Some(integer) = number.as_u64() {
        encode::write_uint(out, integer).map(drop).map_err(io)
    } else if number.is_infinite() {
        encode::write_f64(out, number.as_f64()).map_err(io)
    } else {
        encode::write_str(out, number.as_str()).map_err(io)
    }
}

fn write_elements<'a>(
    out: &mut Vec<u8>,
    elements: &[Value],
    types: impl Iterator<Item = &'a Type>,
) -> Written {
    encode::write_array_len(out, length(elements.len())?).map_err(io)?;
    for ((element, ty), index) in elements.iter().zip(types).zip(0..) {
        write_value(out, element, ty).map_err(|error| error.within(Step::Index(index)))?;
    }
    Ok(())
}

fn write_map(out: &mut Vec<u8>, elements: &BTreeMap<String, Value>, ty: &Type) -> Written {
    encode::write_map_len(out, length(elements.len())?).map_err(io)?;
    for (key, element) in elements {
        encode::write_str(out, key).map_err(io)?;
        write_value(out, element, ty).map_err(|error| error.within(Step::Key(key.clone())))?;
    }
    Ok(())
}

/// The core insists on exactly the attributes of the type: those that are missing become null.
fn write_object(
    out: &mut Vec<u8>,
    members: &BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
) -> Written {
    if let Some(name) = members.keys().find(|name| !types.contains_key(*name)) {
        return Err(WireError::new(format!(
            "there is no attribute {name:?} here"
        )));
    }
    encode::write_map_len(out, length(types.len())?).map_err(io)?;
    for (name, ty) in types {
        encode::write_str(out, name).map_err(io)?;
        let member = members.get(name).unwrap_or(&Value::Null);
        write_value(out, member, ty)
            .map_err(|error| error.within(Step::Attribute(name.clone())))?;
    }
    Ok(())
}

fn write_dynamic(out: &mut Vec<u8>, ty: &Type, inner: &Value) -> Written {
    encode::write_array_len(out, 2).map_err(io)?;
    encode::write_bin(out, ty.to_json().to_string().as_bytes()).map_err(io)?;
    write_value(out, inner, ty)
}

/// Refinements that do not belong to the type are left out: the core refuses them.
fn write_unknown(out: &mut Vec<u8>, refinements: &Refinements, ty: &Type) -> Written {
    let fields = refinement_fields(refinements, ty)?;
    if fields.is_empty() {
        out.extend_from_slice(&[0xd4, 0, 0]);
        return Ok(());
    }
    let mut payload = Vec::new();
    encode::write_map_len(&mut payload, length(fields.len())?).map_err(io)?;
    for field in &fields {
        payload.extend_from_slice(field);
    }
    encode::write_ext_meta(out, length(payload.len())?, REFINED_UNKNOWN).map_err(io)?;
    out.extend_from_slice(&payload);
    Ok(())
}

fn refinement_fields(refinements: &Refinements, ty: &Type) -> Result<Vec<Vec<u8>>, WireError> {
    let mut fields = Vec::new();
    let mut add = |key: i64, value: &dyn Fn(&mut Vec<u8>) -> Written| {
        let mut field = Vec::new();
        encode::write_sint(&mut field, key).map_err(io)?;
        value(&mut field)?;
        fields.push(field);
        Ok::<_, WireError>(())
    };
    if refinements.not_null && *ty != Type::Dynamic {
        add(refinement::NULLNESS, &|out| {
            encode::write_bool(out, false).map_err(io)
        })?;
    }
    if let (Some(prefix), Type::String) = (&refinements.prefix, ty) {
        add(refinement::PREFIX, &|out| {
            encode::write_str(out, prefix).map_err(io)
        })?;
    }
    let bounds = [
        (refinement::LOWER_BOUND, &refinements.lower_bound),
        (refinement::UPPER_BOUND, &refinements.upper_bound),
    ];
    for (key, bound) in bounds {
        if let (Some((number, inclusive)), Type::Number) = (bound, ty) {
            add(key, &|out| {
                encode::write_array_len(out, 2).map_err(io)?;
                write_number(out, number)?;
                encode::write_bool(out, *inclusive).map_err(io)
            })?;
        }
    }
    let lengths = [
        (refinement::MIN_LENGTH, refinements.min_length),
        (refinement::MAX_LENGTH, refinements.max_length),
    ];
    for (key, limit) in lengths {
        if let (Some(limit), Type::List(_) | Type::Set(_) | Type::Map(_)) = (limit, ty) {
            add(key, &|out| {
                encode::write_sint(out, limit).map(drop).map_err(io)
            })?;
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_core_writes_them() {
        let cases: [(Value, Type, &[u8]); 5] = [
            (Value::unknown(), Type::String, &[0xd4, 0, 0]),
            (
                Value::unknown_not_null(),
                Type::String,
                &[0xc7, 3, 12, 0x81, 1, 0xc2],
            ),
            (
                Value::Number("0.1".parse().unwrap()),
                Type::Number,
                b"\xa30.1",
            ),
            (Value::from(5), Type::Number, &[5]),
            (Value::Null, Type::object([("a", Type::string())]), &[0xc0]),
        ];
        for (value, ty, wanted) in cases {
            assert_eq!(write(&value, &ty).as_deref(), Ok(wanted), "{value:?}");
        }
    }

    #[test]
    fn an_object_has_all_attributes_of_its_type_and_no_other() {
        let ty = Type::object([("a", Type::string()), ("b", Type::string())]);
        assert_eq!(
            write(&Value::object([("a", "x".into())]), &ty).unwrap(),
            b"\x82\xa1a\xa1x\xa1b\xc0"
        );
        assert!(write(&Value::object([("c", "x".into())]), &ty).is_err());
        let error = write(&Value::object([("a", 1.into())]), &ty).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a: a string was expected, the value is a number"
        );
    }
}
