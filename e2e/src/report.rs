//! What a run of the proof tells: live on the terminal, and afterwards as files.
//!
//! A [`Report`] is a list of [`StepRecord`]s; [`live`] shows each as it happens, [`artefacts`] keeps the folder,
//! and [`junit`], [`markdown`] and [`json`] are the same list for three kinds of readers.

pub mod artefacts;
pub mod json;
pub mod junit;
pub mod live;
pub mod markdown;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

pub use artefacts::Artefacts;
pub use live::Live;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What it compares was as it should be.
    Held,
    /// It was not, or could not be found out.
    Broken,
    /// It was left out, for the reason that the record gives.
    NotRun,
}

impl Verdict {
    /// The sign before a step's name.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Held => "✓",
            Self::Broken => "✗",
            Self::NotRun => "–",
        }
    }
}

/// Number of requests by what was asked: `patch deployments`, `patch pods (dry run)`.
pub type Counts = BTreeMap<String, u64>;

/// One step of a run.
#[derive(Clone, Debug, Serialize)]
pub struct StepRecord {
    /// The step, with its root where there are several.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// What was compared, why it broke, or why it was left out.
    pub text: String,
    /// Further facts a reader should know, one each.
    pub notes: Vec<String>,
    /// The next step for the user, if it broke.
    pub hint: Option<String>,
    /// How long it took, in seconds.
    #[serde(rename = "seconds", serialize_with = "as_seconds")]
    pub took: Duration,
    /// The provider's requests meanwhile, as the API server counted them; empty where it does not.
    #[serde(skip_serializing_if = "Counts::is_empty")]
    pub requests: Counts,
}

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The folders that were proved.
    pub configurations: Vec<String>,
    /// Command line and version.
    pub cli: String,
    /// The cluster backend.
    pub backend: String,
    /// The steps in order.
    pub steps: Vec<StepRecord>,
}

impl Report {
    /// Whether nothing broke and something held.
    pub fn held(&self) -> bool {
        self.count(Verdict::Broken) == 0 && self.count(Verdict::Held) > 0
    }

    /// How many steps ended that way.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.steps
            .iter()
            .filter(|step| step.verdict == verdict)
            .count()
    }

    /// All steps' time.
    pub fn took(&self) -> Duration {
        self.steps.iter().map(|step| step.took).sum()
    }

    /// `9 held, 1 broken, 2 not run in 63.1s`.
    pub fn summary(&self) -> String {
        let counts = [
            (Verdict::Held, "held"),
            (Verdict::Broken, "broken"),
            (Verdict::NotRun, "not run"),
        ]
        .map(|(verdict, word)| (self.count(verdict), word));
        let words: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        format!("{} in {}", words.join(", "), shown(self.took()))
    }
}

/// `0.4s`, `63.1s`.
pub fn shown(time: Duration) -> String {
    format!("{:.1}s", time.as_secs_f64())
}

// The signature is serde's.
fn as_seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1000.0).round() / 1000.0)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub fn report() -> Report {
        let step = |name: &str, verdict, text: &str| StepRecord {
            name: name.to_owned(),
            verdict,
            text: text.to_owned(),
            notes: Vec::new(),
            hint: None,
            took: Duration::from_millis(1500),
            requests: Counts::new(),
        };
        let mut broken = step(
            "drift",
            Verdict::Broken,
            "2 of 3 changed fields are not named | by any plan\nsecond line",
        );
        broken.hint = Some("see plans/drift.txt".into());
        let mut held = step("apply", Verdict::Held, "5 resources, 9 objects");
        held.notes = vec!["one note".into()];
        held.requests = Counts::from([("list pods".into(), 2), ("patch services".into(), 5)]);
        Report {
            configurations: vec!["examples/stacks/startup".into()],
            cli: "Terraform 1.11.4".into(),
            backend: "process".into(),
            steps: vec![
                held,
                broken,
                step(
                    "rolling",
                    Verdict::NotRun,
                    "no --old DIR or --old-var NAME=VALUE",
                ),
            ],
        }
    }

    #[test]
    fn summary_counts_what_there_is() {
        assert_eq!(report().summary(), "1 held, 1 broken, 1 not run in 4.5s");
        assert!(!report().held());
    }
}
