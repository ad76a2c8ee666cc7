//! Answers.

use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, beside content type and length.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Option<Value>,
}

/// An answer that says no.
#[derive(Debug)]
pub struct Refusal(Box<Answer>);

impl Answer {
    /// 200.
    pub fn ok(body: Value) -> Answer {
        Answer::json(200, body)
    }

    /// With a body.
    pub fn json(status: u16, body: Value) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: Some(body),
        }
    }

    /// Without a body.
    pub fn empty(status: u16) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: None,
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let bytes = self
            .body
            .map(|body| serde_json::to_vec(&body).unwrap_or_default());
        let json = bytes.is_some();
        let mut response = Response::new(Full::new(Bytes::from(bytes.unwrap_or_default())));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = json.then(|| ("content-type", "application/json; charset=utf-8".to_owned()));
        for (name, value) in self.headers.into_iter().chain(kind) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl From<Answer> for Refusal {
    fn from(answer: Answer) -> Refusal {
        Refusal(Box::new(answer))
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        *refusal.0
    }
}

impl Refusal {
    /// The same with one more header.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl Into<String>) -> Refusal {
        Answer::from(self).with(name, value).into()
    }
}
