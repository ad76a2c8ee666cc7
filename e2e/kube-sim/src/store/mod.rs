//! All objects of a cluster, in memory, with the history that watches read. It knows nothing of what the objects mean.

mod history;
mod key;
mod names;
mod object;
mod save;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

pub use history::{Change, Gone, Happened, Record};
pub use key::{Key, Resource};
pub use object::Object;
pub use save::LoadError;

use history::History;
use names::Names;

use crate::clock::Clock;

/// So many of the latest trees are not made again when controllers look at what was just written.
const RECENT: usize = 256;

/// The store; clones share it.
#[derive(Clone)]
pub struct Store {
    state: Arc<Mutex<State>>,
    revision: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
}

type Objects = BTreeMap<(String, String), Arc<Object>>;

struct State {
    revision: u64,
    objects: BTreeMap<Resource, Objects>,
    recent: VecDeque<Arc<Value>>,
    history: History,
    names: Names,
}

impl Store {
    /// An empty store. The same seed gives the same uids and name suffixes, in the order in which they are asked for.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Store {
        Store {
            state: Arc::new(Mutex::new(State {
                revision: 1,
                objects: BTreeMap::new(),
                recent: VecDeque::new(),
                history: History::after(1),
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
        *self.revision.borrow()
    }

    /// An object.
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        let state = self.lock();
        let objects = state.objects.get(&key.resource)?;
        let found = objects
            .get(&(key.namespace.clone(), key.name.clone()))?
            .clone();
        drop(state);
        Some(found.tree())
    }

    /// Whether an object is there.
    pub fn has(&self, key: &Key) -> bool {
        let state = self.lock();
        let objects = state.objects.get(&key.resource);
        objects
            .is_some_and(|objects| objects.contains_key(&(key.namespace.clone(), key.name.clone())))
    }

    /// All objects of a resource, in one namespace or all, by namespace and name; and the revision at which they were like that.
    pub fn list(&self, resource: &Resource, namespace: Option<&str>) -> (Vec<Arc<Value>>, u64) {
        let (kept, revision) = self.list_kept(resource, namespace);
        (
            kept.iter().map(|(_, object)| object.tree()).collect(),
            revision,
        )
    }

    /// The same, as they are kept, with namespace and name.
    pub fn list_kept(&self, resource: &Resource, namespace: Option<&str>) -> (Vec<Placed>, u64) {
        let state = self.lock();
        let objects = state.objects.get(resource).into_iter().flatten();
        let items = objects
            .filter(|((at, _), _)| namespace.is_none_or(|namespace| namespace == at))
            .map(|(place, object)| (place.clone(), object.clone()))
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
        let (object, kept) = state.kept(object, revision);
        let place = (key.namespace.clone(), key.name.clone());
        let objects = state.objects.entry(key.resource.clone()).or_default();
        let previous = objects.insert(place, kept.clone());
        let happened = match previous {
            Some(_) => Happened::Modified,
            None => Happened::Added,
        };
        state.history.note(Record {
            revision,
            key: key.clone(),
            happened,
            object: kept,
            previous,
        });
        self.revision.send_replace(revision);
        object
    }

    /// Removes an object for good.
    pub fn remove(&self, key: &Key) -> Option<Arc<Value>> {
        let mut state = self.lock();
        let place = (key.namespace.clone(), key.name.clone());
        let previous = state.objects.get_mut(&key.resource)?.remove(&place)?;
        let revision = state.next();
        let (object, kept) = state.kept(Value::clone(&previous.tree()), revision);
        state.history.note(Record {
            revision,
            key: key.clone(),
            happened: Happened::Deleted,
            object: kept,
            previous: Some(previous),
        });
        self.revision.send_replace(revision);
        Some(object)
    }

    /// All changes after a revision, oldest first.
    pub fn changes(&self, since: u64) -> Result<Vec<Record>, Gone> {
        self.lock().history.since(since)
    }

    /// Says when there are new changes: await `changed()`, then ask [`Store::changes`].
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Forgets all history, so that older watches are answered with 410.
    pub fn compact(&self) {
        let mut state = self.lock();
        state.history = History::after(state.revision);
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

/// Namespace and name, and the object there.
pub type Placed = ((String, String), Arc<Object>);

impl State {
    fn next(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    fn kept(&mut self, mut object: Value, revision: u64) -> (Arc<Value>, Arc<Object>) {
        object["metadata"]["resourceVersion"] = revision.to_string().into();
        let object = Arc::new(object);
        self.recent.push_back(object.clone());
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        let kept = Arc::new(Object::of(&object));
        (object, kept)
    }
}
