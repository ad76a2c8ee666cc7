//! `PATCH`: server-side apply and the three older ways.

use std::sync::Arc;

use serde_json::{Value, json};

use super::options::FieldValidation;
use super::status::{Cause, Status};
use super::write::{New, check_fields, ignored, manager, writing};
use super::{Call, Server};
use crate::apply::{ApplyError, Conflict, Operation};
use crate::kinds;
use crate::patch;
use crate::schema::{unknown_fields, wrong_types};

/// How a patch is to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchKind {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Merge patch that knows lists.
    Strategic,
    /// Server-side apply.
    Apply,
}

impl Server {
    /// Patches an object; an apply makes it if it is not there.
    pub fn patch(&self, call: &Call, kind: PatchKind, patch: &Value) -> Result<Arc<Value>, Status> {
        match kind {
            PatchKind::Apply => self.apply(call, patch),
            _ if call.options.force => Err(Status::bad_request(
                "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch",
            )),
            PatchKind::Strategic if call.kind.is_custom() => Err(Status::unsupported_media_type(
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            )),
            kind => self.change(call, |live| {
                let patched = match kind {
                    PatchKind::Json => patch::json(live, patch),
                    PatchKind::Strategic => patch::strategic(call.kind.schema(), live, patch),
                    _ => Ok(patch::merge(live, patch)),
                };
                let patched = patched.map_err(|why| why.to_status())?;
                check_result(call, &patched)?;
                check_fields(call, &patched)?;
                Ok(New::Written(patched))
            }),
        }
    }

    fn apply(&self, call: &Call, config: &Value) -> Result<Arc<Value>, Status> {
        check_config(call, config)?;
        let now = self.now();
        let manager = manager(call, Operation::Apply);
        let ignored = ignored(call);
        let attempt = |live: &Value| {
            let applied =
                writing(call, &manager, &ignored, &now).apply(live, config, call.options.force);
            applied.map_err(|error| refused(call, config, error))
        };
        if !self.store.has(&call.key()) {
            let uid = config["metadata"]["uid"].as_str().unwrap_or_default();
            if !uid.is_empty() {
                let why = format!(
                    "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
                );
                return Err(Status::conflict(&call.kind.resource, &call.name, &why));
            }
            if !call.subresource.is_empty() {
                return Err(Status::not_found(&call.kind.resource, &call.name));
            }
            return self.create_new(call, New::Applied(attempt(&Value::Null)?));
        }
        self.change(call, |live| Ok(New::Applied(attempt(live)?)))
    }
}

/// What a patch makes of an object of a recorded kind must be readable: the patch is at fault, not the object.
fn check_result(call: &Call, patched: &Value) -> Result<(), Status> {
    match wrong_types(call.kind.schema(), patched) {
        Some(problem) if !call.kind.is_custom() => {
            let cause = Cause::invalid("patch", &patched.to_string().into(), &problem.why);
            Err(Status::invalid("", "", "", &[cause]))
        }
        _ => Ok(()),
    }
}

fn check_config(call: &Call, config: &Value) -> Result<(), Status> {
    if call.options.field_manager.is_none() {
        let message = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch";
        return Err(Status {
            code: 422,
            reason: "Invalid",
            message: message.to_owned(),
            details: json!({
                "group": "meta.k8s.io",
                "kind": "PatchOptions",
                "causes": [{ "reason": "FieldValueRequired", "message": "Required value: is required for apply patch", "field": "fieldManager" }],
            }),
        });
    }
    let expected = call.kind.api_version();
    let given = config["apiVersion"].as_str().unwrap_or_default();
    if given != expected || config["kind"] != call.kind.kind.as_str() {
        let kind = config["kind"].as_str().unwrap_or_default();
        return Err(Status::bad_request(format!(
            "invalid object type: {}, Kind={kind}",
            group_version(given)
        )));
    }
    let name = config["metadata"]["name"].as_str().unwrap_or_default();
    if name.is_empty() {
        return Err(Status::bad_request(format!(
            "the name of the object ({} based on URL) was undeterminable: name must be provided",
            call.name
        )));
    }
    if name != call.name {
        return Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            call.name
        )));
    }
    if config["metadata"]
        .get("managedFields")
        .is_some_and(|fields| !fields.is_null())
    {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    check_declared(call, config)
}

/// A recorded kind's fields must all be declared; a custom kind's unknown fields are a matter of validation.
fn check_declared(call: &Call, config: &Value) -> Result<(), Status> {
    if let Some(problem) = wrong_types(call.kind.schema(), config) {
        return Err(untyped(
            call,
            config,
            &format!(".{}: {}", problem.path, problem.declared),
        ));
    }
    if let Some(why) = kinds::bad_quantity(&call.kind, config) {
        let Call {
            namespace,
            name,
            kind,
            ..
        } = call;
        let version = group_version(&kind.api_version());
        let title = format!("{version}, Kind={}", kind.kind);
        return Err(Status::internal(format!(
            "failed to convert new object ({namespace}/{name}; {title}) to proper version: unable to convert unstructured object to {title}: {why}"
        )));
    }
    let unknown = unknown_fields(call.kind.schema(), config);
    match unknown.first() {
        Some(path)
            if !(call.kind.is_custom() && call.options.validation == FieldValidation::Ignore) =>
        {
            Err(untyped(
                call,
                config,
                &format!(".{path}: field not declared in schema"),
            ))
        }
        _ => check_fields(call, config),
    }
}

/// As Go prints a group and version.
fn group_version(api_version: &str) -> String {
    if api_version.contains('/') {
        api_version.to_owned()
    } else {
        format!("/{api_version}")
    }
}

fn untyped(call: &Call, config: &Value, why: &str) -> Status {
    let Call { name, kind, .. } = call;
    let namespace = config["metadata"]["namespace"].as_str().unwrap_or_default();
    let version = group_version(&kind.api_version());
    Status::internal(format!(
        "failed to create typed patch object ({namespace}/{name}; {version}, Kind={}): {why}",
        kind.kind
    ))
}

fn refused(call: &Call, config: &Value, error: ApplyError) -> Status {
    match error {
        ApplyError::Conflicts(conflicts) => conflict(&conflicts),
        ApplyError::Unmergeable(why) => untyped(call, config, &why.to_string()),
    }
}

/// In the words of `managedfields/internal/conflict.go`.
fn conflict(conflicts: &[Conflict]) -> Status {
    let causes: Vec<_> = conflicts
        .iter()
        .map(|conflict| Cause {
            reason: "FieldManagerConflict",
            message: format!("conflict with {}", conflict.manager),
            field: conflict.path.clone(),
        })
        .collect();
    if let [Conflict { manager, path }] = conflicts {
        let message = format!("Apply failed with 1 conflict: conflict with {manager}: {path}");
        return Status::apply_conflict(&causes, message);
    }
    let mut lines = Vec::new();
    let mut last = "";
    for Conflict { manager, path } in conflicts {
        if manager != last {
            lines.push(format!("conflicts with {manager}:"));
            last = manager;
        }
        lines.push(format!("- {path}"));
    }
    let message = format!(
        "Apply failed with {} conflicts: {}",
        conflicts.len(),
        lines.join("\n")
    );
    Status::apply_conflict(&causes, message)
}
