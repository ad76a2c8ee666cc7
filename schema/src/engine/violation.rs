//! A contradiction between what a provider returns and what the core accepts.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::value::Value;

/// One broken rule. The reason never shows a value: it could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where the rule is broken.
    pub path: Path,
    /// What is wrong there, as a sentence without a full stop.
    pub reason: String,
}

impl Violation {
    pub(crate) fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            reason: reason.into(),
        }
    }

    /// The violations as errors that say whose fault they are.
    pub(crate) fn report(violations: Vec<Self>, summary: &str) -> Diagnostics {
        let report = |violation: Self| {
            let place = match violation.path.to_string() {
                path if path.is_empty() => String::new(),
                path => format!("{path}: "),
            };
            let detail = format!(
                "{place}{}.\n\nThis is a bug in the provider, not in your configuration. Please report it.",
                violation.reason
            );
            Diagnostic::error(summary, detail).at(violation.path)
        };
        violations.into_iter().map(report).collect()
    }
}

/// The places at which a value is unknown, where a known one was due.
pub(crate) fn all_unknown(value: &Value, path: &Path) -> Vec<Violation> {
    match value {
        Value::Unknown(_) => vec![Violation::new(
            path,
            "the value is still unknown, although it must be known now",
        )],
        Value::List(elements) => elements
            .iter()
            .zip(0..)
            .flat_map(|(value, index)| all_unknown(value, &path.clone().index(index)))
            .collect(),
        Value::Map(members) => members
            .iter()
            .flat_map(|(name, value)| all_unknown(value, &path.clone().attribute(name)))
            .collect(),
        Value::Dynamic(_, inner) => all_unknown(inner, path),
        _ => Vec::new(),
    }
}
