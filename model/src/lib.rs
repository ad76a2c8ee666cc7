//! What Seedling's resources mean, as pure functions: typed arguments, offline checks, the Kubernetes objects that
//! follow from them, and the way back from live objects to arguments.
//!
//! Each resource is a module with the same parts: `Args` (the HCL arguments), `check`, `render`, `intent` and
//! `from_live`. Nothing here is asynchronous, reads a clock, draws a random number or touches the outside world:
//! a plan is computed twice and both results must agree.

pub mod access;
pub mod environment;
pub mod gateway;
pub mod ingress;
pub mod service;

mod arg;
mod secret;

pub use arg::Arg;
pub use secret::Secret;
