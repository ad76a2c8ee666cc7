//! `seedling_gateway`: the entry point that the Gateway API needs.

mod args;
mod check;
mod import;
mod render;

pub use args::Args;
pub use check::{check, check_with};
pub use import::{LiveObjects, from_live};
pub use render::{HTTP_LISTENER, class, render};

use serde_json::Value;

/// The resource type as it stands in labels.
pub const TYPE: &str = "gateway";
/// The name of a Gateway unless it says otherwise.
pub const DEFAULT_NAME: &str = "public";
/// API group and version of the Gateway API.
pub const API_VERSION: &str = "gateway.networking.k8s.io/v1";

/// The annotation's content: all arguments.
pub fn intent(args: &Args) -> Value {
    crate::intent::write(args, &[])
}
