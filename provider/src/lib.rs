//! The provider `seedling`: environments, services, gateways, ingresses and access of a project,
//! on one Kubernetes cluster.
//!
//! The way of a request: `main.rs` → the framework's server → [`resources`] → `seedling_model`
//! (what it means) → [`kubernetes`] (apply, watch, explain). A resource never builds a client and
//! never prints; [`env`] alone reads environment variables.

pub mod config;
pub mod env;
pub mod functions;
pub mod kubernetes;
pub mod provider;
pub mod resources;
pub mod rollout;
pub mod sandbox;
pub mod session;

pub use provider::Seedling;
