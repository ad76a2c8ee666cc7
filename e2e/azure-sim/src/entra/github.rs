//! GitHub's token service for workflows (GitHub docs, "OpenID Connect reference", requesting the token with environment variables): a
//! stand-in at `/_github/token?subject=…`, to which clients add `&audience=…`.

use serde_json::json;
use time::OffsetDateTime;

use super::token::foreign_token;
use crate::http::Answer;
use crate::simulator::Context;

/// Who signs GitHub's tokens.
pub const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Any bearer token is good: it stands for the workflow run, which the URL's subject names.
pub(super) fn token(context: &Context<'_>) -> Answer {
    let request = context.request;
    let bearer = request
        .header("authorization")
        .is_some_and(|header| header.to_ascii_lowercase().starts_with("bearer "));
    let (Some(subject), true) = (request.parameter("subject"), bearer) else {
        return Answer::json(
            401,
            json!({ "message": "a bearer token and ?subject= are needed" }),
        );
    };
    let audience = request
        .parameter("audience")
        .unwrap_or("https://github.com");
    let token = foreign_token(
        context.keys,
        ISSUER,
        subject,
        audience,
        OffsetDateTime::now_utc(),
    );
    Answer::ok(json!({ "count": token.len(), "value": token }))
}
