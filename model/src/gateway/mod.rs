//! `seedling_gateway`.

mod args;

pub use args::*;
