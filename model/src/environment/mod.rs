//! `seedling_environment`.

mod args;

pub use args::*;
