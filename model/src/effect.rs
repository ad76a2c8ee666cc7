//! What a change does, in words.

use std::fmt;

/// One consequence of a change, for plans and reviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What sort of consequence.
    pub kind: EffectKind,
    /// The consequence as a clause, such as "4 pods restart, at most 1 missing at a time".
    pub sentence: String,
}

impl Effect {
    pub(crate) fn new(kind: EffectKind, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            sentence: sentence.into(),
        }
    }
}

/// Sorts of consequences, the most dangerous first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// Stored data goes.
    StorageLost,
    /// Something that runs goes.
    Removed,
    /// Nothing answers for a while.
    Downtime,
    /// Who can reach it, and where, changes.
    Exposure,
    /// Pods are replaced.
    Restart,
    /// The number of pods changes.
    Scale,
    /// Something new runs.
    Created,
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}
