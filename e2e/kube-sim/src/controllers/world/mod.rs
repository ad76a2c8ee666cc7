//! What controllers see: every object, by key, by owner and by node, kept up to date by the changes of the store.

mod labels;
mod objects;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use labels::Labels;
use objects::Objects;

use super::amounts::{self, Amounts};
use super::kinds::POD;
use super::object;
use super::selector::{has_all, selects};
use crate::store::{Change, Happened, Key, Resource};

/// What a cluster's owner decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The certificates that `kube-root-ca.crt` gives to pods, as PEM.
    pub root_certificates: String,
    /// The address that nodes have; the pods' are made up from it being taken.
    pub node_address: String,
    /// From being bound to a node until being ready, and from deletion until being gone.
    pub pod_delay: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            root_certificates: String::new(),
            node_address: "127.0.0.1".to_owned(),
            pod_delay: Duration::from_millis(300),
        }
    }
}

/// A consistent view of all objects at one moment.
pub struct World {
    /// This moment.
    pub now: OffsetDateTime,
    /// What the cluster's owner decided.
    pub settings: Settings,
    objects: Objects,
    by_uid: HashMap<String, Key>,
    owned: HashMap<String, BTreeSet<Key>>,
    labels: Labels,
    nodes: HashMap<String, NodeUse>,
    unbound: BTreeSet<Key>,
    addresses: HashSet<String>,
    since: HashMap<Key, OffsetDateTime>,
}

/// What the pods of a node take.
#[derive(Clone, Debug, Default)]
pub struct NodeUse {
    /// Their requests.
    pub requests: Amounts,
    /// How many they are.
    pub pods: i64,
}

impl World {
    /// A world without objects.
    pub fn empty(now: OffsetDateTime, settings: Settings) -> World {
        World {
            now,
            settings,
            objects: Objects::default(),
            by_uid: HashMap::new(),
            owned: HashMap::new(),
            labels: Labels::default(),
            nodes: HashMap::new(),
            unbound: BTreeSet::new(),
            addresses: HashSet::new(),
            since: HashMap::new(),
        }
    }

    /// Takes in a change.
    pub fn apply(&mut self, change: &Change) {
        let key = &change.key;
        if let Some(previous) = &change.previous {
            self.forget(key, previous);
        }
        if change.happened == Happened::Deleted {
            self.objects.remove(key);
            return;
        }
        self.objects.insert(change);
        self.note(key, &change.object);
    }

    fn note(&mut self, key: &Key, object: &Value) {
        self.labels.note(key, object);
        self.by_uid
            .insert(object::uid(object).to_owned(), key.clone());
        for owner in object::list(object, "/metadata/ownerReferences") {
            let uid = owner["uid"].as_str().unwrap_or_default().to_owned();
            self.owned.entry(uid).or_default().insert(key.clone());
        }
        if key.resource == POD.resource {
            self.note_pod(key, object);
        }
    }

    fn note_pod(&mut self, key: &Key, pod: &Value) {
        self.since.insert(key.clone(), self.now);
        if object::text(pod, "/spec/nodeName").is_empty() {
            self.unbound.insert(key.clone());
        }
        self.addresses
            .insert(object::text(pod, "/status/podIP").to_owned());
        if let Some(node) = occupied(pod) {
            let used = self.nodes.entry(node.to_owned()).or_default();
            amounts::add(&mut used.requests, &amounts::of_pod(pod, "requests"));
            used.pods += 1;
        }
    }

    fn forget_pod(&mut self, key: &Key, pod: &Value) {
        self.since.remove(key);
        self.unbound.remove(key);
        self.addresses.remove(object::text(pod, "/status/podIP"));
        if let Some(used) = occupied(pod).and_then(|node| self.nodes.get_mut(node)) {
            amounts::subtract(&mut used.requests, &amounts::of_pod(pod, "requests"));
            used.pods -= 1;
        }
    }

    fn forget(&mut self, key: &Key, object: &Value) {
        self.labels.forget(key, object);
        self.by_uid.remove(object::uid(object));
        for owner in object::list(object, "/metadata/ownerReferences") {
            let uid = owner["uid"].as_str().unwrap_or_default();
            if let Some(owned) = self.owned.get_mut(uid) {
                owned.remove(key);
                if owned.is_empty() {
                    self.owned.remove(uid);
                }
            }
        }
        if key.resource == POD.resource {
            self.forget_pod(key, object);
        }
    }

    /// An object.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key)
    }

    /// An object by its name.
    pub fn find(&self, resource: &Resource, namespace: &str, name: &str) -> Option<&Value> {
        self.get(&Key::new(resource, namespace, name))
    }

    /// The key of the object with a uid.
    pub fn by_uid(&self, uid: &str) -> Option<&Key> {
        self.by_uid.get(uid)
    }

    /// The objects of a resource in a namespace, by name.
    pub fn within(&self, resource: &Resource, namespace: &str) -> impl Iterator<Item = &Value> {
        self.objects.within(resource, namespace)
    }

    /// How many objects of a resource are in a namespace.
    pub fn count(&self, resource: &Resource, namespace: &str) -> usize {
        self.objects.count(resource, namespace)
    }

    /// All objects of a resource.
    pub fn all(&self, resource: &Resource) -> impl Iterator<Item = &Value> {
        self.objects.all(resource)
    }

    /// The objects of a resource in a namespace that a label selector selects.
    pub fn selected(&self, resource: &Resource, namespace: &str, selector: &Value) -> Vec<&Value> {
        let pairs = selector["matchLabels"].as_object();
        let few = pairs.and_then(|pairs| self.labels.candidates(resource, namespace, pairs));
        let chosen = |object: &&Value| selects(selector, object::labels(object));
        match few {
            Some(keys) => keys
                .iter()
                .filter_map(|key| self.get(key))
                .filter(chosen)
                .collect(),
            None => self.within(resource, namespace).filter(chosen).collect(),
        }
    }

    /// The objects of a resource in a namespace that have all of some labels.
    pub fn labelled(
        &self,
        resource: &Resource,
        namespace: &str,
        pairs: &Map<String, Value>,
    ) -> Vec<&Value> {
        let keys = self
            .labels
            .candidates(resource, namespace, pairs)
            .unwrap_or_default();
        let objects = keys.iter().filter_map(|key| self.get(key));
        objects
            .filter(|object| has_all(object::labels(object), pairs))
            .collect()
    }

    /// The objects of a resource in a namespace whose selector may select an object.
    pub fn selecting(&self, resource: &Resource, object: &Value) -> Vec<&Value> {
        let keys =
            self.labels
                .selectors(resource, object::namespace(object), object::labels(object));
        keys.iter().filter_map(|key| self.get(key)).collect()
    }

    /// The resources of which there are objects in a namespace, with their objects.
    pub fn content(&self, namespace: &str) -> BTreeMap<Resource, Vec<&Value>> {
        let found = self.objects.resources().filter_map(|resource| {
            let objects: Vec<&Value> = self.within(resource, namespace).collect();
            (!objects.is_empty()).then(|| (resource.clone(), objects))
        });
        found.collect()
    }

    /// Objects that name an object as their owner.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = (&Key, &Value)> {
        let keys = self.owned.get(uid).into_iter().flatten();
        keys.filter_map(|key| Some((key, self.get(key)?)))
    }

    /// Objects of a resource whose controller is an object.
    pub fn controlled_by(&self, uid: &str, resource: &Resource) -> Vec<&Value> {
        let owned = self
            .owned_by(uid)
            .filter(|(key, _)| key.resource == *resource);
        let by =
            |object: &&Value| object::controller(object).is_some_and(|owner| owner["uid"] == uid);
        owned.map(|(_, object)| object).filter(by).collect()
    }

    /// Pods that have no node yet.
    pub fn unbound(&self) -> impl Iterator<Item = &Key> {
        self.unbound.iter()
    }

    /// Since when a pod has been as it is.
    pub fn since(&self, pod: &Key) -> OffsetDateTime {
        self.since.get(pod).copied().unwrap_or(self.now)
    }

    /// Whether a pod has an address.
    pub fn is_taken(&self, address: &str) -> bool {
        self.addresses.contains(address)
    }

    /// What the pods of a node take.
    pub fn used(&self, node: &str) -> NodeUse {
        self.nodes.get(node).cloned().unwrap_or_default()
    }
}

/// The node on which a pod takes room: it has one and has not ended.
fn occupied(pod: &Value) -> Option<&str> {
    let ended = matches!(object::text(pod, "/status/phase"), "Succeeded" | "Failed");
    let node = pod["spec"]["nodeName"]
        .as_str()
        .filter(|node| !node.is_empty());
    node.filter(|_| !ended)
}
