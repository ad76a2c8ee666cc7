//! `seedling_ingress`: a host name and what answers on it, realised by one of two families of controllers.

mod args;
mod check;
mod import;
mod render;
mod size;

pub use args::{Args, Route, Timeouts, Tls};
pub use check::{check, check_with};
pub use import::{LiveObjects, from_live};
pub use render::{
    GatewayListeners, RenderedIngress, Resolved, basic_auth_name, certificate_name, gateway_of,
    hosts, render,
};

use std::collections::BTreeMap;

use serde_json::Value;

/// The resource type as it stands in labels.
pub const TYPE: &str = "ingress";

/// The annotation's content: all arguments without secrets.
pub fn intent(args: &Args) -> Value {
    crate::intent::write(args, &["basic_auth"])
}

/// The private key (`tls.key`) and the passwords (`basic_auth/<user>`) for [`crate::digest::digests`]. Nothing where
/// none is given, as in arguments from the state.
pub fn secret_data(args: &Args) -> Option<BTreeMap<String, Vec<u8>>> {
    let key = args
        .tls
        .given()
        .and_then(|tls| tls.key.given())
        .map(|key| ("tls.key".to_owned(), key));
    let users = args.basic_auth.given().into_iter().flatten();
    let users = users
        .filter_map(|(user, password)| Some((format!("basic_auth/{user}"), password.given()?)));
    let data: BTreeMap<String, Vec<u8>> = key
        .into_iter()
        .chain(users)
        .map(|(name, secret)| (name, secret.expose().as_bytes().to_vec()))
        .collect();
    (!data.is_empty()).then_some(data)
}
