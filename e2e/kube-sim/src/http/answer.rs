//! Answers.

use bytes::Bytes;
use futures::Stream;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderName, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

use crate::api::Status;

/// The body of an answer: whole, or in pieces as they come.
pub(super) type Body = UnsyncBoxBody<Bytes, std::convert::Infallible>;

pub(super) fn bytes(code: u16, content_type: &str, body: Vec<u8>) -> Response<Body> {
    whole(
        code,
        content_type,
        Full::new(Bytes::from(body)).boxed_unsync(),
    )
}

pub(super) fn json(code: u16, body: &Value) -> Response<Body> {
    let text = serde_json::to_vec(body).unwrap_or_default();
    bytes(code, "application/json", text)
}

pub(super) fn refusal(status: &Status) -> Response<Body> {
    let mut response = json(status.code, &status.to_json());
    if status.code == 429 {
        response
            .headers_mut()
            .insert(http::header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

pub(super) fn stream(
    content_type: &str,
    pieces: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> Response<Body> {
    use futures::StreamExt;
    let frames = pieces.map(|piece| Ok(Frame::data(Bytes::from(piece))));
    whole(200, content_type, StreamBody::new(frames).boxed_unsync())
}

fn whole(code: u16, content_type: &str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

/// Adds what is to be said though the request succeeded (RFC 7234's header, code 299).
pub(super) fn warn(response: &mut Response<Body>, warnings: &[String]) {
    for warning in warnings {
        let escaped = warning
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', " ");
        if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{escaped}\"")) {
            response
                .headers_mut()
                .append(HeaderName::from_static("warning"), value);
        }
    }
}
