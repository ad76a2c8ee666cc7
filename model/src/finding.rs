//! What a check has to say: one finding per problem, with the place of the argument.

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The plan must not go on.
    Error,
    /// The plan goes on; the user should know.
    Warning,
}

/// One step from an object to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// A named attribute.
    Attribute(String),
    /// A key of a map.
    Key(String),
    /// A position in a list.
    Index(usize),
}

/// The place of an argument, built step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At(Vec<PathStep>);

impl At {
    /// The top-level attribute `name`.
    pub fn of(name: &str) -> Self {
        Self::default().attribute(name)
    }

    /// The attribute `name` of the object here.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.step(PathStep::Attribute(name.to_owned()))
    }

    /// The element `key` of the map here.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.step(PathStep::Key(key.to_owned()))
    }

    /// The element at `index` of the list here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(PathStep::Index(index))
    }

    fn step(&self, step: PathStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// A problem with an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Error or warning.
    pub severity: Severity,
    /// Where the argument stands; empty for the resource as a whole.
    pub path: Vec<PathStep>,
    /// A short title without a full stop.
    pub summary: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// Collects findings, so that one run shows all problems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report(Vec<Finding>);

impl Report {
    /// Adds an error about the argument at `at`.
    pub fn error(&mut self, at: &At, summary: impl Into<String>, detail: impl Into<String>) {
        self.add(Severity::Error, at, summary.into(), detail.into());
    }

    /// Adds a warning about the argument at `at`.
    pub fn warning(&mut self, at: &At, summary: impl Into<String>, detail: impl Into<String>) {
        self.add(Severity::Warning, at, summary.into(), detail.into());
    }

    /// All findings, in the order they were made.
    pub fn into_findings(self) -> Vec<Finding> {
        self.0
    }

    fn add(&mut self, severity: Severity, at: &At, summary: String, detail: String) {
        self.0.push(Finding {
            severity,
            path: at.0.clone(),
            summary,
            detail,
        });
    }
}

/// Shows findings as lines, for table tests: `error ports["http"].port: Port out of range`.
#[cfg(test)]
pub(crate) fn lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(line).collect()
}

#[cfg(test)]
fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let path: String = finding
        .path
        .iter()
        .map(|step| match step {
            PathStep::Attribute(name) => format!(".{name}"),
            PathStep::Key(key) => format!("[{key:?}]"),
            PathStep::Index(index) => format!("[{index}]"),
        })
        .collect();
    format!(
        "{severity} {}: {}",
        path.trim_start_matches('.'),
        finding.summary
    )
}
