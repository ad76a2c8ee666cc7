//! Plans as the CLIs' `show -json` writes them.

mod change;
mod configuration;
mod read;
mod seed;
mod values;

pub use change::{Action, Change};
pub use configuration::{Configuration, Exposed};
pub use read::{PlanError, read};
pub use values::{Leaf, Values, flatten};
