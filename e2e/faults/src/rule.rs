//! What is to go wrong, and where.

use std::fmt;
use std::sync::Arc;

use serde_json::json;

use crate::request::{Noted, RequestId};

/// A fault at chosen requests.
#[derive(Clone)]
pub struct Rule {
    chooses: Arc<dyn Fn(&Noted) -> bool + Send + Sync>,
    pub(crate) action: Action,
    left: u32,
}

/// When, seen from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The server never sees the request.
    Before,
    /// The server has done what was asked and has answered.
    After,
}

/// What happens.
#[derive(Clone)]
pub enum Action {
    /// The program is answered without the server.
    Answer(Answer),
    /// The connection ends without a reply.
    Cut(Moment),
    /// The function is called (it kills the program), then the connection ends without a reply.
    Kill(Moment, Arc<dyn Fn(&Noted) + Send + Sync>),
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Answer(answer) => write!(formatter, "Answer({})", answer.status),
            Action::Cut(moment) => write!(formatter, "Cut({moment:?})"),
            Action::Kill(moment, _) => write!(formatter, "Kill({moment:?})"),
        }
    }
}

/// A refusal in the words of an API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u32>,
    message: String,
}

impl Answer {
    /// A refusal with an HTTP status.
    pub fn status(status: u16) -> Answer {
        Answer {
            status,
            retry_after: None,
            message: "injected by the fault proxy".to_owned(),
        }
    }

    /// With the header `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Answer {
        Answer {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// With a message of its own.
    #[must_use]
    pub fn message(self, message: impl Into<String>) -> Answer {
        Answer {
            message: message.into(),
            ..self
        }
    }

    /// The body: an object of kind `Status`.
    pub(crate) fn body(&self) -> String {
        let details = self
            .retry_after
            .map(|seconds| json!({ "retryAfterSeconds": seconds }));
        json!({
            "apiVersion": "v1",
            "kind": "Status",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason(),
            "details": details,
            "code": self.status,
        })
        .to_string()
    }

    /// The reasons of k8s.io/apimachinery, `metav1.StatusReason`.
    fn reason(&self) -> &'static str {
        match self.status {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            422 => "Invalid",
            429 => "TooManyRequests",
            500 => "InternalError",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "",
        }
    }
}

impl Rule {
    /// At one request, by its name.
    pub fn at(id: RequestId, action: Action) -> Rule {
        Rule::first(move |request| request.id == id, action)
    }

    /// At the first request that is chosen, and no other.
    pub fn first(chooses: impl Fn(&Noted) -> bool + Send + Sync + 'static, action: Action) -> Rule {
        Rule {
            chooses: Arc::new(chooses),
            action,
            left: 1,
        }
    }

    /// At the first `count` requests that are chosen.
    #[must_use]
    pub fn times(self, count: u32) -> Rule {
        Rule {
            left: count,
            ..self
        }
    }

    /// The action, if the request is chosen and the rule is not used up.
    pub(crate) fn fire(&mut self, request: &Noted) -> Option<Action> {
        if self.left == 0 || !(self.chooses)(request) {
            return None;
        }
        self.left -= 1;
        Some(self.action.clone())
    }
}
