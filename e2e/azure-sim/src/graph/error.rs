//! Errors in Graph's shape (its docs, "Microsoft Graph error responses and resource types").

use serde_json::json;
use time::OffsetDateTime;

use crate::clock::text;
use crate::entra::Rejection;
use crate::http::{Answer, Refusal};

pub(super) fn refuse(status: u16, code: &str, message: &str) -> Refusal {
    let inner = json!({ "date": text(OffsetDateTime::now_utc()) });
    let body = json!({ "error": { "code": code, "message": message, "innerError": inner } });
    Answer::json(status, body).into()
}

pub(super) fn rejected(why: Rejection) -> Refusal {
    let message = match why {
        Rejection::Missing => "Access token is empty.",
        Rejection::Malformed => "Access token validation failure. Invalid signature.",
        Rejection::Expired => "Lifetime validation failed, the token is expired.",
        Rejection::Audience => "Access token validation failure. Invalid audience.",
    };
    refuse(401, "InvalidAuthenticationToken", message).with("www-authenticate", "Bearer")
}

pub(super) fn missing(id: &str) -> Refusal {
    let message = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    refuse(404, "Request_ResourceNotFound", &message)
}
