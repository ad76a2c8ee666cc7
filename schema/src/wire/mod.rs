//! The protocol's encodings. Wire types stay in here and in `server`.

mod diagnostics;
mod dynamic;
mod msgpack_read;
mod msgpack_write;
mod schema;

#[cfg(test)]
mod roundtrip;

pub(crate) use diagnostics::{diagnostics, path};
pub(crate) use dynamic::{raw_json, read, write};
pub(crate) use schema::{function, identity_schema, schema};

use crate::diagnostics::Diagnostic;
use crate::path::{Path, Step};

/// Bytes that do not fit the type that both sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub(crate) struct WireError {
    /// Where it does not fit.
    pub path: Path,
    /// What does not fit, as a sentence without a full stop.
    pub reason: String,
}

impl WireError {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            path: Path::root(),
            reason: reason.into(),
        }
    }

    fn within(mut self, step: Step) -> Self {
        self.path = self.path.within(step);
        self
    }
}

impl From<WireError> for Diagnostic {
    fn from(error: WireError) -> Self {
        let detail = format!(
            "{}.\n\nThis is a bug in the provider, not in your configuration. Please report it.",
            error.reason
        );
        Self::error("Value does not fit its schema", detail).at(error.path)
    }
}

/// The extension type of an unknown value of which something is known (zclconf/go-cty, msgpack).
const REFINED_UNKNOWN: i8 = 12;

/// The keys of the refinement map of an unknown value (zclconf/go-cty, msgpack).
mod refinement {
    pub const NULLNESS: i64 = 1;
    pub const PREFIX: i64 = 2;
    pub const LOWER_BOUND: i64 = 3;
    pub const UPPER_BOUND: i64 = 4;
    pub const MIN_LENGTH: i64 = 5;
    pub const MAX_LENGTH: i64 = 6;
}
