//! Events: what a controller tells people about an object. The same words about the same object are one
//! event that is counted.

use serde_json::{Value, json};

use super::kinds::{EVENT, Kind};
use super::object;
use super::world::World;
use super::write::{Client, Write};
use crate::clock::{micros, seconds};
use crate::store::Key;

/// What is told.
pub struct Event<'a> {
    /// The object it is about.
    pub about: &'a Value,
    /// The object's kind.
    pub kind: &'a Kind,
    /// `Normal` or `Warning`.
    pub severity: &'static str,
    /// One word.
    pub reason: &'a str,
    /// A sentence.
    pub message: &'a str,
}

/// Who tells it: a component, perhaps of one node, and the part of the object that it concerns.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    /// As whom it is written.
    pub client: Client,
    /// The component.
    pub component: &'static str,
    /// The node, empty if it is none.
    pub host: &'a str,
    /// Such as `spec.containers{web}`; empty for the object as a whole.
    pub field: &'a str,
}

impl Teller<'static> {
    /// A controller.
    pub const fn controller(client: Client, component: &'static str) -> Teller<'static> {
        Teller {
            client,
            component,
            host: "",
            field: "",
        }
    }
}

impl Event<'_> {
    /// The event as client-go's recorder of `v1` events writes it.
    pub fn told_by(&self, teller: Teller<'_>, world: &World) -> Write {
        let now = seconds(world.now);
        if let Some(mut told) = self.told_before(&teller, world).cloned() {
            let count = told["count"].as_i64().unwrap_or(1) + 1;
            told["count"] = count.into();
            told["lastTimestamp"] = now.into();
            return Write::update(teller.client, &EVENT.resource, told);
        }
        let mut event = self.basics(&teller);
        event["source"] = source(&teller);
        event["count"] = 1.into();
        event["firstTimestamp"] = now.clone().into();
        event["lastTimestamp"] = now.into();
        event["reportingComponent"] = teller.component.into();
        if !teller.host.is_empty() {
            event["reportingInstance"] = teller.host.into();
        }
        Write::create(teller.client, &EVENT, event)
    }

    /// The event as the newer recorder of `events.k8s.io` writes it, which the scheduler uses.
    pub fn told_with_action(&self, teller: Teller<'_>, action: &str, world: &World) -> Write {
        if let Some(mut told) = self.told_before(&teller, world).cloned() {
            let count = object::number(&told, "/series/count").unwrap_or(1) + 1;
            told["series"] = json!({"count": count, "lastObservedTime": micros(world.now)});
            return Write::update(teller.client, &EVENT.resource, told);
        }
        let mut event = self.basics(&teller);
        event["source"] = json!({});
        event["action"] = action.into();
        event["eventTime"] = micros(world.now).into();
        event["reportingComponent"] = teller.component.into();
        event["reportingInstance"] = format!("{}-kube-sim", teller.component).into();
        Write::create(teller.client, &EVENT, event)
    }

    /// The same words, if they were told before.
    pub fn told_before<'w>(&self, teller: &Teller<'_>, world: &'w World) -> Option<&'w Value> {
        let name = self.name(teller);
        world.get(&Key::new(&EVENT.resource, self.place(), &name))
    }

    /// Events about objects of the whole cluster stand in the namespace `default`.
    fn place(&self) -> &str {
        let namespace = object::namespace(self.about);
        if namespace.is_empty() {
            "default"
        } else {
            namespace
        }
    }

    /// client-go takes the time for the last part; here it is made of what is told, so that it is found again.
    fn name(&self, teller: &Teller<'_>) -> String {
        let parts = [
            object::uid(self.about),
            teller.component,
            teller.field,
            self.severity,
            self.reason,
            self.message,
        ];
        let told = fnv64(parts.join("\n").as_bytes());
        format!("{}.{told:016x}", object::name(self.about))
    }

    fn basics(&self, teller: &Teller<'_>) -> Value {
        let about = json!({
            "apiVersion": self.kind.version,
            "kind": self.kind.title,
            "namespace": object::namespace(self.about),
            "name": object::name(self.about),
            "uid": object::uid(self.about),
            "resourceVersion": object::text(self.about, "/metadata/resourceVersion"),
            "fieldPath": teller.field,
        });
        json!({
            "metadata": {"name": self.name(teller), "namespace": self.place()},
            "involvedObject": without_empty(about),
            "type": self.severity,
            "reason": self.reason,
            "message": self.message,
        })
    }
}

fn source(teller: &Teller<'_>) -> Value {
    without_empty(json!({"component": teller.component, "host": teller.host}))
}

fn without_empty(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| value != "");
    }
    object
}

/// FNV-1a, 64 bits.
fn fnv64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
