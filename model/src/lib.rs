//! What Seedling's resources mean, as pure functions: typed arguments, offline checks, the Kubernetes objects that
//! follow from them, and the way back from live objects to arguments.
//!
//! Each resource is a module with the same parts: `Args` (the HCL arguments), `check`, `render`, `intent` and
//! `from_live`. Nothing here is asynchronous, reads a clock, draws a random number or touches the outside world:
//! a plan is computed twice and both results must agree.

pub mod access;
pub mod arguments;
pub mod environment;
pub mod gateway;
pub mod ingress;
pub mod service;

pub mod digest;
pub mod duration;
pub mod image;
pub mod labels;
pub mod merge;
pub mod names;
pub mod quantity;

mod arg;
mod checks;
mod context;
mod effect;
mod finding;
mod intent;
mod object;
mod secret;

pub use arg::Arg;
pub use context::{Context, Controller, IngressController};
pub use effect::{Effect, EffectKind};
pub use finding::{At, Finding, PathStep, Report, Severity};
pub use intent::INTENT_VERSION;
pub use labels::FIELD_MANAGER;
pub use object::{Object, Rendered};
pub use secret::Secret;
