//! Protobuf bodies of the kinds that `kubectl auth can-i` and `kubectl create token` send: it has no other way.
//! The messages are those of `k8s.io/api/authorization/v1/generated.proto` and `authentication/v1/generated.proto`.

use prost::Message;
use serde_json::{Value, json};

use crate::api::Status;

/// Before every protobuf body.
const MAGIC: &[u8] = b"k8s\0";

#[derive(Message)]
struct Unknown {
    #[prost(message, optional, tag = "1")]
    type_meta: Option<TypeMeta>,
    #[prost(bytes = "vec", optional, tag = "2")]
    raw: Option<Vec<u8>>,
}

#[derive(Message)]
struct TypeMeta {
    #[prost(string, optional, tag = "1")]
    api_version: Option<String>,
    #[prost(string, optional, tag = "2")]
    kind: Option<String>,
}

#[derive(Message)]
struct AccessReview {
    #[prost(message, optional, tag = "2")]
    spec: Option<AccessSpec>,
}

/// Of `SelfSubjectAccessReview`: the first two; the other reviews add the user.
#[derive(Message)]
struct AccessSpec {
    #[prost(message, optional, tag = "1")]
    resource: Option<ResourceAttributes>,
    #[prost(message, optional, tag = "2")]
    path: Option<PathAttributes>,
    #[prost(string, optional, tag = "3")]
    user: Option<String>,
    #[prost(string, repeated, tag = "4")]
    groups: Vec<String>,
}

#[derive(Message)]
struct ResourceAttributes {
    #[prost(string, optional, tag = "1")]
    namespace: Option<String>,
    #[prost(string, optional, tag = "2")]
    verb: Option<String>,
    #[prost(string, optional, tag = "3")]
    group: Option<String>,
    #[prost(string, optional, tag = "4")]
    version: Option<String>,
    #[prost(string, optional, tag = "5")]
    resource: Option<String>,
    #[prost(string, optional, tag = "6")]
    subresource: Option<String>,
    #[prost(string, optional, tag = "7")]
    name: Option<String>,
}

#[derive(Message)]
struct PathAttributes {
    #[prost(string, optional, tag = "1")]
    path: Option<String>,
    #[prost(string, optional, tag = "2")]
    verb: Option<String>,
}

#[derive(Message)]
struct RulesReview {
    #[prost(message, optional, tag = "2")]
    spec: Option<RulesSpec>,
}

#[derive(Message)]
struct RulesSpec {
    #[prost(string, optional, tag = "1")]
    namespace: Option<String>,
}

#[derive(Message)]
struct TokenRequest {
    #[prost(message, optional, tag = "2")]
    spec: Option<TokenSpec>,
}

#[derive(Message)]
struct TokenSpec {
    #[prost(string, repeated, tag = "1")]
    audiences: Vec<String>,
    #[prost(int64, optional, tag = "4")]
    expiration_seconds: Option<i64>,
}

#[derive(Message)]
struct Empty {}

#[derive(Message)]
struct DeleteOptions {
    #[prost(int64, optional, tag = "1")]
    grace_period: Option<i64>,
    #[prost(message, optional, tag = "2")]
    preconditions: Option<Preconditions>,
    #[prost(bool, optional, tag = "3")]
    orphan: Option<bool>,
    #[prost(string, optional, tag = "4")]
    propagation: Option<String>,
}

#[derive(Message)]
struct Preconditions {
    #[prost(string, optional, tag = "1")]
    uid: Option<String>,
    #[prost(string, optional, tag = "2")]
    resource_version: Option<String>,
}

/// The object as JSON; 415 for a kind that is not among them, so that clients that can, fall back to JSON.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Status> {
    let malformed = |_| Status::bad_request("the body is no protobuf of the API");
    let Some(bytes) = bytes.strip_prefix(MAGIC) else {
        return Err(Status::bad_request(
            "the body is no protobuf of the API: its first bytes are wrong",
        ));
    };
    let unknown = Unknown::decode(bytes).map_err(malformed)?;
    let raw = unknown.raw.unwrap_or_default();
    let TypeMeta { api_version, kind } = unknown.type_meta.unwrap_or_default();
    let (api_version, kind) = (api_version.unwrap_or_default(), kind.unwrap_or_default());
    let spec = match kind.as_str() {
        "SelfSubjectAccessReview" | "SubjectAccessReview" | "LocalSubjectAccessReview" => access(
            AccessReview::decode(&raw[..])
                .map_err(malformed)?
                .spec
                .unwrap_or_default(),
        ),
        "SelfSubjectRulesReview" => {
            let spec = RulesReview::decode(&raw[..])
                .map_err(malformed)?
                .spec
                .unwrap_or_default();
            json!({ "namespace": spec.namespace.unwrap_or_default() })
        }
        "SelfSubjectReview" => {
            Empty::decode(&raw[..]).map_err(malformed)?;
            Value::Null
        }
        "TokenRequest" => {
            let spec = TokenRequest::decode(&raw[..])
                .map_err(malformed)?
                .spec
                .unwrap_or_default();
            let audiences = Some(spec.audiences).filter(|list| !list.is_empty());
            json!({ "audiences": audiences, "expirationSeconds": spec.expiration_seconds })
        }
        "DeleteOptions" => {
            let options = DeleteOptions::decode(&raw[..]).map_err(malformed)?;
            let conditions = options.preconditions.unwrap_or_default();
            return Ok(json!({
                "gracePeriodSeconds": options.grace_period,
                "propagationPolicy": options.propagation,
                "preconditions": { "uid": conditions.uid, "resourceVersion": conditions.resource_version },
            }));
        }
        _ => {
            return Err(Status::unsupported_media_type(
                "application/json, application/yaml",
            ));
        }
    };
    let mut object = json!({ "apiVersion": api_version, "kind": kind, "metadata": {} });
    if !spec.is_null() {
        object["spec"] = spec;
    }
    Ok(object)
}

fn access(spec: AccessSpec) -> Value {
    let mut json = json!({});
    if let Some(one) = spec.resource {
        json["resourceAttributes"] = json!({
            "namespace": one.namespace,
            "verb": one.verb,
            "group": one.group,
            "version": one.version,
            "resource": one.resource,
            "subresource": one.subresource,
            "name": one.name,
        });
    }
    if let Some(one) = spec.path {
        json["nonResourceAttributes"] = json!({ "path": one.path, "verb": one.verb });
    }
    if let Some(user) = spec.user {
        json["user"] = user.into();
        json["groups"] = spec.groups.into();
    }
    json
}
