//! All objects of a cluster, in memory, with the history that watches read. It knows nothing of what the objects mean.

mod key;
mod names;
mod save;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

pub use key::{Key, Resource};
pub use save::LoadError;

use names::Names;

use crate::clock::Clock;

/// How many changes are kept for watches; a watch from before the oldest is answered with 410.
const HISTORY: usize = 20_000;

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

/// One change of one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// Revision of the whole store after the change.
    pub revision: u64,
    /// Which object.
    pub key: Key,
    /// What happened.
    pub happened: Happened,
    /// The object after the change.
    pub object: Arc<Value>,
    /// The object before the change.
    pub previous: Option<Arc<Value>>,
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

/// The store; clones share it.
#[derive(Clone)]
pub struct Store {
    state: Arc<Mutex<State>>,
    revision: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
}

type Objects = BTreeMap<(String, String), Arc<Value>>;

struct State {
    revision: u64,
    objects: BTreeMap<Resource, Objects>,
    history: VecDeque<Change>,
    /// Changes up to this revision are forgotten.
    forgotten: u64,
    names: Names,
}

impl Store {
    /// An empty store. The same seed gives the same uids and name suffixes, in the order in which they are asked for.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Store {
        Store {
            state: Arc::new(Mutex::new(State {
                revision: 1,
                objects: BTreeMap::new(),
                history: VecDeque::new(),
                forgotten: 1,
                names: Names::new(seed),
            })),
            revision: watch::Sender::new(1),
            clock,
        }
    }

    /// The cluster's time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The revision of the latest change.
    pub fn revision(&self) -> u64 {
        self.lock().revision
    }

    /// An object.
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        let state = self.lock();
        let objects = state.objects.get(&key.resource)?;
        objects
            .get(&(key.namespace.clone(), key.name.clone()))
            .cloned()
    }

    /// All objects of a resource, in one namespace or all, by namespace and name; and the revision at which they were like that.
    pub fn list(&self, resource: &Resource, namespace: Option<&str>) -> (Vec<Arc<Value>>, u64) {
        let state = self.lock();
        let objects = state.objects.get(resource).into_iter().flatten();
        let items = objects
            .filter(|((at, _), _)| namespace.is_none_or(|namespace| namespace == at))
            .map(|(_, object)| object.clone())
            .collect();
        (items, state.revision)
    }

    /// Resources of which there is an object in a namespace.
    pub fn resources_in(&self, namespace: &str) -> Vec<Resource> {
        let state = self.lock();
        let has = |objects: &Objects| objects.keys().any(|(at, _)| at == namespace);
        let found = state.objects.iter().filter(|(_, objects)| has(objects));
        found.map(|(resource, _)| resource.clone()).collect()
    }

    /// Writes an object as it is and gives it a new revision; what was there before is replaced.
    pub fn put(&self, key: &Key, object: Value) -> Arc<Value> {
        let mut state = self.lock();
        let revision = state.next();
        let object = with_revision(object, revision);
        let place = (key.namespace.clone(), key.name.clone());
        let previous = state
            .objects
            .entry(key.resource.clone())
            .or_default()
            .insert(place, object.clone());
        let happened = match previous {
            Some(_) => Happened::Modified,
            None => Happened::Added,
        };
        state.note(Change {
            revision,
            key: key.clone(),
            happened,
            object: object.clone(),
            previous,
        });
        drop(state);
        self.revision.send_replace(revision);
        object
    }

    /// Removes an object for good.
    pub fn remove(&self, key: &Key) -> Option<Arc<Value>> {
        let mut state = self.lock();
        let place = (key.namespace.clone(), key.name.clone());
        let previous = state.objects.get_mut(&key.resource)?.remove(&place)?;
        let revision = state.next();
        let object = with_revision(Value::clone(&previous), revision);
        state.note(Change {
            revision,
            key: key.clone(),
            happened: Happened::Deleted,
            object: object.clone(),
            previous: Some(previous),
        });
        drop(state);
        self.revision.send_replace(revision);
        Some(object)
    }

    /// All changes after a revision, oldest first.
    pub fn changes(&self, since: u64) -> Result<Vec<Change>, Gone> {
        let state = self.lock();
        if since < state.forgotten {
            return Err(Gone {
                asked: since,
                oldest: state.forgotten,
            });
        }
        let start = state
            .history
            .partition_point(|change| change.revision <= since);
        Ok(state.history.range(start..).cloned().collect())
    }

    /// Says when there are new changes: await `changed()`, then ask [`Store::changes`].
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Forgets all history, so that older watches are answered with 410.
    pub fn compact(&self) {
        let mut state = self.lock();
        state.history.clear();
        state.forgotten = state.revision;
    }

    /// A new uid.
    pub fn uid(&self) -> String {
        self.lock().names.uid()
    }

    /// A suffix as `generateName` gets it.
    pub fn suffix(&self, length: usize) -> String {
        self.lock().names.suffix(length)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    fn note(&mut self, change: Change) {
        self.history.push_back(change);
        if self.history.len() > HISTORY
            && let Some(oldest) = self.history.pop_front()
        {
            self.forgotten = oldest.revision;
        }
    }
}

fn with_revision(mut object: Value, revision: u64) -> Arc<Value> {
    object["metadata"]["resourceVersion"] = revision.to_string().into();
    Arc::new(object)
}
