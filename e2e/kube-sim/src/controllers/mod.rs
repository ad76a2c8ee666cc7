//! What moves a cluster on when nobody writes: one file per controller.
//!
//! A controller is a pure function from what the cluster looks like ([`World`]) and one key to the
//! writes that bring it nearer to what is wanted ([`Plan`]). The [`Runner`] calls it when an object that
//! concerns the key changes, or when the moment has come that the last plan asked for. Everything is
//! written through one door ([`Writer`]), the API itself, with the client's name and user that the real
//! controller has: admission, quota, managed fields and conflicts are the API's business, not theirs.

mod adopt;
mod amounts;
mod autoscaler;
mod claims;
mod deployment;
mod disruption;
mod endpoints;
mod event;
mod garbage;
mod job;
mod kinds;
mod kubelet;
mod namespace;
mod namespace_content;
mod node;
mod object;
mod quota;
mod replica_set;
mod roles;
mod runner;
mod scheduler;
mod selector;
mod world;
mod write;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;

use crate::store::{Change, Key};

pub use kubelet::log;
pub use runner::Runner;
pub use world::{Settings, World};
pub use write::{Act, Client, Refusal, Write, Writer};

/// One controller.
pub trait Controller: Send {
    /// Which keys of this controller a change concerns. The world already shows the change.
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key>;

    /// What is to be done for a key now. Called again after every change that concerns the key, so a plan
    /// may stop halfway: what it began leads to the next call.
    fn reconcile(&self, world: &World, key: &Key) -> Plan;

    /// What follows from the API's answer to a write of the plan, such as an event that names the object.
    fn answered(&self, _world: &World, _key: &Key, _write: &Write, _answer: &Answer) -> Vec<Write> {
        Vec::new()
    }
}

/// The API's answer: the object as it is now, or why not.
pub type Answer = Result<Arc<Value>, Refusal>;

/// What a controller wants for one key.
#[derive(Debug, Default)]
pub struct Plan {
    /// In this order; the rest is dropped after the first refusal, and the key comes again after a back-off.
    pub writes: Vec<Write>,
    /// When to look again though nothing has changed.
    pub again: Option<OffsetDateTime>,
}

impl Plan {
    /// Nothing to do.
    pub fn nothing() -> Plan {
        Plan::default()
    }

    /// Nothing to do before a moment.
    pub fn wait(moment: OffsetDateTime) -> Plan {
        Plan {
            again: Some(moment),
            ..Plan::default()
        }
    }
}

impl From<Vec<Write>> for Plan {
    fn from(writes: Vec<Write>) -> Plan {
        Plan {
            writes,
            again: None,
        }
    }
}

/// All controllers of a cluster.
pub fn all() -> Vec<Box<dyn Controller>> {
    vec![
        Box::new(namespace::DefaultServiceAccount),
        Box::new(namespace::RootCertificates),
        Box::new(namespace_content::NamespaceContent),
        Box::new(garbage::GarbageCollector),
        Box::new(roles::Aggregation),
        Box::new(node::NodeLife),
        Box::new(deployment::Deployments),
        Box::new(replica_set::ReplicaSets),
        Box::new(job::Jobs),
        Box::new(scheduler::Scheduler),
        Box::new(kubelet::Kubelet),
        Box::new(endpoints::Endpoints),
        Box::new(quota::QuotaStatus),
        Box::new(disruption::DisruptionBudgets),
        Box::new(autoscaler::Autoscalers),
        Box::new(claims::Claims),
    ]
}
