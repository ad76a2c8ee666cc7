//! `seedling_service`: a program that runs in an environment.

mod args;
mod check;
mod data;
mod effects;
mod import;
pub mod parts;
mod paths;
mod ports;
mod render;
pub mod rollout;

pub use args::Args;
pub use check::check;
pub use data::{config_data, config_map_name, secret_data, secret_keys, secret_name};
pub use effects::effects;
pub use import::{LiveObjects, from_live};
pub use paths::{claim_name, data_key};
pub use ports::{ServicePort, service_ports};
pub use render::{Live, Names, pod_template, render, selector};

use serde_json::Value;

/// The resource type as it stands in labels.
pub const TYPE: &str = "service";

/// The annotation's content: all arguments without secrets, and without `config` and `files`, which are read from
/// the ConfigMap.
pub fn intent(args: &Args) -> Value {
    crate::intent::write(args, &["config", "files", "secrets", "secret_files"])
}
