//! A simulator of Azure on the loopback: Entra ID, Resource Manager for AKS, Microsoft Graph, over HTTPS with an authority of its own.
//!
//! It is a state machine with time. What it imitates names its source; it knows nothing of who uses it.

pub mod arm;
pub mod authority;
pub mod clock;
mod control;
pub mod entra;
pub mod faults;
mod graph;
pub mod http;
pub mod nodes;
pub mod operation;
pub mod settings;
mod simulator;
pub mod store;
pub mod throttle;

pub use simulator::{Seen, Simulator};
