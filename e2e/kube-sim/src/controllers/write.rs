//! The door through which controllers write: the API, as a client of it would.

use std::sync::Arc;

use serde_json::Value;

use super::kinds::Kind;
use super::object;
use crate::store::{Key, Resource};

/// Who writes: the programs of a real cluster, under whose names `managedFields` shows what they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// kube-controller-manager.
    ControllerManager,
    /// kube-scheduler.
    Scheduler,
    /// The kubelet of every node.
    Kubelet,
}

/// One request to the API.
#[derive(Clone, Debug)]
pub struct Write {
    /// By whom.
    pub client: Client,
    /// Of what.
    pub key: Key,
    /// What is asked.
    pub act: Act,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Act {
    /// POST. The object's name may be empty where `generateName` is set; the key then has no name either.
    Create(Value),
    /// PUT of the whole object, with the resource version on which it was decided.
    Update {
        /// `status`, `finalize`, or none.
        subresource: Option<&'static str>,
        /// The whole object.
        object: Value,
    },
    /// DELETE.
    Delete {
        /// Only if the object still has this uid.
        uid: String,
        /// `Background`, `Foreground`, `Orphan`, or the kind's default.
        propagation: Option<&'static str>,
        /// Seconds to shut down in; the object's own where none is given. Zero: it is gone at once.
        grace: Option<u64>,
    },
    /// POST of the sub-resource `binding`: a pod gets a node.
    Bind {
        /// Only if the pod still has this uid.
        uid: String,
        /// The node's name.
        node: String,
    },
}

/// An answer other than success.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// HTTP status.
    pub code: u16,
    /// `Conflict`, `NotFound`, `AlreadyExists`, `Forbidden`, `Invalid`…
    pub reason: String,
    /// The server's words.
    pub message: String,
    /// The object's namespace is being deleted: nothing can be created there any more.
    pub namespace_ends: bool,
}

/// The API as controllers see it.
pub trait Writer: Send + Sync {
    /// Does what is asked. An object that an update leaves equal is no change.
    fn write(&self, write: &Write) -> Result<Arc<Value>, Refusal>;
}

impl Write {
    /// Creates an object, by its own metadata.
    pub fn create(client: Client, kind: &Kind, mut object: Value) -> Write {
        object["apiVersion"] = kind.version.into();
        object["kind"] = kind.title.into();
        Write {
            client,
            key: Key::of(&kind.resource, &object),
            act: Act::Create(object),
        }
    }

    /// Writes a changed object back.
    pub fn update(client: Client, resource: &Resource, object: Value) -> Write {
        Write {
            client,
            key: Key::of(resource, &object),
            act: Act::Update {
                subresource: None,
                object,
            },
        }
    }

    /// Writes a changed status back.
    pub fn status(client: Client, resource: &Resource, object: Value) -> Write {
        Write {
            client,
            key: Key::of(resource, &object),
            act: Act::Update {
                subresource: Some("status"),
                object,
            },
        }
    }

    /// Deletes an object in its kind's own way.
    pub fn delete(client: Client, resource: &Resource, object: &Value) -> Write {
        Write {
            client,
            key: Key::of(resource, object),
            act: Act::Delete {
                uid: object::uid(object).to_owned(),
                propagation: None,
                grace: None,
            },
        }
    }
}
