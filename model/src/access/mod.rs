//! `seedling_group_access`: what the members of a group may do in which environment.

mod args;
mod check;
mod import;
mod render;
mod roles;

pub use args::Args;
pub use check::{check, object_id};
pub use import::from_live;
pub use render::{binding_name, intent, render};

/// The resource type as it stands in labels.
pub const TYPE: &str = "group_access";

/// The roles that can be given.
pub const ROLES: [&str; 5] = ["view", "edit", "admin", "logs", "plan"];
