//! A request as the handlers see it: decoded.

use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Path and query as they came.
    pub target: String,
    /// The path's segments, decoded.
    pub segments: Vec<String>,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads what came.
    pub fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Vec<u8>) -> Request {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let segments = uri.path().split('/').filter(|part| !part.is_empty());
        Request {
            method,
            target: uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            segments: segments.map(decode).collect(),
            query: pairs(uri.query().unwrap_or_default().as_bytes()),
            headers,
            body,
        }
    }

    /// The path's segments in lower case: Resource Manager compares them without case.
    pub fn lower(&self) -> Vec<String> {
        self.segments
            .iter()
            .map(|part| part.to_ascii_lowercase())
            .collect()
    }

    /// A parameter of the query; its name is compared without case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self
            .query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; an empty one is null.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
    }

    /// The body as a form.
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&self.body)
    }
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}
