//! From settings to a client. Every way to name a cluster becomes one kubeconfig, so there is one
//! way to connect; it happens on first use.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, header::USER_AGENT};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use seedling_schema::{Diagnostic, Path};
use serde_json::{Value as Json, json};

use crate::{
    config::{ClusterConfig, KubeconfigFile},
    sandbox::SandboxCluster,
};

/// Sent with every request, so that audit logs can tell who asked.
const AGENT: &str = concat!("terraform-provider-seedling/", env!("CARGO_PKG_VERSION"));
const CONTEXT: &str = "seedling";

/// Where a cluster is and who we are there.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// Named by the provider block.
    Block(Box<ClusterConfig>),
    /// Named by the sandbox file of the harness.
    Sandbox(Box<SandboxCluster>),
}

/// Makes the client. No request is sent yet; an `exec` plug-in may be run.
pub async fn connect(endpoint: &Endpoint) -> Result<Client, Diagnostic> {
    let (kubeconfig, context) = match endpoint {
        Endpoint::Sandbox(cluster) => (from_sandbox(cluster)?, CONTEXT.to_owned()),
        Endpoint::Block(cluster) => match &cluster.kubeconfig {
            Some(file) => from_file(file)?,
            None => (from_arguments(cluster)?, CONTEXT.to_owned()),
        },
    };
    let options = KubeConfigOptions {
        context: Some(context),
        ..KubeConfigOptions::default()
    };
    let mut config = Config::from_custom_kubeconfig(quiet_plugins(kubeconfig), &options)
        .await
        .map_err(|error| unusable(&error.to_string()))?;
    config
        .headers
        .push((USER_AGENT, HeaderValue::from_static(AGENT)));
    // Our own bounded policy repeats requests; kube's goes on for hours.
    config.default_retry = false;
    // An exec plug-in is run synchronously while the client is made.
    tokio::task::spawn_blocking(move || Client::try_from(config))
        .await
        .map_err(|error| unusable(&error.to_string()))?
        .map_err(|error| unusable(&error.to_string()))
}

/// A plug-in that asks questions would read the terminal of the command line.
fn quiet_plugins(mut kubeconfig: Kubeconfig) -> Kubeconfig {
    for named in &mut kubeconfig.auth_infos {
        if let Some(exec) = named.auth_info.as_mut().and_then(|info| info.exec.as_mut()) {
            exec.interactive_mode = Some(kube::config::ExecInteractiveMode::Never);
        }
    }
    kubeconfig
}

fn from_file(file: &KubeconfigFile) -> Result<(Kubeconfig, String), Diagnostic> {
    let path = expand(file.path.as_deref().unwrap_or_default());
    let at = Path::of("cluster").attribute("kubeconfig");
    let text = fs::read_to_string(&path).map_err(|error| {
        Diagnostic::error(
            "Cannot read the kubeconfig",
            format!("{}: {error}. The provider's `cluster.kubeconfig.path` names this file; correct the path or write the file first.", path.display()),
        )
        .at(at.clone().attribute("path"))
    })?;
    let kubeconfig = Kubeconfig::from_yaml(&text).map_err(|error| {
        Diagnostic::error(
            "The kubeconfig is not valid",
            format!("{}: {error}", path.display()),
        )
        .at(at.clone().attribute("path"))
    })?;
    let context = file.context.clone().unwrap_or_default();
    if !kubeconfig
        .contexts
        .iter()
        .any(|named| named.name == context)
    {
        let known: Vec<_> = kubeconfig
            .contexts
            .iter()
            .map(|named| named.name.as_str())
            .collect();
        return Err(Diagnostic::error(
            "No such context",
            format!(
                "{} has no context `{context}`; it has: {}.",
                path.display(),
                known.join(", ")
            ),
        )
        .at(at.attribute("context")));
    }
    Ok((kubeconfig, context))
}

fn expand(path: &str) -> PathBuf {
    match path.strip_prefix("~/").zip(std::env::home_dir()) {
        Some((rest, home)) => home.join(rest),
        None => PathBuf::from(path),
    }
}

fn from_arguments(cluster: &ClusterConfig) -> Result<Kubeconfig, Diagnostic> {
    let exec = cluster.exec.as_ref().map(|exec| {
        let env: Vec<Json> = exec
            .env
            .iter()
            .flatten()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        json!({
            "apiVersion": exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1"),
            "command": exec.command,
            "args": exec.args,
            "env": env,
        })
    });
    assemble(
        json!({
            "server": cluster.host,
            "certificate-authority-data": pem(cluster.ca_certificate.as_deref()),
            "proxy-url": cluster.proxy_url,
            "tls-server-name": cluster.tls_server_name,
        }),
        json!({
            "token": cluster.token,
            "client-certificate-data": pem(cluster.client_certificate.as_deref()),
            "client-key-data": pem(cluster.client_key.as_deref()),
            "exec": exec,
        }),
    )
}

fn from_sandbox(cluster: &SandboxCluster) -> Result<Kubeconfig, Diagnostic> {
    assemble(
        json!({
            "server": cluster.server,
            "certificate-authority-data": pem(Some(&cluster.ca)),
        }),
        json!({
            "token": cluster.token,
            "client-certificate-data": pem(cluster.client_certificate.as_deref()),
            "client-key-data": pem(cluster.client_key.as_deref()),
        }),
    )
}

fn assemble(cluster: Json, user: Json) -> Result<Kubeconfig, Diagnostic> {
    let whole = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": without_nulls(cluster)}],
        "users": [{"name": CONTEXT, "user": without_nulls(user)}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
    });
    // Through text: numbers and enums then read exactly as in a file.
    Kubeconfig::from_yaml(&whole.to_string()).map_err(|error| unusable(&error.to_string()))
}

fn without_nulls(mut value: Json) -> Json {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

fn pem(text: Option<&str>) -> Option<String> {
    text.map(|text| STANDARD.encode(text))
}

fn unusable(reason: &str) -> Diagnostic {
    Diagnostic::error(
        "The cluster connection cannot be used",
        format!("{reason}\n\nThe provider's `cluster` block describes it; nothing was sent to any cluster."),
    )
    .at(Path::of("cluster"))
}
