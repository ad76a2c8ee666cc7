//! The sandbox: the end-to-end harness replaces the whole connection, whatever the HCL says.
//!
//! A configuration that names a production cluster can then be tried without reaching it: every
//! address outside the loopback range is refused, and each run warns that it is a sandbox.

use std::{fs, net::IpAddr};

use http::Uri;
use seedling_schema::Diagnostic;
use serde::Deserialize;

use crate::env;

/// Content of the file that `SEEDLING_SANDBOX` names.
#[derive(Debug, Clone, Deserialize)]
pub struct Sandbox {
    /// The cluster to use.
    pub kubernetes: SandboxCluster,
    /// Lets the harness destroy protected environments, with a warning.
    #[serde(default)]
    pub lift_protection: bool,
    /// Whether nodes may still appear, as an autoscaler would make them.
    #[serde(default)]
    pub nodes_can_come: bool,
    /// `host:port` of a registry that stands for all of them, over HTTP.
    #[serde(default)]
    pub registry: Option<String>,
    /// The user named this cluster explicitly, so it may be anywhere.
    #[serde(default)]
    pub allow_remote: bool,
}

/// A cluster of the harness and an identity in it. PEM throughout.
#[derive(Debug, Clone, Deserialize)]
pub struct SandboxCluster {
    pub server: String,
    pub ca: String,
    pub client_certificate: Option<String>,
    pub client_key: Option<String>,
    pub token: Option<String>,
}

impl Sandbox {
    /// Reads and checks the file at `path`.
    pub fn load(path: &str) -> Result<Self, Diagnostic> {
        let text = fs::read_to_string(path).map_err(|error| refuse(&format!("{path}: {error}")))?;
        let sandbox: Self =
            serde_json::from_str(&text).map_err(|error| refuse(&format!("{path}: {error}")))?;
        if !sandbox.allow_remote && !is_loopback(&sandbox.kubernetes.server) {
            return Err(refuse(&format!(
                "{} is not a loopback address",
                sandbox.kubernetes.server
            )));
        }
        if let Some(registry) = &sandbox.registry
            && !is_loopback(&format!("http://{registry}"))
        {
            return Err(refuse(&format!("{registry} is not a loopback address")));
        }
        Ok(sandbox)
    }
}

/// Only numeric addresses count: a name may resolve to anywhere.
fn is_loopback(address: &str) -> bool {
    let uri: Option<Uri> = address.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn refuse(reason: &str) -> Diagnostic {
    Diagnostic::error(
        "The sandbox cannot be used",
        format!(
            "{reason}. The environment variable {} names the sandbox file; unset it to work on the cluster of the provider block.",
            env::SANDBOX
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_numeric_loopback_addresses_are_inside() {
        for (address, inside) in [
            ("https://127.0.0.1:6443", true),
            ("https://127.8.0.1", true),
            ("https://[::1]:6443", true),
            ("https://localhost:6443", false),
            ("https://10.0.0.1:443", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_loopback(address), inside, "{address}");
        }
    }
}
