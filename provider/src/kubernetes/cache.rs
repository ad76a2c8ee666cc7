//! One LIST per kind, shared by all reads of a run.
//!
//! Core refreshes every resource by itself; a GET per object would make a plan of 500 services
//! thousands of requests. The first read of a kind lists the project's objects across the
//! cluster, or per namespace where that is all the identity may do. What is missing in the list,
//! and what this run has written, is asked for by name: only a 404 proves absence.
//!
//! A create looks for everybody's objects of its names; there a list of names, some seconds old at
//! most, says what need not be asked for.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kube::api::ListParams;
use seedling_model::{Object, labels};
use tokio::{sync::OnceCell, time::Instant};

use super::{Cluster, Failure, Kind, kinds};

/// How long a list of names speaks for a namespace: many creates share one, and what others make
/// meanwhile is noticed almost as if each had asked by itself.
const NAMES_HOLD: Duration = Duration::from_secs(5);

type Key = (Kind, Option<String>, String);
/// Objects of one list by namespace and name.
pub type Snapshot = HashMap<(Option<String>, String), Arc<Object>>;
type Slot = Arc<OnceCell<Result<Arc<Snapshot>, Failure>>>;
type Names = Arc<tokio::sync::Mutex<Option<(Instant, Arc<HashSet<String>>)>>>;

/// The lists read so far, the names they no longer speak for, and what a state holds.
pub struct Cache {
    selector: String,
    lists: Mutex<HashMap<(Kind, Option<String>), Slot>>,
    everybodys: Mutex<HashMap<Kind, Slot>>,
    names: Mutex<HashMap<(Kind, Option<String>), Names>>,
    written: Mutex<HashSet<Key>>,
    uids: Mutex<HashMap<String, String>>,
    held: Mutex<HashSet<(&'static str, String)>>,
    changing: Mutex<HashSet<String>>,
}

impl Cache {
    /// An empty cache for the objects that carry the project's label.
    pub fn new(project: &str) -> Self {
        Self {
            selector: format!("{}={project}", labels::PROJECT),
            lists: Mutex::default(),
            everybodys: Mutex::default(),
            names: Mutex::default(),
            written: Mutex::default(),
            uids: Mutex::default(),
            held: Mutex::default(),
            changing: Mutex::default(),
        }
    }

    /// From now on this name is asked for, not looked up.
    pub fn written(&self, kind: Kind, namespace: Option<&str>, name: &str) {
        locked(&self.written).insert(key(kind, namespace, name));
        if kind == kinds::NAMESPACE {
            locked(&self.uids).remove(name);
        }
    }

    /// The uid of a namespace, if it was asked for since this run last wrote the namespace.
    pub fn uid(&self, namespace: &str) -> Option<String> {
        locked(&self.uids).get(namespace).cloned()
    }

    /// Remembers the uid of a namespace.
    pub fn remember_uid(&self, namespace: &str, uid: &str) {
        locked(&self.uids).insert(namespace.to_owned(), uid.to_owned());
    }

    /// A state holds this resource: it was refreshed in this run.
    pub fn hold(&self, type_name: &'static str, import_id: &str) {
        locked(&self.held).insert((type_name, import_id.to_owned()));
    }

    /// Whether this run has refreshed the resource. Core plans a tainted resource as if it did
    /// not exist, right after it has refreshed it.
    pub fn is_held(&self, type_name: &'static str, import_id: &str) -> bool {
        locked(&self.held).contains(&(type_name, import_id.to_owned()))
    }

    /// This run plans to change the environment: what it refuses now says little about apply.
    pub fn change(&self, environment: &str) {
        locked(&self.changing).insert(environment.to_owned());
    }

    /// Whether this run plans to change the environment. Core plans it before what refers to it.
    pub fn is_changing(&self, environment: &str) -> bool {
        locked(&self.changing).contains(environment)
    }

    fn is_written(&self, kind: Kind, namespace: Option<&str>, name: &str) -> bool {
        locked(&self.written).contains(&key(kind, namespace, name))
    }

    fn slot(&self, kind: Kind, namespace: Option<&str>) -> Slot {
        let mut lists = locked(&self.lists);
        lists
            .entry((kind, namespace.map(str::to_owned)))
            .or_default()
            .clone()
    }
}

impl Cluster {
    /// One object of the project for a refresh: from the shared list if it is there, else by name.
    pub async fn read(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Arc<Object>>, Failure> {
        if !self.cache.is_written(kind, namespace, name)
            && let Some(found) = self.look_up(kind, namespace, name).await?
        {
            return Ok(Some(found));
        }
        Ok(self.get(kind, namespace, name).await?.map(Arc::new))
    }

    /// The project's objects of a kind in a namespace, as the shared list has them.
    pub async fn known(&self, kind: Kind, namespace: &str) -> Result<Vec<Arc<Object>>, Failure> {
        let snapshot = match self.snapshot(kind, None).await {
            Err(failure) if failure.is_forbidden() => self.snapshot(kind, Some(namespace)).await?,
            other => other?,
        };
        let inside = snapshot
            .values()
            .filter(|object| object.namespace() == Some(namespace));
        Ok(inside.cloned().collect())
    }

    /// One object of anybody's for a create: asked for by name, unless a list of names that was
    /// read just now does not have it.
    pub async fn find(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Object>, Failure> {
        if !self.cache.is_written(kind, namespace, name) {
            match self.names_lately(kind, namespace).await {
                Ok(names) if !names.contains(name) => return Ok(None),
                // Some identities may only get.
                Err(failure) if !failure.is_forbidden() && !failure.is_not_found() => {
                    return Err(failure);
                }
                _ => {}
            }
        }
        self.get(kind, namespace, name).await
    }

    async fn names_lately(
        &self,
        kind: Kind,
        namespace: Option<&str>,
    ) -> Result<Arc<HashSet<String>>, Failure> {
        let slot = locked(&self.cache.names)
            .entry((kind, namespace.map(str::to_owned)))
            .or_default()
            .clone();
        let mut latest = slot.lock().await;
        if let Some((read, names)) = latest.as_ref()
            && read.elapsed() < NAMES_HOLD
        {
            return Ok(names.clone());
        }
        let begun = Instant::now();
        let names = Arc::new(self.names(kind, namespace).await?);
        *latest = Some((begun, names.clone()));
        Ok(names)
    }

    /// Everybody's objects of a kind, across the cluster, listed once per run.
    pub async fn everybodys(&self, kind: Kind) -> Result<Arc<Snapshot>, Failure> {
        let slot = locked(&self.cache.everybodys)
            .entry(kind)
            .or_default()
            .clone();
        slot.get_or_init(|| async {
            let objects = self.list(kind, None, &ListParams::default()).await?;
            Ok(Arc::new(objects.into_iter().map(by_name).collect()))
        })
        .await
        .clone()
    }

    /// `None` says "not in the list", which proves nothing.
    async fn look_up(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Arc<Object>>, Failure> {
        let snapshot = match self.snapshot(kind, None).await {
            Ok(snapshot) => snapshot,
            Err(failure) if failure.is_forbidden() && namespace.is_some() => {
                match self.snapshot(kind, namespace).await {
                    // Some identities may only get; the request by name decides.
                    Err(failure) if failure.is_forbidden() => return Ok(None),
                    other => other?,
                }
            }
            // A kind the cluster does not have: the request by name says so properly.
            Err(failure) if failure.is_forbidden() || failure.is_not_found() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let key = (namespace.map(str::to_owned), name.to_owned());
        Ok(snapshot.get(&key).cloned())
    }

    async fn snapshot(
        &self,
        kind: Kind,
        namespace: Option<&str>,
    ) -> Result<Arc<Snapshot>, Failure> {
        let slot = self.cache.slot(kind, namespace);
        slot.get_or_init(|| async {
            let selector = ListParams::default().labels(&self.cache.selector);
            let objects = self.list(kind, namespace, &selector).await?;
            Ok(Arc::new(objects.into_iter().map(by_name).collect()))
        })
        .await
        .clone()
    }
}

fn by_name(object: Object) -> ((Option<String>, String), Arc<Object>) {
    let key = (
        object.namespace().map(str::to_owned),
        object.name().to_owned(),
    );
    (key, Arc::new(object))
}

fn key(kind: Kind, namespace: Option<&str>, name: &str) -> Key {
    (kind, namespace.map(str::to_owned), name.to_owned())
}

/// A panic elsewhere does not make these maps wrong: entries are whole or absent.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
