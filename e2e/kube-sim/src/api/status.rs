//! Refusals, as `metav1.Status` says them.

use serde_json::{Value, json};

use crate::store::Resource;

/// A refusal, or a success that has no object to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// HTTP status.
    pub code: u16,
    /// For programs: `NotFound`, `Conflict`, …
    pub reason: &'static str,
    /// For people.
    pub message: String,
    /// About what.
    pub details: Value,
}

/// A part of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `FieldValueInvalid`, `FieldManagerConflict`, …
    pub reason: &'static str,
    /// For people.
    pub message: String,
    /// Which field.
    pub field: String,
}

/// A field that is not as it must be, in the words of `k8s.io/apimachinery/pkg/util/validation/field`.
impl Cause {
    /// A value that is not allowed.
    pub fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Cause {
        Cause {
            reason: "FieldValueInvalid",
            message: format!("Invalid value: {}: {why}", shown(value)),
            field: field.into(),
        }
    }

    /// A value that is not one of those that are allowed.
    pub fn unsupported(field: impl Into<String>, value: &Value, allowed: &[&str]) -> Cause {
        let allowed: Vec<_> = allowed.iter().map(|one| format!("{one:?}")).collect();
        Cause {
            reason: "FieldValueNotSupported",
            message: format!(
                "Unsupported value: {}: supported values: {}",
                shown(value),
                allowed.join(", ")
            ),
            field: field.into(),
        }
    }

    /// A value that is missing.
    pub fn required(field: impl Into<String>, why: &str) -> Cause {
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {why}")
        };
        Cause {
            reason: "FieldValueRequired",
            message: format!("Required value{why}"),
            field: field.into(),
        }
    }

    /// A field that must not be set or changed.
    pub fn forbidden(field: impl Into<String>, why: &str) -> Cause {
        Cause {
            reason: "FieldValueForbidden",
            message: format!("Forbidden: {why}"),
            field: field.into(),
        }
    }

    /// A name that was used before.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Cause {
        Cause {
            reason: "FieldValueDuplicate",
            message: format!("Duplicate value: {}", shown(value)),
            field: field.into(),
        }
    }

    /// A reference to something that is not there.
    pub fn not_found(field: impl Into<String>, value: &Value) -> Cause {
        Cause {
            reason: "FieldValueNotFound",
            message: format!("Not found: {}", shown(value)),
            field: field.into(),
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        other => other.to_string(),
    }
}

impl Status {
    fn about(
        code: u16,
        reason: &'static str,
        message: String,
        resource: &Resource,
        name: &str,
    ) -> Status {
        let mut details = json!({ "kind": resource.plural });
        if !name.is_empty() {
            details["name"] = name.into();
        }
        if !resource.group.is_empty() {
            details["group"] = resource.group.as_ref().into();
        }
        Status {
            code,
            reason,
            message,
            details,
        }
    }

    fn plain(code: u16, reason: &'static str, message: impl Into<String>) -> Status {
        Status {
            code,
            reason,
            message: message.into(),
            details: Value::Null,
        }
    }

    /// There is no such object.
    pub fn not_found(resource: &Resource, name: &str) -> Status {
        let message = format!("{resource} {name:?} not found");
        Status::about(404, "NotFound", message, resource, name)
    }

    /// There is no such path.
    pub fn no_page() -> Status {
        Status {
            details: json!({}),
            ..Status::plain(
                404,
                "NotFound",
                "the server could not find the requested resource",
            )
        }
    }

    /// There is one of this name already.
    pub fn already_exists(resource: &Resource, name: &str) -> Status {
        let message = format!("{resource} {name:?} already exists");
        Status::about(409, "AlreadyExists", message, resource, name)
    }

    /// Somebody else was faster.
    pub fn conflict(resource: &Resource, name: &str, why: &str) -> Status {
        let message = format!("Operation cannot be fulfilled on {resource} {name:?}: {why}");
        Status::about(409, "Conflict", message, resource, name)
    }

    /// The object was changed since it was read.
    pub fn stale(resource: &Resource, name: &str) -> Status {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Status::conflict(resource, name, why)
    }

    /// A rule forbids it.
    pub fn forbidden(resource: &Resource, name: &str, why: &str) -> Status {
        let message = if name.is_empty() {
            format!("{resource} is forbidden: {why}")
        } else {
            format!("{resource} {name:?} is forbidden: {why}")
        };
        Status::about(403, "Forbidden", message, resource, name)
    }

    /// Values are not as they must be.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: &[Cause]) -> Status {
        let qualified = Resource::named(group, kind).to_string();
        // The sentence says each fault once, the causes as often as it was found.
        let mut list: Vec<String> = Vec::new();
        for cause in causes {
            let fault = format!("{}: {}", cause.field, cause.message);
            if !list.contains(&fault) {
                list.push(fault);
            }
        }
        let list = if list.len() == 1 {
            list.concat()
        } else {
            format!("[{}]", list.join(", "))
        };
        let mut details = json!({ "causes": causes.iter().map(cause).collect::<Vec<_>>() });
        if !kind.is_empty() {
            details["kind"] = kind.into();
        }
        if !name.is_empty() {
            details["name"] = name.into();
        }
        if !group.is_empty() {
            details["group"] = group.into();
        }
        Status {
            code: 422,
            reason: "Invalid",
            message: format!("{qualified} {name:?} is invalid: {list}"),
            details,
        }
    }

    /// Another manager owns what is applied.
    pub fn apply_conflict(causes: &[Cause], message: String) -> Status {
        Status {
            code: 409,
            reason: "Conflict",
            message,
            details: json!({ "causes": causes.iter().map(cause).collect::<Vec<_>>() }),
        }
    }

    /// The request cannot be understood.
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::plain(400, "BadRequest", message)
    }

    /// Who asks is unknown.
    pub fn unauthorized() -> Status {
        Status::plain(401, "Unauthorized", "Unauthorized")
    }

    /// The patch is of no kind that there is.
    pub fn unsupported_patch() -> Status {
        Status {
            details: json!({}),
            ..Status::plain(415, "UnsupportedMediaType", "415: Unsupported Media Type")
        }
    }

    /// The body is of no type that can be read.
    pub fn unsupported_media_type(accepted: &str) -> Status {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Status::plain(415, "UnsupportedMediaType", message)
    }

    /// The verb does not fit the path.
    pub fn method_not_allowed() -> Status {
        let message = "the server does not allow this method on the requested resource";
        Status {
            details: json!({}),
            ..Status::plain(405, "MethodNotAllowed", message)
        }
    }

    /// What was asked for is too long ago.
    pub fn expired(message: impl Into<String>) -> Status {
        Status::plain(410, "Expired", message)
    }

    /// The server cannot do it now.
    pub fn too_many_requests(message: impl Into<String>, causes: &[Cause]) -> Status {
        Status {
            details: json!({ "causes": causes.iter().map(cause).collect::<Vec<_>>() }),
            ..Status::plain(429, "TooManyRequests", message)
        }
    }

    /// The real server would; this one was not built for it, and says so.
    pub fn not_covered(what: &str) -> Status {
        Status::plain(
            501,
            "NotImplemented",
            format!("kube-sim does not cover {what}"),
        )
    }

    /// A mistake of ours or a configuration that does not fit its type.
    pub fn internal(message: impl Into<String>) -> Status {
        Status::plain(500, "", message)
    }

    /// Done; nothing is left to show.
    pub fn success(resource: &Resource, name: &str, uid: &str) -> Value {
        let mut details = json!({ "name": name, "kind": resource.plural, "uid": uid });
        if !resource.group.is_empty() {
            details["group"] = resource.group.as_ref().into();
        }
        json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
    }

    /// As it is sent.
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code,
        });
        if !self.reason.is_empty() {
            body["reason"] = self.reason.into();
        }
        if !self.details.is_null() {
            body["details"] = self.details.clone();
        }
        body
    }
}

fn cause(cause: &Cause) -> Value {
    json!({ "reason": cause.reason, "message": cause.message, "field": cause.field })
}
