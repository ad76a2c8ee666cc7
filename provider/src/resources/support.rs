//! What every resource does in the same way.

pub mod arguments;
pub mod digests;
pub mod findings;
pub mod notes;
