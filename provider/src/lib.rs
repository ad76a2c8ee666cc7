//! The provider `seedling`: environments, services, gateways, ingresses and access of a project,
//! on one Kubernetes cluster.
//!
//! The way of a request: `main.rs` → the framework's server → [`resources`] → `seedling_model`
//! (what it means) → [`kubernetes`] (apply, watch, explain). A resource never builds a client and
//! never prints; [`env`] alone reads environment variables.

mod config;
mod data_sources;
mod env;
mod functions;
mod kubernetes;
mod provider;
mod resources;
mod rollout;
mod sandbox;
mod session;

pub use provider::Seedling;
pub use rollout::snapshot::explain;
