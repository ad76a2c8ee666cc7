//! A cluster of one store, a stepped clock and controllers, with a door that does what the API does to metadata,
//! and no more. For table tests: states in, time passes, states out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use time::macros::datetime;

use super::kinds::{Kind, NAMESPACE, NODE, POD};
use super::object::{self, list, number, text};
use super::{Act, Controller, Refusal, Runner, Settings, Write, Writer, all};
use crate::clock::{Clock, SteppedClock, seconds};
use crate::store::{Key, Store};

/// Says no to writes, with the server's words.
pub type Refuse = Box<dyn Fn(&Write, &Store) -> Option<String> + Send>;

pub struct Sim {
    pub clock: SteppedClock,
    pub store: Store,
    pub door: Arc<Door>,
    runner: Runner,
}

impl Sim {
    /// All controllers, and nothing in the store.
    pub fn new() -> Sim {
        Sim::with(all())
    }

    /// Some controllers.
    pub fn with(controllers: Vec<Box<dyn Controller>>) -> Sim {
        let clock = SteppedClock::at(datetime!(2026-01-01 00:00 UTC));
        let store = Store::new(Arc::new(clock.clone()), 1);
        let door = Arc::new(Door {
            store: store.clone(),
            refuse: Mutex::default(),
            written: Mutex::default(),
        });
        let runner = Runner::new(
            store.clone(),
            door.clone(),
            Settings::default(),
            controllers,
        );
        Sim {
            clock,
            store,
            door,
            runner,
        }
    }

    /// Puts an object there as a user would.
    pub fn create(&self, kind: &Kind, object: Value) -> Arc<Value> {
        self.door.write(&Write::create(USER, kind, object)).unwrap()
    }

    /// Changes the spec of an object as a user would.
    pub fn change(
        &self,
        kind: &Kind,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) {
        let mut object = self.get(kind, namespace, name).unwrap();
        change(&mut object);
        self.door
            .write(&Write::update(USER, &kind.resource, object))
            .unwrap();
    }

    /// Deletes an object as a user would.
    pub fn delete(&self, kind: &Kind, namespace: &str, name: &str, propagation: &'static str) {
        let object = self.get(kind, namespace, name).unwrap();
        let mut write = Write::delete(USER, &kind.resource, &object);
        if let Act::Delete {
            propagation: wanted,
            ..
        } = &mut write.act
        {
            *wanted = Some(propagation);
        }
        self.door.write(&write).unwrap();
    }

    pub fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Option<Value> {
        let object = self.store.get(&Key::new(&kind.resource, namespace, name));
        object.map(|object| Value::clone(&object))
    }

    pub fn list(&self, kind: &Kind, namespace: &str) -> Vec<Arc<Value>> {
        self.store
            .list(
                &kind.resource,
                Some(namespace).filter(|name| !name.is_empty()),
            )
            .0
    }

    /// All that is due now is done.
    pub fn settle(&mut self) {
        assert!(
            self.runner.settle(20_000),
            "the controllers do not come to rest"
        );
    }

    /// Lets time pass, from one moment at which something is due to the next.
    pub fn pass(&mut self, time: Duration) {
        self.pass_watching(time, |_| {});
    }

    /// The same, and looks at the cluster whenever it has come to rest.
    pub fn pass_watching(&mut self, time: Duration, mut look: impl FnMut(&Sim)) {
        let end = self.clock.now() + time;
        self.settle();
        look(self);
        while let Some(due) = self.runner.next_wake().filter(|due| *due <= end) {
            self.clock.step(
                (due - self.clock.now())
                    .try_into()
                    .unwrap_or(Duration::ZERO),
            );
            self.settle();
            look(self);
        }
        self.clock.step(
            (end - self.clock.now())
                .try_into()
                .unwrap_or(Duration::ZERO),
        );
        self.settle();
        look(self);
    }

    /// A node with room, and a namespace.
    pub fn furnish(&self) {
        self.create(
            &NODE,
            node(
                "workloads-0",
                json!({"cpu": "8", "memory": "32Gi", "pods": "250"}),
            ),
        );
        self.create(&NAMESPACE, json!({"metadata": {"name": "prod"}}));
    }

    /// One call of the runner; false if nothing is due.
    pub fn turn(&mut self) -> bool {
        !self.runner.settle(1)
    }

    /// Messages of the events about an object, in the order of their names.
    pub fn told(&self, name: &str) -> Vec<String> {
        let events = self.list(&super::kinds::EVENT, "").into_iter();
        let about = events.filter(|event| text(event, "/involvedObject/name") == name);
        about
            .map(|event| {
                format!(
                    "{} {} {}",
                    text(&event, "/type"),
                    text(&event, "/reason"),
                    text(&event, "/message")
                )
            })
            .collect()
    }
}

pub fn node(name: &str, room: impl Into<Value>) -> Value {
    let room = room.into();
    json!({
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "pool": name}},
        "status": {"allocatable": room, "capacity": room},
    })
}

// For this door it makes no difference.
const USER: super::Client = super::Client::ControllerManager;

/// What the API does to metadata.
pub struct Door {
    store: Store,
    pub refuse: Mutex<Option<Refuse>>,
    pub written: Mutex<Vec<Write>>,
}

impl Writer for Door {
    fn write(&self, write: &Write) -> Result<Arc<Value>, Refusal> {
        self.written.lock().unwrap().push(write.clone());
        if let Some(words) = self
            .refuse
            .lock()
            .unwrap()
            .as_ref()
            .and_then(|refuse| refuse(write, &self.store))
        {
            return Err(refusal(403, "Forbidden", words));
        }
        match &write.act {
            Act::Create(object) => self.create(&write.key, object.clone()),
            Act::Update {
                subresource,
                object,
            } => self.update(&write.key, *subresource, object.clone()),
            Act::Delete {
                uid,
                propagation,
                grace,
            } => self.delete(&write.key, uid, *propagation, *grace),
            Act::Bind { node, .. } => self.bind(&write.key, node),
        }
    }
}

fn refusal(code: u16, reason: &str, message: String) -> Refusal {
    Refusal {
        code,
        reason: reason.to_owned(),
        message,
        namespace_ends: false,
    }
}

impl Door {
    fn now(&self) -> Value {
        seconds(self.store.clock().now()).into()
    }

    fn live(&self, key: &Key) -> Result<Value, Refusal> {
        let live = self.store.get(key).map(|object| Value::clone(&object));
        live.ok_or_else(|| refusal(404, "NotFound", format!("{} not found", key.name)))
    }

    fn create(&self, key: &Key, mut object: Value) -> Result<Arc<Value>, Refusal> {
        let mut key = key.clone();
        if key.name.is_empty() {
            key.name = format!(
                "{}{}",
                text(&object, "/metadata/generateName"),
                self.store.suffix(5)
            );
            object["metadata"]["name"] = key.name.clone().into();
        }
        let namespace = self
            .store
            .get(&Key::new(&NAMESPACE.resource, "", &key.namespace));
        if namespace.is_some_and(|namespace| object::terminating(&namespace)) {
            return Err(Refusal {
                namespace_ends: true,
                ..refusal(403, "Forbidden", "it is being terminated".to_owned())
            });
        }
        if self.store.get(&key).is_some() {
            return Err(refusal(
                409,
                "AlreadyExists",
                format!("{} already exists", key.name),
            ));
        }
        object["metadata"]["uid"] = self.store.uid().into();
        object["metadata"]["creationTimestamp"] = self.now();
        object["metadata"]["generation"] = 1.into();
        if key.resource == NAMESPACE.resource {
            object["spec"]["finalizers"] = json!(["kubernetes"]);
        }
        if key.resource == POD.resource {
            object["status"] = json!({"phase": "Pending"});
        }
        Ok(self.store.put(&key, object))
    }

    fn update(
        &self,
        key: &Key,
        subresource: Option<&str>,
        mut object: Value,
    ) -> Result<Arc<Value>, Refusal> {
        let live = self.live(key)?;
        if object["metadata"]["resourceVersion"] != live["metadata"]["resourceVersion"] {
            return Err(refusal(
                409,
                "Conflict",
                "the object has been modified".to_owned(),
            ));
        }
        match subresource {
            Some("status") => object["spec"] = live["spec"].clone(),
            Some(_) => {}
            None => object["status"] = live["status"].clone(),
        }
        if object["spec"] != live["spec"] {
            let generation = number(&live, "/metadata/generation").unwrap_or(0) + 1;
            object["metadata"]["generation"] = generation.into();
        }
        if object == live {
            return Ok(Arc::new(live));
        }
        if object::terminating(&object)
            && is_free(&object)
            && number(&object, "/metadata/deletionGracePeriodSeconds") == Some(0)
        {
            self.store.remove(key);
            return Ok(Arc::new(object));
        }
        Ok(self.store.put(key, object))
    }

    fn delete(
        &self,
        key: &Key,
        uid: &str,
        propagation: Option<&str>,
        grace: Option<u64>,
    ) -> Result<Arc<Value>, Refusal> {
        let mut object = self.live(key)?;
        if object::uid(&object) != uid {
            return Err(refusal(409, "Conflict", "another uid".to_owned()));
        }
        let finalizer = match propagation {
            Some("Foreground") => Some("foregroundDeletion"),
            Some("Orphan") => Some("orphan"),
            _ => None,
        };
        if let Some(finalizer) = finalizer {
            let mut finalizers = list(&object, "/metadata/finalizers").to_vec();
            finalizers.push(finalizer.into());
            object["metadata"]["finalizers"] = finalizers.into();
        }
        let bound = !text(&object, "/spec/nodeName").is_empty();
        let grace = grace.unwrap_or(if bound { 30 } else { 0 });
        if grace == 0 && is_free(&object) {
            self.store.remove(key);
            return Ok(Arc::new(object));
        }
        if !object::terminating(&object) {
            object["metadata"]["deletionTimestamp"] = self.now();
            object["metadata"]["deletionGracePeriodSeconds"] = grace.into();
            return Ok(self.store.put(key, object));
        }
        Ok(Arc::new(object))
    }

    fn bind(&self, key: &Key, node: &str) -> Result<Arc<Value>, Refusal> {
        let mut pod = self.live(key)?;
        pod["spec"]["nodeName"] = node.into();
        let mut conditions = list(&pod, "/status/conditions").to_vec();
        conditions.retain(|condition| condition["type"] != "PodScheduled");
        conditions.push(
            json!({"type": "PodScheduled", "status": "True", "lastTransitionTime": self.now()}),
        );
        pod["status"]["conditions"] = conditions.into();
        Ok(self.store.put(key, pod))
    }
}

fn is_free(object: &Value) -> bool {
    list(object, "/metadata/finalizers").is_empty() && list(object, "/spec/finalizers").is_empty()
}
