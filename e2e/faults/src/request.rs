//! Requests as they are noted.

use std::fmt;

use http::request::Parts;
use serde::{Deserialize, Serialize};

/// What a request is besides its method and path; the rest of the query is noise (time-outs, limits, field managers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Nothing special.
    Plain,
    /// The server checks and answers, and keeps nothing.
    DryRun,
    /// The answer goes on until one side ends it.
    Watch,
}

/// The name of a request: the same in every run of the same scenario.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId {
    /// `GET`, `PATCH`…
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What it is besides.
    pub variant: Variant,
    /// Which one of this method, path and variant, from 1.
    pub nth: u32,
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)?;
        match self.variant {
            Variant::Plain => {}
            Variant::DryRun => write!(formatter, " (dry run)")?,
            Variant::Watch => write!(formatter, " (watch)")?,
        }
        write!(formatter, " #{}", self.nth)
    }
}

/// A request that came by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Noted {
    /// Its name.
    pub id: RequestId,
    /// The whole query, as sent.
    pub query: String,
    /// Who asked.
    pub user_agent: String,
    /// The status that the program was answered with; none while it waits, and for good when the reply was cut.
    pub status: Option<u16>,
    /// Whether a rule changed what happened.
    pub faulted: bool,
}

impl Noted {
    /// Whether it could change something in the cluster.
    pub fn is_write(&self) -> bool {
        self.id.variant == Variant::Plain
            && matches!(self.id.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
    }

    pub(crate) fn new(parts: &Parts, nth: u32) -> Noted {
        let header = parts.headers.get(http::header::USER_AGENT);
        let (method, path, variant) = identity(parts);
        Noted {
            id: RequestId {
                method,
                path,
                variant,
                nth,
            },
            query: parts.uri.query().unwrap_or_default().to_owned(),
            user_agent: header
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            status: None,
            faulted: false,
        }
    }
}

/// Method, path and variant: what requests are counted by.
pub(crate) fn identity(parts: &Parts) -> (String, String, Variant) {
    let query = parts.uri.query().unwrap_or_default();
    let has = |name: &str, value: &str| {
        query
            .split('&')
            .any(|pair| pair.split_once('=') == Some((name, value)))
    };
    let variant = if has("dryRun", "All") {
        Variant::DryRun
    } else if has("watch", "true") || has("watch", "1") {
        Variant::Watch
    } else {
        Variant::Plain
    };
    (
        parts.method.to_string(),
        parts.uri.path().to_owned(),
        variant,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_has_no_noise() {
        let parts = |uri: &str| http::Request::patch(uri).body(()).unwrap().into_parts().0;
        let noted = |uri: &str| Noted::new(&parts(uri), 2);
        let one = noted("/api/v1/pods/a?fieldManager=x&dryRun=All");
        assert_eq!(one.id.to_string(), "PATCH /api/v1/pods/a (dry run) #2");
        assert!(!one.is_write());
        assert_eq!(
            noted("/api/v1/pods/a?timeout=5s").id,
            noted("/api/v1/pods/a?timeout=6s").id
        );
        assert!(noted("/api/v1/pods/a?timeout=5s").is_write());
    }
}
