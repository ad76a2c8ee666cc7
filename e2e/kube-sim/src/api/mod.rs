//! The API without HTTP: what each verb does to the store, in the order in which the real server does it.

mod delete;
mod door;
mod options;
mod parts;
mod patched;
mod read;
mod selector;
mod status;
mod subresources;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde_json::Value;

pub use delete::DeleteOptions;
pub use door::Door;
pub use options::{FieldValidation, LogOptions, Options, decoded};
pub use patched::PatchKind;
pub use read::List;
pub use selector::Selector;
pub use status::{Cause, Status};

use crate::authn::{Tokens, User};
use crate::clock;
use crate::discovery::{Kind, Kinds};
use crate::store::{Key, Resource, Store};

/// Definitions of custom kinds.
pub const DEFINITIONS: Resource =
    Resource::new("apiextensions.k8s.io", "customresourcedefinitions");

/// One API server.
pub struct Server {
    pub(crate) store: Store,
    kinds: RwLock<Arc<Kinds>>,
    /// Held by every write from reading to storing, so that checks hold when it is stored.
    writing: Mutex<()>,
    uncovered: Mutex<BTreeMap<String, u64>>,
    /// Tokens of users and service accounts.
    pub tokens: Tokens,
}

/// One request, after it was allowed.
#[derive(Clone)]
pub struct Call {
    /// Who asks.
    pub user: User,
    /// Name in `managedFields` if the request names none.
    pub agent: String,
    /// Of which kind.
    pub kind: Arc<Kind>,
    /// In which namespace; empty for none.
    pub namespace: String,
    /// Which object; empty for a collection.
    pub name: String,
    /// Which sub-resource; empty for none.
    pub subresource: String,
    /// Parameters.
    pub options: Options,
    /// What is to be said though the request succeeds.
    pub warnings: Arc<Mutex<Vec<String>>>,
}

impl Call {
    /// The object's place in the store.
    pub fn key(&self) -> Key {
        Key::new(&self.kind.resource, &self.namespace, &self.name)
    }

    pub(crate) fn warn(&self, text: String) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if !warnings.contains(&text) {
            warnings.push(text);
        }
    }

    pub(crate) fn manager(&self) -> &str {
        self.options.field_manager.as_deref().unwrap_or(&self.agent)
    }
}

impl Server {
    /// A server of what a store holds.
    pub fn new(store: Store) -> Server {
        let server = Server {
            store,
            kinds: RwLock::default(),
            writing: Mutex::default(),
            uncovered: Mutex::default(),
            tokens: Tokens::default(),
        };
        server.learn_kinds();
        server
    }

    /// The objects.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The kinds that are served at this moment.
    pub fn kinds(&self) -> Arc<Kinds> {
        self.kinds
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the definitions anew.
    pub fn learn_kinds(&self) {
        let (definitions, _) = self.store.list(&DEFINITIONS, None);
        let kinds = Arc::new(Kinds::with(&definitions));
        *self.kinds.write().unwrap_or_else(PoisonError::into_inner) = kinds;
    }

    /// Counts a request that was answered with 501.
    pub fn note_uncovered(&self, what: &str) {
        let mut uncovered = self
            .uncovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *uncovered.entry(what.to_owned()).or_default() += 1;
    }

    /// What was answered with 501, and how often.
    pub fn uncovered(&self) -> BTreeMap<String, u64> {
        self.uncovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn write_lock(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> String {
        clock::seconds(self.store.clock().now())
    }

    /// An object of any kind, as admission looks it up.
    pub(crate) fn look(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
    ) -> Option<Arc<Value>> {
        self.store.get(&Key::new(resource, namespace, name))
    }
}
