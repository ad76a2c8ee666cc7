//! `seedling_ingress`.

mod args;

pub use args::*;
