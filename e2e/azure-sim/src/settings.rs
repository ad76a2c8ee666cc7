//! How long things take, and which limits are kept.

use serde::{Deserialize, Serialize};
use time::Duration;

/// How long things take in the simulated Azure, in seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Life of a token. Entra's own is 60 to 90 minutes; `expires_in` of a client credential's token is 3599.
    pub token: i64,
    /// Creating a cluster, upgrading it, and removing it.
    pub cluster: i64,
    /// Creating a node pool.
    pub pool_create: i64,
    /// Changing a pool's count.
    pub pool_scale: i64,
    /// Upgrading a pool's Kubernetes or node image.
    pub pool_upgrade: i64,
    /// Any other change of a pool, stopping and starting it.
    pub pool_update: i64,
    /// Removing a pool.
    pub pool_delete: i64,
    /// What `Retry-After` says while an operation runs (0 while the clock is stepped).
    pub retry_after: u64,
    /// Until other calls see what changed in the directory.
    pub directory: i64,
    /// Until role assignments know a new principal.
    pub principal: i64,
    /// Until a role assignment has an effect. Documented as up to five minutes for AKS.
    pub assignment: i64,
    /// Whether requests are counted against the documented token buckets.
    pub throttle: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            token: 3599,
            cluster: 240,
            pool_create: 150,
            pool_scale: 60,
            pool_upgrade: 300,
            pool_update: 30,
            pool_delete: 120,
            retry_after: 10,
            directory: 5,
            principal: 10,
            assignment: 60,
            throttle: true,
        }
    }
}

impl Settings {
    /// Everything within seconds, no limits: for tests against the running clock.
    pub fn fast() -> Settings {
        Settings {
            cluster: 1,
            pool_create: 1,
            pool_scale: 1,
            pool_upgrade: 1,
            pool_update: 1,
            pool_delete: 1,
            retry_after: 1,
            directory: 0,
            principal: 0,
            assignment: 0,
            throttle: false,
            ..Settings::default()
        }
    }

    pub(crate) fn seconds(seconds: i64) -> Duration {
        Duration::seconds(seconds)
    }
}
