//! Admission: what the cluster's rules add to objects, and which they refuse. One file per plugin of the real server.

mod claims;
mod finalizers;
mod limits;
mod namespaces;
mod pods;
mod ports;
pub mod quota;
mod security;

use serde_json::Value;

use crate::api::{Call, Server, Status};
use crate::authz;

/// What is to happen.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// This object is new.
    Create(&'a Value),
    /// The first becomes the second.
    Update(&'a Value, &'a Value),
}

/// Adds to an object what the plugins add; `live` is absent for a new one.
pub fn mutate(
    server: &Server,
    call: &Call,
    live: Option<&Value>,
    object: &mut Value,
) -> Result<(), Status> {
    if live.is_some() {
        return Ok(());
    }
    namespaces::check(server, call)?;
    match call.kind.kind.as_str() {
        "Pod" => {
            pods::account(server, call, object)?;
            limits::defaults(server, call, object);
            pods::tolerations(object);
            pods::priority(server, call, object)
        }
        "PersistentVolumeClaim" | "PersistentVolume" => {
            claims::add(server, object);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Refuses what the plugins refuse.
pub fn validate(server: &Server, call: &Call, change: Change<'_>) -> Result<(), Status> {
    let (live, object) = match change {
        Change::Create(object) => (None, object),
        Change::Update(live, object) => (Some(live), object),
    };
    // Escalation is checked where roles are stored, which is after admission.
    if ["", "scale"].contains(&call.subresource.as_str()) {
        ports::warn(call, live, object);
    }
    if call.subresource.is_empty() {
        finalizers::warn(call, live, object);
        limits::check(server, call, live, object)?;
        security::check(server, call, live, object)?;
        authz::check_grant(server.store(), call, live, object)?;
    }
    if call.subresource.is_empty() {
        quota::check(server, call, live, object)?;
    }
    Ok(())
}
