//! Values in messages: msgpack as a rule, JSON where the core passes on what it stored.

use seedling_proto::tfplugin6::{DynamicValue, RawState};

use super::{WireError, msgpack_read, msgpack_write};
use crate::types::Type;
use crate::value::{ExtraMembers, Value};

/// Reads a value of a type; an absent or empty one is null.
pub(crate) fn read(message: Option<&DynamicValue>, ty: &Type) -> Result<Value, WireError> {
    match message {
        Some(message) if !message.msgpack.is_empty() => msgpack_read::read(&message.msgpack, ty),
        Some(message) if !message.json.is_empty() => {
            let json = parse(&message.json)?;
            Value::from_json_with(&json, ty, ExtraMembers::Drop).map_err(|error| WireError {
                path: error.path,
                reason: error.reason,
            })
        }
        _ => Ok(Value::Null),
    }
}

/// Writes a value of a type.
pub(crate) fn write(value: &Value, ty: &Type) -> Result<Option<DynamicValue>, WireError> {
    Ok(Some(DynamicValue {
        msgpack: msgpack_write::write(value, ty)?,
        json: Vec::new(),
    }))
}

/// The JSON of a stored state; `None` for the form that states had before Terraform 0.12.
pub(crate) fn raw_json(state: Option<&RawState>) -> Result<Option<serde_json::Value>, WireError> {
    match state {
        Some(state) if !state.flatmap.is_empty() => Ok(None),
        Some(state) if !state.json.is_empty() => parse(&state.json).map(Some),
        _ => Ok(Some(serde_json::Value::Null)),
    }
}

fn parse(json: &[u8]) -> Result<serde_json::Value, WireError> {
    serde_json::from_slice(json)
        .map_err(|error| WireError::new(format!("the JSON cannot be read: {error}")))
}
