//! Drives the real command line (`terraform` or `tofu`) over a copy of the user's folder.
//!
//! Nothing of the user's own set-up takes part: the copy has its own home, data folder, state and CLI
//! configuration, and the only providers that can be installed come from mirrors made or named for the run.
//!
//! - [`cli`] finds the program; [`configuration`] reads what must be known of the HCL; [`values`] gives variables values.
//! - [`copy`] makes the working copy; [`mirror`] installs the provider; [`session`] holds what all commands of a run share.
//! - [`root`] is one root module with its commands; [`process`] runs them; [`documents`] are the JSON answers.

pub mod cli;
pub mod configuration;
mod copy;
pub mod documents;
mod error;
mod hcl;
pub mod interrupt;
pub mod mirror;
pub mod process;
pub mod providers;
pub mod root;
pub mod session;
pub mod values;

pub use cli::{Cli, Flavour};
pub use configuration::Configuration;
pub use error::DriverError;
pub use interrupt::Interrupt;
pub use root::Root;
pub use session::Session;
