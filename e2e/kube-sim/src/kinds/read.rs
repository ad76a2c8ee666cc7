//! Reading a body as the real server's types do: what they cannot hold is dropped, quantities get their canonical spelling.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use super::quantity::Quantity;
use crate::api::Status;
use crate::discovery::Kind;
use crate::schema::{Problem, Schema};

/// What is wrong with the first quantity that is none, or the first data of a Secret that are not base64.
pub fn bad_quantity(kind: &Kind, object: &Value) -> Option<String> {
    if has_bad_quantity(kind.schema(), object) {
        return Some(QUANTITY_RULE.to_owned());
    }
    let data = object["data"]
        .as_object()
        .filter(|_| kind.kind == "Secret")?;
    let mut texts = data.values().filter_map(Value::as_str);
    texts.find_map(bad_base64)
}

/// In the words of `encoding/base64`.
fn bad_base64(text: &str) -> Option<String> {
    use base64::DecodeError::{InvalidByte, InvalidLastSymbol, InvalidLength, InvalidPadding};
    let place = match BASE64_STANDARD.decode(text).err()? {
        InvalidByte(place, _) | InvalidLastSymbol(place, _) => place,
        InvalidLength(length) => length / 4 * 4,
        InvalidPadding => text.len(),
    };
    Some(format!("illegal base64 data at input byte {place}"))
}

/// The words of `resource.ErrFormatWrong`.
const QUANTITY_RULE: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

fn has_bad_quantity(schema: Schema<'_>, value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| has_bad_quantity(schema.member(name), member)),
        Value::Array(items) => items
            .iter()
            .any(|item| has_bad_quantity(schema.items(), item)),
        Value::String(text) => is_quantity(schema) && Quantity::parse(text).is_none(),
        _ => false,
    }
}

/// Brings an object into the form in which it is stored.
pub fn read(kind: &Kind, object: &mut Value) {
    if kind.is_custom() {
        prune(kind.schema(), object);
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.retain(|_, member| !is_empty(member));
        }
        return;
    }
    typed(kind.schema(), object, true);
    for list in ["rules", "conditions"] {
        if object.get(list).is_some_and(is_empty) {
            object[list] = Value::Null; // as the server writes an empty list that has to be there
        }
    }
    match kind.kind.as_str() {
        "Secret" => merge_string_data(object),
        "Role" | "ClusterRole" if object.get("rules").is_none() => object["rules"] = Value::Null,
        "Pod" => {
            if let Some(conditions) = object.pointer_mut("/status/conditions") {
                always(conditions, "lastProbeTime");
            }
        }
        "Event" if object.get("eventTime").is_none() => object["eventTime"] = Value::Null,
        _ => {}
    }
}

/// Times that Go's types write as `null` where there is none.
fn always(list: &mut Value, member: &str) {
    for item in list.as_array_mut().into_iter().flatten() {
        if item.is_object() && item.get(member).is_none() {
            item[member] = Value::Null;
        }
    }
}

/// A refusal of a value that has the wrong type.
pub fn unreadable(kind: &Kind, problem: &Problem) -> Status {
    if kind.is_custom() {
        return Status::bad_request(format!(
            "{} in version {:?} cannot be handled: {}: {}",
            kind.kind, kind.version, problem.path, problem.why
        ));
    }
    cannot_handle(kind, &problem.why)
}

/// A body that cannot be read.
pub fn cannot_handle(kind: &Kind, why: &str) -> Status {
    Status::bad_request(format!(
        "{} in version {:?} cannot be handled as a {}: {why}",
        kind.kind, kind.version, kind.kind
    ))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// `Role` and the like write an empty list of rules as `null`; all other empty lists and maps are left out.
const KEPT: [&str; 3] = ["rules", "conditions", "storedVersions"];

/// Fields of Go types that are no pointers and are left out when they are empty: a client's zero is as if it were not there.
const NOT_IF_EMPTY: [&str; 23] = [
    "fsType",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostPort",
    "hostname",
    "initialDelaySeconds",
    "minReadySeconds",
    "nodeName",
    "paused",
    "publishNotReadyAddresses",
    "priorityClassName",
    "readOnly",
    "stdin",
    "stdinOnce",
    "subPath",
    "subdomain",
    "terminationMessagePath",
    "timeoutSeconds",
    "tty",
    "value",
    "volumeName",
    "workingDir",
];

fn is_zero(value: &Value) -> bool {
    *value == 0 || *value == false || *value == ""
}

fn typed(schema: Schema<'_>, value: &mut Value, is_root: bool) {
    match value {
        Value::Object(members) => {
            if let Some(entries) = schema.entries().filter(|_| !members.is_empty()) {
                for member in members.values_mut() {
                    typed(entries, member, false);
                }
                return;
            }
            members.retain(|name, member| {
                let Some(field) = schema.field(name) else {
                    return schema.is_free();
                };
                if member.is_null() {
                    return KEPT.contains(&name.as_str());
                }
                let is_map = field.schema.entries().is_some();
                let drops = is_empty(member)
                    && (member.is_array() || is_map)
                    && !KEPT.contains(&name.as_str());
                typed(field.schema, member, false);
                !(drops || is_zero(member) && NOT_IF_EMPTY.contains(&name.as_str()))
            });
            if is_root && let Some(Value::Object(metadata)) = members.get_mut("metadata") {
                metadata.retain(|_, member| {
                    !is_empty(member) && *member != Value::String(String::new())
                });
            }
        }
        Value::Array(items) => {
            for item in items {
                typed(schema.items(), item, false);
            }
        }
        scalar if is_quantity(schema) => {
            let text = match &scalar {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            if let Some(canonical) = Quantity::canonical(&text) {
                *scalar = canonical.into();
            }
        }
        _ => {}
    }
}

/// The only type of the recorded documents that is a string or a number.
fn is_quantity(schema: Schema<'_>) -> bool {
    let choices = schema.definition().get("oneOf").and_then(Value::as_array);
    choices.is_some_and(|choices| choices.iter().any(|choice| choice["type"] == "number"))
}

/// A custom kind keeps what its type names, and fills what has a default.
fn prune(schema: Schema<'_>, value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| {
                let keeps = schema.names(name) || schema.entries().is_some() || schema.is_free();
                let nullable =
                    schema.member(name).definition().get("nullable") == Some(&Value::Bool(true));
                keeps && (!member.is_null() || nullable || schema.is_free())
            });
            for (name, member) in members {
                prune(schema.member(name), member);
            }
        }
        Value::Array(items) => {
            for item in items {
                prune(schema.items(), item);
            }
        }
        _ => {}
    }
}

/// `stringData` is for writing only.
fn merge_string_data(secret: &mut Value) {
    let Some(Value::Object(texts)) = secret
        .as_object_mut()
        .and_then(|secret| secret.remove("stringData"))
    else {
        return;
    };
    let mut data = match secret["data"].take() {
        Value::Object(data) => data,
        _ => Map::new(),
    };
    for (name, text) in texts {
        let bytes = text.as_str().unwrap_or_default().as_bytes();
        data.insert(name, BASE64_STANDARD.encode(bytes).into());
    }
    secret["data"] = Value::Object(data);
}
