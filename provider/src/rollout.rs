//! Rollouts: watched, ended early where waiting cannot mend them, and explained.
//!
//! - [`progress`] reads a Deployment's own account of its rollout.
//! - [`scene`] is what the watch has seen so far.
//! - [`judge`] decides, as a pure function of the scene, whether to go on waiting.
//! - [`fit`] tells whether any node could ever hold a pod.
//! - [`watch`] connects them to the cluster.
//! - [`snapshot`] takes the scene of a service as it is now.
//! - [`explain`] puts what was seen into one diagnostic.

pub mod explain;
pub mod fit;
pub mod judge;
pub mod progress;
pub mod scene;
pub mod snapshot;
pub mod watch;

pub use watch::{Ending, Rollout};
