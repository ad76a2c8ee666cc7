//! What a request can end in, and how that reads to the person who has to act on it.
//!
//! Classified by status and type, never by text. Only [`Failure::NotFound`] proves absence.

use std::{error::Error as _, fmt, time::Duration};

use kube::core::Status;
use seedling_schema::Diagnostic;

/// Why a request, or a wait, did not give what was asked for.
#[derive(Debug, Clone)]
pub enum Failure {
    /// 404 for the object itself.
    NotFound(Box<Status>),
    /// 401: nobody we are known as.
    Unauthenticated(String),
    /// 403: known, but not allowed, or refused by an admission plugin.
    Forbidden(Box<Status>),
    /// 409: other field managers own fields that we would set, or the object changed meanwhile.
    Conflict(Box<Status>),
    /// Any other 4xx: the server understood and refused.
    Refused(Box<Status>),
    /// 429 and 5xx that outlasted the retries.
    Unavailable(Box<Status>),
    /// No usable answer: connection, TLS or decoding trouble that outlasted the retries.
    Unreachable(String),
    /// A deadline passed; the text says what was waited for.
    TimedOut(Duration, String),
    /// The command line asked us to stop.
    Stopped,
}

impl Failure {
    /// True where trying the same request again may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Unreachable(_) => true,
            Self::Conflict(status) => !has_manager_conflict(status),
            _ => false,
        }
    }

    /// Seconds the server asked us to wait, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        let Self::Unavailable(status) = self else {
            return None;
        };
        let seconds = status.details.as_ref()?.retry_after_seconds;
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    /// True for 403, from authorization or from admission.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Forbidden(_))
    }

    /// True for a proven 404.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }

    /// True where a field manager other than ours owns a field.
    pub fn is_manager_conflict(&self) -> bool {
        matches!(self, Self::Conflict(status) if has_manager_conflict(status))
    }

    /// The server's own message, or ours where no server answered.
    pub fn message(&self) -> String {
        match self {
            Self::NotFound(status)
            | Self::Forbidden(status)
            | Self::Conflict(status)
            | Self::Refused(status)
            | Self::Unavailable(status) => describe(status),
            Self::Unauthenticated(text) | Self::Unreachable(text) => text.clone(),
            Self::TimedOut(after, what) => format!("gave up after {}s: {what}", after.as_secs()),
            Self::Stopped => "stopped before it was done".to_owned(),
        }
    }

    /// An error whose summary says what was being done and whose detail ends with the next step.
    pub fn diagnostic(&self, doing: &str) -> Diagnostic {
        let detail = format!("{}\n\n{}", self.message(), self.next_step());
        Diagnostic::error(format!("Could not {doing}"), detail)
    }

    fn next_step(&self) -> &'static str {
        match self {
            Self::NotFound(_) => {
                "The API server does not know this object or kind. If it is made in the same configuration, add a reference or `depends_on` so that it comes first."
            }
            Self::Unauthenticated(_) => {
                "The API server does not accept the credentials of the provider's `cluster` block. Check that they are of this cluster and have not expired; nothing was changed."
            }
            Self::Forbidden(_) => {
                "The identity of the provider's `cluster` block may not do this, or an admission policy forbids it. Grant the permission named above, or change what the policy objects to, and apply again."
            }
            Self::Conflict(_) => {
                "Another field manager owns what would be written. Remove the setting from one of the two sides, or set `adopt = true` to take the object over."
            }
            Self::Refused(_) => {
                "The API server refused the request as it stands: change the argument it names and apply again."
            }
            Self::Unavailable(_) => {
                "The API server answered, but could not serve the request. This is a condition of the cluster, not of the configuration: apply again when it has recovered; every write can be repeated."
            }
            Self::Unreachable(_) => {
                "No answer came from the API server. Check the address in the provider's `cluster` block, the network and any proxy; the state was kept."
            }
            Self::TimedOut(..) => {
                "What was done so far stays and the next apply goes on from there. Raise the time-out if this simply needs longer."
            }
            Self::Stopped => "What was done so far stays and the next apply goes on from there.",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for Failure {}

impl From<kube::Error> for Failure {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => Self::from_status(status),
            other => Self::Unreachable(chain(&other)),
        }
    }
}

impl Failure {
    fn from_status(status: Box<Status>) -> Self {
        match status.code {
            404 => Self::NotFound(status),
            401 => Self::Unauthenticated(describe(&status)),
            403 => Self::Forbidden(status),
            409 => Self::Conflict(status),
            429 | 500..=599 => Self::Unavailable(status),
            _ => Self::Refused(status),
        }
    }
}

fn has_manager_conflict(status: &Status) -> bool {
    status.details.as_ref().is_some_and(|details| {
        details
            .causes
            .iter()
            .any(|cause| cause.reason == "FieldManagerConflict")
    })
}

/// The status as a person would say it; causes on lines of their own.
fn describe(status: &Status) -> String {
    let mut text = status.message.trim().to_owned();
    if text.is_empty() {
        text = format!("status {} {}", status.code, status.reason);
    }
    let causes = status.details.iter().flat_map(|details| &details.causes);
    for cause in causes {
        // The message of an invalid object already lists its causes.
        if !text.contains(&cause.message) {
            text.push_str("\n  ");
            if !cause.field.is_empty() {
                text.push_str(&cause.field);
                text.push_str(": ");
            }
            text.push_str(&cause.message);
        }
    }
    text
}

/// The whole chain of causes: the useful part of a connection error stands at its end.
fn chain(error: &kube::Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
        source = cause.source();
    }
    parts.join(": ")
}
