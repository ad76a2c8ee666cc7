//! Sorts of findings.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What sort of consequence a finding is, the most dangerous first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Stored data goes.
    Loss,
    /// The plan holds something that this program cannot judge.
    Unreadable,
    /// Something that exists goes.
    Destroy,
    /// Nothing answers for a while.
    Downtime,
    /// Who may do what changes.
    Access,
    /// What can be reached from where changes.
    Exposure,
    /// A check, precondition or postcondition does not hold.
    Check,
    /// A quota or another limit will be in the way.
    Limit,
    /// Pods are replaced.
    Restart,
    /// Any other change of what exists.
    Change,
    /// The number of pods changes.
    Scale,
    /// Something was changed outside.
    Drift,
    /// Values of secrets change.
    Secret,
    /// A secret's value stands where it can be read.
    Leak,
    /// What will be is known only after apply.
    Unknown,
    /// Only the state changes: moved, imported, forgotten.
    State,
    /// Something new.
    Create,
}

impl Kind {
    /// All kinds, the most dangerous first.
    pub const ALL: [Self; 17] = [
        Self::Loss,
        Self::Unreadable,
        Self::Destroy,
        Self::Downtime,
        Self::Access,
        Self::Exposure,
        Self::Check,
        Self::Limit,
        Self::Restart,
        Self::Change,
        Self::Scale,
        Self::Drift,
        Self::Secret,
        Self::Leak,
        Self::Unknown,
        Self::State,
        Self::Create,
    ];

    /// The kinds that need a person unless the user chooses others.
    pub const RISKY: [Self; 7] = [
        Self::Loss,
        Self::Unreadable,
        Self::Destroy,
        Self::Downtime,
        Self::Access,
        Self::Exposure,
        Self::Check,
    ];

    /// The name for options and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Unreadable => "unreadable",
            Self::Destroy => "destroy",
            Self::Downtime => "downtime",
            Self::Access => "access",
            Self::Exposure => "exposure",
            Self::Check => "check",
            Self::Leak => "leak",
            Self::Limit => "limit",
            Self::Restart => "restart",
            Self::Change => "change",
            Self::Scale => "scale",
            Self::Drift => "drift",
            Self::Secret => "secret",
            Self::Unknown => "unknown",
            Self::State => "state",
            Self::Create => "create",
        }
    }

    /// The heading over findings of this kind.
    pub fn title(self) -> &'static str {
        match self {
            Self::Loss => "Lost for good",
            Self::Unreadable => "Could not be judged",
            Self::Destroy => "Removed",
            Self::Downtime => "Downtime",
            Self::Access => "Who may do what",
            Self::Exposure => "What can be reached",
            Self::Check => "Checks that do not hold",
            Self::Leak => "Secrets that plans can show",
            Self::Limit => "Limits",
            Self::Restart => "Restarts",
            Self::Change => "Changed",
            Self::Scale => "Number of pods",
            Self::Drift => "Changed outside",
            Self::Secret => "Secret values",
            Self::Unknown => "Known only after apply",
            Self::State => "State only, nothing is touched",
            Self::Create => "New",
        }
    }

    /// Whether a finding of this kind says what the apply does, rather than something about the plan.
    pub fn is_effect(self) -> bool {
        !matches!(
            self,
            Self::Leak | Self::Limit | Self::Secret | Self::Unknown | Self::Check
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("`{text}` is none of {}", names()))
    }
}
