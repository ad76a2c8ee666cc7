//! Debug mode: the program is started by hand, and a core attaches to it.

use serde_json::json;

use super::handshake;
use super::listener::Listener;

/// A short source address means another host for each of the cores.
const DEFAULT_HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The value of `TF_REATTACH_PROVIDERS` for a provider that listens here.
fn reattach(source: &str, listener: &Listener) -> String {
    let (network, address) = listener.address();
    let attach = json!({
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": std::process::id(),
        "Test": true,
        "Addr": {"Network": network, "String": address},
    });
    let providers: serde_json::Map<_, _> = DEFAULT_HOSTS
        .iter()
        .map(|host| (format!("{host}/{source}"), attach.clone()))
        .collect();
    serde_json::Value::Object(providers).to_string()
}

/// Tells how to attach.
///
/// # Errors
/// Standard output is closed.
pub(super) fn explain(source: &str, listener: &Listener) -> std::io::Result<()> {
    handshake::print(&format!(
        "The provider waits for tofu or terraform. In another terminal, set\n\n\
         TF_REATTACH_PROVIDERS='{}'\n\n\
         and run it. Ctrl-C ends the provider.",
        reattach(source, listener)
    ))
}
