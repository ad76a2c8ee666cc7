//! A simulator of the Kubernetes API: bounded (what it does not cover it answers with 501, and counts) and honest (what it covers is
//! imitated from a recorded server). It knows nothing of who uses it.

pub mod admission;
pub mod api;
pub mod apply;
pub mod authn;
pub mod authority;
pub mod authz;
pub mod clock;
pub mod cluster;
pub mod controllers;
pub mod discovery;
pub mod http;
pub mod kinds;
pub mod patch;
pub mod schema;
pub mod store;

pub use cluster::{Cluster, ClusterOptions};
