//! What the proof looks at in the cluster: the harness's own eyes and hands, apart from the provider's.

pub mod access_table;
pub mod compare;
pub mod events;
pub mod fields;
pub mod intrude;
pub mod mutate;
pub mod objects;
pub mod owners;
pub mod pods;
