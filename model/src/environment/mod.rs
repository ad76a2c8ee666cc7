//! `seedling_environment`: a namespace ready to be lived in.

mod args;
mod check;
mod import;
mod render;

pub use args::*;
pub use check::check;
pub use import::{LiveObjects, from_live};
pub use render::{DEFAULTS, ISOLATION, PULL_SECRET, QUOTA, render};

use std::collections::BTreeMap;

use serde_json::Value;

/// The resource type as it stands in labels.
pub const TYPE: &str = "environment";

/// The annotation's content: all arguments without passwords.
pub fn intent(args: &Args) -> Value {
    crate::intent::write(args, &[])
}

/// The logins in `image_pull` for [`crate::digest::digests`]: registry → user and password. Nothing where the
/// passwords are not given, as in arguments from the state.
pub fn secret_data(args: &Args) -> Option<BTreeMap<String, Vec<u8>>> {
    let logins = args.image_pull.given()?;
    let data: BTreeMap<String, Vec<u8>> = logins
        .iter()
        .filter_map(|(registry, login)| {
            let login = login.given()?;
            let password = login.password.given()?;
            Some((
                registry.clone(),
                format!("{}:{}", login.username.text(), password.expose()).into_bytes(),
            ))
        })
        .collect();
    (!data.is_empty()).then_some(data)
}
