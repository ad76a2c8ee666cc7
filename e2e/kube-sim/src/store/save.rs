//! A store as one JSON document: objects by resource, and where counters stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::history::History;
use super::key::{Key, Resource};
use super::names::Names;
use super::object::Object;
use super::{Objects, Store};

/// A document is no saved store.
#[derive(Debug, thiserror::Error)]
#[error("this is no saved cluster: {0}")]
pub struct LoadError(#[from] serde_json::Error);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    revision: u64,
    names: u64,
    objects: BTreeMap<String, Vec<Value>>,
}

impl Store {
    /// The store as JSON. History is not kept: watches start anew.
    pub fn save(&self) -> String {
        let state = self.lock();
        let objects = state.objects.iter().map(|(resource, objects)| {
            let trees = objects.values().map(|object| Value::clone(&object.tree()));
            (resource.to_string(), trees.collect())
        });
        let saved = Saved {
            revision: state.revision,
            names: state.names.state(),
            objects: objects.collect(),
        };
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// Replaces everything by what was saved. Watches that are open are answered with 410 at their next look.
    pub fn load(&self, text: &str) -> Result<(), LoadError> {
        let saved: Saved = serde_json::from_str(text)?;
        let mut state = self.lock();
        state.objects.clear();
        state.recent.clear();
        for (resource, objects) in saved.objects {
            let resource = Resource::parse(&resource);
            let placed: Objects = objects
                .into_iter()
                .map(|object| {
                    let key = Key::of(&resource, &object);
                    let kept = Object::of(&Arc::new(object));
                    ((key.namespace, key.name), Arc::new(kept))
                })
                .collect();
            state.objects.insert(resource, placed);
        }
        state.names = Names::new(saved.names);
        // Higher than anything a client has seen, of this life or the saved one.
        state.revision = state.revision.max(saved.revision) + 1;
        state.history = History::after(state.revision);
        self.revision.send_replace(state.revision);
        Ok(())
    }
}
