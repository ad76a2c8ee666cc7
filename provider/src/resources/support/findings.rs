//! The model's findings as diagnostics.

use seedling_model::{Finding, PathStep, Severity};
use seedling_schema::{Diagnostic, Diagnostics, Path};

/// Each finding with the place of its argument.
pub fn diagnostics(findings: Vec<Finding>) -> Diagnostics {
    findings.into_iter().map(diagnostic).collect()
}

fn diagnostic(finding: Finding) -> Diagnostic {
    let made = match finding.severity {
        Severity::Error => Diagnostic::error(finding.summary, finding.detail),
        Severity::Warning => Diagnostic::warning(finding.summary, finding.detail),
    };
    if finding.path.is_empty() {
        made
    } else {
        made.at(path(finding.path))
    }
}

fn path(steps: Vec<PathStep>) -> Path {
    steps
        .into_iter()
        .fold(Path::root(), |path, step| match step {
            PathStep::Attribute(name) => path.attribute(&name),
            PathStep::Key(key) => path.key(&key),
            PathStep::Index(index) => path.index(i64::try_from(index).unwrap_or(i64::MAX)),
        })
}
