//! Bodies of requests: JSON, YAML, and protobuf for the few kinds that clients send in it.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::protobuf;
use crate::api::{PatchKind, Status};

/// The limit of the real server for objects.
const LIMIT: usize = 3 * 1024 * 1024;

/// All bytes of a body.
pub(super) async fn bytes(body: Incoming) -> Result<Vec<u8>, Status> {
    let collected = Limited::new(body, LIMIT).collect().await;
    let too_large = Status {
        code: 413,
        reason: "RequestEntityTooLarge",
        message: format!("Request entity too large: limit is {LIMIT}"),
        details: Value::Null,
    };
    Ok(collected.map_err(|_| too_large)?.to_bytes().to_vec())
}

fn content_type(headers: &HeaderMap) -> &str {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim()
}

/// An object.
pub(super) fn object(headers: &HeaderMap, bytes: &[u8], kind: &str) -> Result<Value, Status> {
    match content_type(headers) {
        "" | "application/json" => json(bytes, kind),
        "application/yaml" => yaml(bytes),
        "application/vnd.kubernetes.protobuf" => protobuf::read(bytes),
        _ => Err(Status::unsupported_media_type(
            "application/json, application/yaml, application/vnd.kubernetes.protobuf",
        )),
    }
}

/// A patch and how it is meant.
pub(super) fn patch(headers: &HeaderMap, bytes: &[u8]) -> Result<(PatchKind, Value), Status> {
    Ok(match content_type(headers) {
        "application/json-patch+json" => (PatchKind::Json, json(bytes, "Patch")?),
        "application/merge-patch+json" => (PatchKind::Merge, json(bytes, "Patch")?),
        "application/strategic-merge-patch+json" => (PatchKind::Strategic, json(bytes, "Patch")?),
        "application/apply-patch+yaml" => (PatchKind::Apply, yaml(bytes)?),
        "application/apply-patch+cbor" => return Err(Status::not_covered("bodies in CBOR")),
        _ => return Err(Status::unsupported_patch()),
    })
}

fn json(bytes: &[u8], kind: &str) -> Result<Value, Status> {
    serde_json::from_slice(bytes).map_err(|error: serde_json::Error| {
        let why = if error.is_eof() { "unexpected end of JSON input".to_owned() } else { error.to_string() };
        let text: String = String::from_utf8_lossy(bytes).chars().take(100).collect();
        let text = if text.is_empty() { "<empty>".to_owned() } else { text };
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {why} ({text})"
        ))
    })
}

/// YAML, of which JSON is a part that is read faster.
fn yaml(bytes: &[u8]) -> Result<Value, Status> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    serde_yaml_ng::from_slice(bytes)
        .map_err(|error| Status::bad_request(format!("error decoding YAML: {error}")))
}
