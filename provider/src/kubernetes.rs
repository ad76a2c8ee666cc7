//! The Kubernetes side: one client, few requests, and answers that can be explained.
//!
//! - [`connection`] turns settings into a client, on first use.
//! - [`cluster`] is that client: get, list, apply, delete, each with a deadline and bounded retries.
//! - [`bundle`] writes all objects of one resource, with the marks that make it repeatable.
//! - [`cache`] shares one LIST per kind among all reads of a run.
//! - [`watching`] waits for conditions without polling.
//! - [`ownership`] decides whether a create may write what it wants to write.
//! - [`additions`] says what others put into our pod templates.
//! - [`adoption`] makes an earlier manager's fields ours.
//! - [`conditions`] reads what objects say about themselves.
//! - `permission` asks whether this run's identity may do something.
//! - [`prerequisite`] says what others install and the cluster lacks.
//! - [`drift`] says which of our fields somebody else changed, and who.
//! - [`failure`] is what any of this can end in, and how it reads.

pub mod additions;
pub mod adoption;
pub mod bundle;
pub mod cache;
pub mod cluster;
pub mod conditions;
pub mod connection;
pub mod drift;
pub mod failure;
pub mod kinds;
pub mod ownership;
mod permission;
pub mod prerequisite;
pub mod watching;

pub use bundle::Bundle;
pub use cluster::{Apply, Cluster};
pub use failure::Failure;
pub use kinds::Kind;
