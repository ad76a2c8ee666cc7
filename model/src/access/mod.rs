//! `seedling_group_access`.

mod args;

pub use args::*;
