//! `NamespaceLifecycle`: nothing is made in a namespace that is not there or goes.

use serde_json::json;

use crate::api::{Call, Server, Status};
use crate::store::Resource;

const NAMESPACES: Resource = Resource::new("", "namespaces");

pub(super) fn check(server: &Server, call: &Call) -> Result<(), Status> {
    if !call.kind.namespaced {
        return Ok(());
    }
    let Some(namespace) = server.look(&NAMESPACES, "", &call.namespace) else {
        return Err(Status::not_found(&NAMESPACES, &call.namespace));
    };
    if !namespace["metadata"]["deletionTimestamp"].is_string() {
        return Ok(());
    }
    let name = &call.namespace;
    let why =
        format!("unable to create new content in namespace {name} because it is being terminated");
    let mut status = Status::forbidden(&call.kind.resource, &call.name, &why);
    status.details["causes"] = json!([{
        "reason": "NamespaceTerminating",
        "message": format!("namespace {name} is being terminated"),
        "field": "metadata.namespace",
    }]);
    Err(status)
}
