//! Everything that the simulated Azure remembers; one JSON document when it is saved.

mod directory;
mod ids;
mod seed;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

pub use directory::{
    Application, Directory, FederatedCredential, Group, ManagedIdentity, Secret, User,
};
pub use ids::{Guids, is_guid, key};
pub use seed::Seed;

use crate::operation::Operation;

/// What is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// Where new GUIDs come from.
    pub guids: Guids,
    /// The directory: who is there.
    pub directory: Directory,
    /// Subscriptions by id.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Resource groups by [`key`] of their id.
    pub resource_groups: BTreeMap<String, Value>,
    /// Clusters by [`key`] of their id.
    pub clusters: BTreeMap<String, Cluster>,
    /// Node pools by [`key`] of their id.
    pub pools: BTreeMap<String, Pool>,
    /// Long-running operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// Role assignments by [`key`] of their id.
    pub assignments: BTreeMap<String, Assignment>,
    /// What Compute offers.
    pub compute: Compute,
}

/// A subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Its display name.
    pub name: String,
    /// Namespaces of resource providers that are registered, lower case.
    pub registered: BTreeSet<String>,
}

/// A cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// What a GET shows, without node pools.
    pub value: Value,
    /// Where its API server really is, if there is one.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
}

/// An API server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its URL.
    pub server: String,
    /// Who signed its certificate, PEM.
    pub certificate_authority: String,
    /// Certificate and key of an administrator, PEM: what clusters without Entra, and local accounts, hand out.
    #[serde(default)]
    pub administrator: Option<(String, String)>,
}

/// A node pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pool {
    /// What a GET shows.
    pub value: Value,
    /// Its properties when its last operation succeeded: what its nodes are like; absent until it was created.
    #[serde(default)]
    pub actual: Option<Value>,
    /// Its count and autoscaler settings before it was stopped.
    #[serde(default)]
    pub when_running: Value,
}

/// A role assignment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assignment {
    /// What a GET shows.
    pub value: Value,
    /// From when it has an effect.
    #[serde(with = "crate::clock::moment")]
    pub effective: OffsetDateTime,
}

/// What Compute offers in the one region per subscription that is simulated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Compute {
    /// Limits of virtual CPUs by family; a family that is not named has [`Compute::default_limit`].
    pub limits: BTreeMap<String, u64>,
    /// The limit of every other family.
    pub default_limit: u64,
    /// The limit of a region, all families together.
    pub regional_limit: u64,
    /// Sizes that the subscription may not use.
    pub restricted: BTreeSet<String>,
}

impl World {
    /// The pools of a cluster, by its key, in order of name.
    pub fn pools_of<'a>(
        &'a self,
        cluster: &str,
    ) -> impl Iterator<Item = (&'a String, &'a Pool)> + use<'a> {
        let prefix = format!("{cluster}/agentpools/");
        self.pools
            .iter()
            .filter(move |(key, _)| key.starts_with(&prefix))
    }
}
