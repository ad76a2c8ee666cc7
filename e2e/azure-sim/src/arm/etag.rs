//! Optimistic concurrency (AKS docs, "Use eTags with AKS").

use serde_json::Value;

use super::error;
use crate::http::{Refusal, Request};
use crate::store::{World, key};

/// Whether a request's conditions hold for what is there.
pub(super) fn check(request: &Request, current: Option<&str>) -> Result<(), Refusal> {
    let header = |name| {
        request
            .header(name)
            .map(bare)
            .filter(|value| !value.is_empty())
    };
    let (wanted, unwanted) = (header("if-match"), header("if-none-match"));
    if wanted.is_some() && unwanted.is_some() {
        let message = "The If-Match and If-None-Match headers cannot be used together.";
        return Err(error::flat(400, "BadRequest", message, ""));
    }
    if unwanted.is_some_and(|value| value != "*") {
        let message = "The If-None-Match header may only be empty or '*'.";
        return Err(error::flat(400, "BadRequest", message, ""));
    }
    let holds = match (wanted, unwanted, current) {
        (Some("*"), _, current) => current.is_some(),
        (Some(wanted), _, current) => current == Some(wanted),
        (None, Some(_), current) => current.is_none(),
        (None, None, _) => true,
    };
    if holds {
        return Ok(());
    }
    let message = format!(
        "Precondition failed: the eTag of the request does not match that of the resource, which is '{}'.",
        current.unwrap_or("<absent>")
    );
    Err(error::flat(412, "PreconditionFailed", &message, ""))
}

/// Clients send the value bare or quoted.
fn bare(value: &str) -> &str {
    value.trim().trim_start_matches("W/").trim_matches('"')
}

/// What a value's eTag is.
pub(super) fn of(value: &Value) -> Option<&str> {
    value["properties"]["eTag"]
        .as_str()
        .or_else(|| value["eTag"].as_str())
}

/// Somebody else changes the resource that a request is about.
pub(crate) fn touch(world: &mut World, request: &Request) {
    let id = key(&format!("/{}", request.segments.join("/")));
    let etag = world.guids.take();
    if let Some(pool) = world.pools.get_mut(&id) {
        pool.value["properties"]["eTag"] = etag.into();
    } else if let Some(cluster) = world.clusters.get_mut(&id) {
        cluster.value["eTag"] = etag.into();
    }
}
