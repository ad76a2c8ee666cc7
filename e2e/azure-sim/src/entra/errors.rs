//! Errors of the token endpoint: OAuth's shape with AADSTS numbers (Entra docs, "Microsoft Entra authentication error codes").

use serde_json::json;
use time::OffsetDateTime;

use crate::clock::text;
use crate::http::{Answer, Refusal};
use crate::simulator::Context;

/// `error` is OAuth's word, `number` that of AADSTS.
pub(super) fn refuse(
    context: &mut Context<'_>,
    status: u16,
    error: &str,
    number: u64,
    message: &str,
) -> Refusal {
    let trace = context.world.guids.take();
    let correlation = match context.request.header("client-request-id") {
        Some(id) => id.to_owned(),
        None => context.world.guids.take(),
    };
    let now = text(OffsetDateTime::now_utc()).replace('T', " ");
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{number}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"),
        "error_codes": [number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
    });
    Answer::json(status, body).into()
}

/// An error without a number, for faults.
pub(crate) fn plain(status: u16, error: &str, message: &str) -> Refusal {
    Answer::json(
        status,
        json!({ "error": error, "error_description": message }),
    )
    .into()
}
