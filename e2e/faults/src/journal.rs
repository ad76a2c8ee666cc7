//! What came by, and what is to go wrong.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::request::Parts;

use crate::request::{Noted, Variant, identity};
use crate::rule::{Action, Rule};

#[derive(Default)]
pub(crate) struct Journal(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    noted: Vec<Noted>,
    counts: HashMap<(String, String, Variant), u32>,
    rules: Vec<Rule>,
    /// Raised by [`Journal::forget`]: an answer to a request from before must not be noted at one from after.
    generation: u64,
}

/// A place in the journal.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    index: usize,
    generation: u64,
}

impl Journal {
    /// Notes a request; the first rule that chooses it says what happens.
    pub fn note(&self, parts: &Parts) -> (Entry, Noted, Option<Action>) {
        let mut entries = self.lock();
        let nth = entries.counts.entry(identity(parts)).or_default();
        *nth += 1;
        let mut noted = Noted::new(parts, *nth);
        let action = entries.rules.iter_mut().find_map(|rule| rule.fire(&noted));
        noted.faulted = action.is_some();
        entries.noted.push(noted.clone());
        (
            Entry {
                index: entries.noted.len() - 1,
                generation: entries.generation,
            },
            noted,
            action,
        )
    }

    pub fn answered(&self, entry: Entry, status: u16) {
        let mut entries = self.lock();
        if entries.generation == entry.generation
            && let Some(noted) = entries.noted.get_mut(entry.index)
        {
            noted.status = Some(status);
        }
    }

    pub fn requests(&self) -> Vec<Noted> {
        self.lock().noted.clone()
    }

    pub fn inject(&self, rule: Rule) {
        self.lock().rules.push(rule);
    }

    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    pub fn forget(&self) {
        let mut entries = self.lock();
        entries.noted.clear();
        entries.counts.clear();
        entries.generation += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
