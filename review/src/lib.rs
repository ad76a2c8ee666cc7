//! The review of a plan: what it will do, in words, the most dangerous first, and never a secret.
//!
//! [`plan`] reads the JSON of `terraform show -json` or `tofu show -json` change by change; [`judge`] turns each change
//! into [`Finding`]s; [`write`] makes a comment, plain text or JSON of the [`Review`]; [`same`] compares a review with
//! an earlier one; [`between`] compares two environments. Nothing here starts a process or asks a server.

pub mod between;
pub mod cost;
pub mod judge;
pub mod kind;
pub mod plan;
pub mod same;
pub mod secrecy;
pub mod write;

mod capacity;
mod finding;
mod review;

pub use finding::{Attribute, Finding, Row};
pub use kind::Kind;
pub use plan::{PlanError, read};
pub use review::{Notes, Options, Proved, Review};
