//! What happened to which object, for watches and controllers.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::key::Key;
use super::object::Object;

/// How many changes are kept; a watch from before the oldest is answered with 410.
const LENGTH: usize = 10_000;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It was not there before.
    Added,
    /// It is different now.
    Modified,
    /// It is gone; the object is its last state, with the revision of its removal.
    Deleted,
}

/// One change of one object, as it is kept.
#[derive(Clone, Debug)]
pub struct Record {
    /// Revision of the whole store after the change.
    pub revision: u64,
    /// Which object.
    pub key: Key,
    /// What happened.
    pub happened: Happened,
    /// The object after the change.
    pub object: Arc<Object>,
    /// The object before the change.
    pub previous: Option<Arc<Object>>,
}

/// One change of one object, to look at.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which object.
    pub key: Key,
    /// What happened.
    pub happened: Happened,
    /// The object after the change.
    pub object: Arc<Value>,
    /// The object before the change.
    pub previous: Option<Arc<Value>>,
    /// The object after the change, as it is kept.
    pub kept: Arc<Object>,
}

impl Record {
    /// To look at.
    pub fn change(&self) -> Change {
        Change {
            key: self.key.clone(),
            happened: self.happened,
            object: self.object.tree(),
            previous: self.previous.as_ref().map(|object| object.tree()),
            kept: self.object.clone(),
        }
    }
}

impl Change {
    /// An object that is there, to somebody who sees it for the first time.
    pub fn found(key: Key, kept: &Arc<Object>) -> Change {
        Change {
            key,
            happened: Happened::Added,
            object: kept.tree(),
            previous: None,
            kept: kept.clone(),
        }
    }
}

/// The history does not reach back that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too old resource version: {asked} ({oldest})")]
pub struct Gone {
    /// The revision asked for.
    pub asked: u64,
    /// The oldest from which changes are known.
    pub oldest: u64,
}

/// The latest changes, oldest first.
pub(super) struct History {
    records: VecDeque<Record>,
    /// Changes up to this revision are forgotten.
    forgotten: u64,
}

impl History {
    /// A history that begins after a revision.
    pub fn after(revision: u64) -> History {
        History {
            records: VecDeque::new(),
            forgotten: revision,
        }
    }

    pub fn note(&mut self, record: Record) {
        self.records.push_back(record);
        if self.records.len() > LENGTH
            && let Some(oldest) = self.records.pop_front()
        {
            self.forgotten = oldest.revision;
        }
    }

    pub fn since(&self, revision: u64) -> Result<Vec<Record>, Gone> {
        if revision < self.forgotten {
            return Err(Gone {
                asked: revision,
                oldest: self.forgotten,
            });
        }
        let start = self
            .records
            .partition_point(|record| record.revision <= revision);
        Ok(self.records.range(start..).cloned().collect())
    }
}
