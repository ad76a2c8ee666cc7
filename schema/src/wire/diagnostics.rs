//! Diagnostics and paths in messages.

use seedling_proto::tfplugin6 as pb;

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::path::{Path, Step};

/// The messages' wire form.
pub(crate) fn diagnostics(diagnostics: Diagnostics) -> Vec<pb::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> pb::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => pb::diagnostic::Severity::Error,
        Severity::Warning => pb::diagnostic::Severity::Warning,
    };
    pb::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        // A path without steps would lose the position in the source.
        attribute: diagnostic
            .attribute
            .filter(|path| !path.is_root())
            .as_ref()
            .map(path),
    }
}

/// A path's wire form.
pub(crate) fn path(path: &Path) -> pb::AttributePath {
    use pb::attribute_path::step::Selector;

    let steps = path.steps().iter().map(|step| pb::attribute_path::Step {
        selector: Some(match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        }),
    });
    pb::AttributePath {
        steps: steps.collect(),
    }
}
