//! Which kinds are served, and the documents by which clients learn of them.

mod custom;
mod documents;
mod kinds;
mod recorded;

pub use documents::answer;
pub use kinds::{Kind, Kinds, Subresource};
pub use recorded::{version, well_known, well_known_group};
