//! `seedling_service`.

mod args;
pub mod parts;

pub use args::Args;
