//! Protobuf bodies, which kubectl sends for the kinds that it has types of. The messages are those of the `generated.proto` files of
//! `k8s.io/api` and `k8s.io/apimachinery`, kept as a table.

mod wire;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::api::Status;
use crate::clock;
use crate::schema::unpack;

use wire::{Field, fields};

/// Before every protobuf body.
const MAGIC: &[u8] = b"k8s\0";
const MESSAGES: &[u8] = include_bytes!("../../recordings/server/messages.json.gz");

/// A field of a message: its name, its type, and whether it is `o`ptional, `r`epeated, a `m`ap, or absent where it is `z`ero.
#[derive(Deserialize)]
struct Member(String, String, char);

/// Fields of messages, by the messages' full names and the fields' numbers.
type Messages = BTreeMap<String, BTreeMap<u64, Member>>;

fn messages() -> &'static Messages {
    static READ: OnceLock<Messages> = OnceLock::new();
    READ.get_or_init(|| {
        let read = unpack(MESSAGES).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.unwrap_or_default()
    })
}

/// Members that Go inlines, so that JSON has theirs in their place.
const INLINED: [&str; 6] = [
    "ephemeralContainerCommon",
    "handler",
    "localObjectReference",
    "persistentVolumeSource",
    "secretReference",
    "volumeSource",
];

/// No object is nested deeper; a body that is, is refused before the stack ends.
const DEEPEST: u32 = 64;

/// The object as JSON; 415 for a kind that is not in the table, so that clients that can, fall back to JSON.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Status> {
    let malformed = || Status::bad_request("the body of the request is no protobuf of the API");
    let bytes = bytes.strip_prefix(MAGIC).ok_or_else(malformed)?;
    let unknown = "k8s.io.apimachinery.pkg.runtime.Unknown";
    let envelope = message(unknown, bytes, 0).ok_or_else(malformed)?;
    let text = |member: &str| envelope["typeMeta"][member].as_str().unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if api_version.is_empty() && kind.is_empty() {
        return Err(malformed());
    }
    let raw = envelope["raw"].as_str().unwrap_or_default();
    let raw = BASE64_STANDARD.decode(raw).map_err(|_| malformed())?;
    let Some(name) = name_of(api_version, kind) else {
        return Err(Status::unsupported_media_type(
            "application/json, application/yaml",
        ));
    };
    let mut object = message(&name, &raw, 0).ok_or_else(malformed)?;
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    Ok(object)
}

/// The message of a kind: `apps/v1` is in the package `k8s.io.api.apps.v1`, whatever follows a group's first word.
fn name_of(api_version: &str, kind: &str) -> Option<String> {
    let (group, version) = api_version.split_once('/').unwrap_or(("core", api_version));
    let group = group.split('.').next().unwrap_or_default();
    let name = format!("k8s.io.api.{group}.{version}.{kind}");
    let of_any_group = format!("k8s.io.apimachinery.pkg.apis.meta.v1.{kind}");
    [name, of_any_group]
        .into_iter()
        .find(|name| messages().contains_key(name))
}

fn message(name: &str, bytes: &[u8], depth: u32) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let members = messages().get(name)?;
    let mut object = Map::new();
    for field in fields(bytes) {
        let (number, content) = field?;
        // Fields of newer versions are skipped, as protobuf wants it.
        let Some(Member(name, kind, label)) = members.get(&number) else {
            continue;
        };
        if *label == 'm' {
            let Field::Bytes(entry) = content else {
                return None;
            };
            let (key, value) = entry_of(kind, entry, depth)?;
            let map = object.entry(name).or_insert_with(|| json!({}));
            map[key] = value;
            continue;
        }
        let value = value(kind, &content, depth)?;
        match (*label, value) {
            ('r', value) => {
                let list = object.entry(name).or_insert_with(|| json!([]));
                list.as_array_mut()?.push(value);
            }
            (_, Value::Object(inner)) if INLINED.contains(&name.as_str()) => object.extend(inner),
            (_, value) => {
                // Go writes what is empty; JSON leaves it out.
                let is_zero = *label == 'z' && (value == false || value == 0);
                if value != "" && !value.is_null() && !is_zero {
                    object.insert(name.clone(), value);
                }
            }
        }
    }
    Some(Value::Object(object))
}

fn entry_of(kind: &str, bytes: &[u8], depth: u32) -> Option<(String, Value)> {
    let (mut key, mut found) = (String::new(), Value::Null);
    for field in fields(bytes) {
        match field? {
            (1, Field::Bytes(text)) => key = String::from_utf8(text.to_vec()).ok()?,
            (2, content) => found = value(kind, &content, depth)?,
            _ => {}
        }
    }
    // An empty text is not written.
    if found.is_null() && ["string", "bytes"].contains(&kind) {
        found = "".into();
    }
    Some((key, found))
}

#[allow(clippy::cast_possible_wrap)] // that is how protobuf writes negative numbers
fn value(kind: &str, content: &Field<'_>, depth: u32) -> Option<Value> {
    Some(match (kind, content) {
        ("bool", Field::Number(number)) => (*number != 0).into(),
        ("int32" | "int64" | "uint32" | "uint64", Field::Number(number)) => (*number as i64).into(),
        ("double", Field::Number(number)) => f64::from_bits(*number).into(),
        ("string", Field::Bytes(bytes)) => std::str::from_utf8(bytes).ok()?.into(),
        ("bytes", Field::Bytes(bytes)) => BASE64_STANDARD.encode(bytes).into(),
        (name, Field::Bytes(bytes)) => special(name, message(name, bytes, depth + 1)?),
        _ => return None,
    })
}

/// Types that JSON writes in another way.
fn special(name: &str, message: Value) -> Value {
    let number = |member: &str| message[member].as_i64().unwrap_or(0);
    match name.rsplit('.').next().unwrap_or_default() {
        "Quantity" => message["string"].clone(),
        "IntOrString" if number("type") == 0 => number("intVal").into(),
        "IntOrString" => message.get("strVal").cloned().unwrap_or_else(|| "".into()),
        "Time" | "MicroTime" => {
            let seconds = number("seconds");
            match OffsetDateTime::from_unix_timestamp(seconds) {
                Ok(moment) if seconds > 0 => clock::seconds(moment).into(),
                _ => Value::Null,
            }
        }
        _ => message,
    }
}
