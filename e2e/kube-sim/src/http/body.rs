//! Bodies of requests: JSON, YAML, and protobuf for the few kinds that clients send in it.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::protobuf;
use crate::api::{PatchKind, Status};

/// The limit of the real server for objects.
const LIMIT: usize = 3 * 1024 * 1024;

/// How much of a body that is too large is still read: whoever has not sent all of it yet could not hear the refusal.
const PATIENCE: usize = 64 * 1024 * 1024;

/// All bytes of a body.
pub(super) async fn bytes(mut body: Incoming) -> Result<Vec<u8>, Status> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Status::bad_request("unexpected EOF"))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length <= LIMIT {
            bytes.extend_from_slice(&data);
        } else if length > PATIENCE {
            break;
        }
    }
    if length > LIMIT {
        return Err(Status {
            code: 413,
            reason: "RequestEntityTooLarge",
            message: format!("Request entity too large: limit is {LIMIT}"),
            details: Value::Null,
        });
    }
    Ok(bytes)
}

fn content_type(headers: &HeaderMap) -> &str {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim()
}

/// An object; a body of nothing is one without members.
pub(super) fn object(headers: &HeaderMap, bytes: &[u8], kind: &str) -> Result<Value, Status> {
    let value = match content_type(headers) {
        "" | "application/json" => json(bytes).map_err(|why| unrecognized(kind, &why, bytes))?,
        "application/yaml" => yaml(bytes).map_err(|why| unrecognized(kind, &why, bytes))?,
        "application/vnd.kubernetes.protobuf" => protobuf::read(bytes)?,
        _ => {
            return Err(Status::unsupported_media_type(
                "application/json, application/yaml, application/vnd.kubernetes.protobuf",
            ));
        }
    };
    match value {
        Value::Object(members) => {
            for member in ["apiVersion", "kind"] {
                let given = members
                    .get(member)
                    .filter(|given| !given.is_null() && !given.is_string());
                if let Some(given) = given {
                    let why = format!(
                        "json: cannot unmarshal {} into Go struct field .{member} of type string",
                        go_kind(given)
                    );
                    return Err(unrecognized(kind, &why, bytes));
                }
            }
            Ok(Value::Object(members))
        }
        Value::Null => Ok(json!({})),
        other => {
            let why = format!(
                "json: {}",
                not_into(
                    &other,
                    "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }"
                )
            );
            Err(unrecognized(kind, &why, bytes))
        }
    }
}

/// A patch and how it is meant.
pub(super) fn patch(headers: &HeaderMap, bytes: &[u8]) -> Result<(PatchKind, Value), Status> {
    let decoded = |why: String| Status::bad_request(format!("error decoding patch: {why}"));
    let value = |wanted: fn(&Value) -> bool, go: &'static str| {
        let value = json(bytes).map_err(decoded)?;
        if wanted(&value) {
            return Ok(value);
        }
        Err(decoded(format!("json: {}", not_into(&value, go))))
    };
    Ok(match content_type(headers) {
        "application/json-patch+json" => {
            let is_list = |value: &Value| value.is_array() || value.is_null();
            let list = value(is_list, "[]handlers.jsonPatchOp")?;
            (
                PatchKind::Json,
                if list.is_null() { json!([]) } else { list },
            )
        }
        "application/merge-patch+json" => {
            match value(|value| value.is_object() || value.is_null(), MAP)? {
                Value::Null => return Err(Status::bad_request("Invalid JSON Patch")),
                patch => (PatchKind::Merge, patch),
            }
        }
        "application/strategic-merge-patch+json" => {
            let patch = value(|value| value.is_object() || value.is_null(), MAP)?;
            (
                PatchKind::Strategic,
                if patch.is_null() { json!({}) } else { patch },
            )
        }
        "application/apply-patch+yaml" => {
            let why = |why: String| Status::bad_request(format!("error decoding YAML: {why}"));
            let config = yaml(bytes).map_err(why)?;
            if !config.is_object() && !config.is_null() {
                return Err(why(format!(
                    "error unmarshaling JSON: while decoding JSON: json: {}",
                    not_into(&config, MAP)
                )));
            }
            (PatchKind::Apply, config)
        }
        "application/apply-patch+cbor" => return Err(Status::not_covered("bodies in CBOR")),
        _ => return Err(Status::unsupported_patch()),
    })
}

const MAP: &str = "map[string]interface {}";

fn not_into(value: &Value, go: &str) -> String {
    format!(
        "cannot unmarshal {} into Go value of type {go}",
        go_kind(value)
    )
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The server's words for a body that is no object; it quotes the beginning.
fn unrecognized(kind: &str, why: &str, bytes: &[u8]) -> Status {
    let text: String = String::from_utf8_lossy(bytes).chars().take(100).collect();
    let text = if text.is_empty() {
        "<empty>".to_owned()
    } else {
        text
    };
    Status::bad_request(format!(
        "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {why} ({text})"
    ))
}

/// JSON; what is no UTF-8 in it becomes the replacement character, as Go reads it.
fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_str(&String::from_utf8_lossy(bytes)).map_err(|error: serde_json::Error| {
        if error.is_eof() {
            "unexpected end of JSON input".to_owned()
        } else {
            error.to_string()
        }
    })
}

/// YAML, of which JSON is a part that is read faster.
fn yaml(bytes: &[u8]) -> Result<Value, String> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    serde_yaml_ng::from_slice(bytes)
        .map_err(|error| format!("error converting YAML to JSON: yaml: {error}"))
}
