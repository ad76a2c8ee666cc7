//! The objects that controllers see. Only the trees of those that were looked at of late are held: all of a large cluster would be much.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::controllers::kinds::EVENT;
use crate::store::{Change, Key, Object, Resource};

/// How many trees are held.
const HELD: usize = 1_500;

/// All objects.
#[derive(Default)]
pub struct Objects {
    by_resource: BTreeMap<Resource, BTreeMap<(String, String), Seen>>,
    held: RefCell<VecDeque<Key>>,
}

struct Seen {
    kept: Arc<Object>,
    tree: OnceCell<Arc<Value>>,
}

impl Objects {
    /// Takes in an object as it is now.
    pub fn insert(&mut self, change: &Change) {
        let key = &change.key;
        // Controllers write events, and hardly ever look at one.
        let is_looked_at = key.resource != EVENT.resource;
        let seen = Seen {
            kept: change.kept.clone(),
            tree: OnceCell::new(),
        };
        if is_looked_at {
            let _ = seen.tree.set(change.object.clone());
            self.held.get_mut().push_back(key.clone());
        }
        let place = (key.namespace.clone(), key.name.clone());
        let objects = self.by_resource.entry(key.resource.clone()).or_default();
        objects.insert(place, seen);
        self.let_go();
    }

    /// Forgets an object.
    pub fn remove(&mut self, key: &Key) {
        if let Some(objects) = self.by_resource.get_mut(&key.resource) {
            objects.remove(&(key.namespace.clone(), key.name.clone()));
        }
    }

    fn let_go(&mut self) {
        while self.held.get_mut().len() > HELD
            && let Some(key) = self.held.get_mut().pop_front()
        {
            let objects = self.by_resource.get_mut(&key.resource);
            let seen = objects.and_then(|objects| objects.get_mut(&(key.namespace, key.name)));
            if let Some(seen) = seen {
                seen.tree = OnceCell::new();
            }
        }
    }

    fn look<'a>(&self, key: impl FnOnce() -> Key, seen: &'a Seen) -> &'a Value {
        seen.tree.get_or_init(|| {
            self.held.borrow_mut().push_back(key());
            seen.kept.tree()
        })
    }

    /// An object.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        let objects = self.by_resource.get(&key.resource)?;
        let seen = objects.get(&(key.namespace.clone(), key.name.clone()))?;
        Some(self.look(|| key.clone(), seen))
    }

    /// How many objects of a resource are in a namespace.
    pub fn count(&self, resource: &Resource, namespace: &str) -> usize {
        self.places(resource, namespace).count()
    }

    /// The objects of a resource in a namespace, by name.
    pub fn within(&self, resource: &Resource, namespace: &str) -> impl Iterator<Item = &Value> {
        let places = self.places(resource, namespace);
        places.map(move |((namespace, name), seen)| {
            self.look(|| Key::new(resource, namespace, name), seen)
        })
    }

    fn places(
        &self,
        resource: &Resource,
        namespace: &str,
    ) -> impl Iterator<Item = (&(String, String), &Seen)> {
        let start = (namespace.to_owned(), String::new());
        let objects = self.by_resource.get(resource).into_iter();
        let objects = objects.flat_map(move |objects| objects.range(start.clone()..));
        objects.take_while(move |((at, _), _)| at == namespace)
    }

    /// All objects of a resource.
    pub fn all(&self, resource: &Resource) -> impl Iterator<Item = &Value> {
        let objects = self.by_resource.get(resource).into_iter().flatten();
        objects.map(move |((namespace, name), seen)| {
            self.look(|| Key::new(resource, namespace, name), seen)
        })
    }

    /// The resources of which there are objects.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.by_resource.keys()
    }
}
