//! Kubeconfigs (REST reference, "List Cluster User Credentials"; AKS docs, "Use kubelogin" and "Local accounts").

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::error;
use crate::entra::AKS_SERVER;
use crate::http::{Answer, Refusal};
use crate::simulator::{Context, Handled};
use crate::store::Cluster;

/// The application of interactive sign-ins (Azure/kubelogin, docs/book/src/concepts/aks.md).
const AKS_CLIENT: &str = "80faf920-1908-4b52-b5ef-a8e7bedfc67a";

pub(super) fn user(context: &Context<'_>, cluster: &Cluster) -> Handled {
    let name = cluster.value["name"].as_str().unwrap_or_default();
    let entra = cluster.value["properties"]["aadProfile"].is_object();
    let (login, credential) = if entra {
        (
            format!("clusterUser_{}_{name}", group(cluster)),
            exec(context, cluster),
        )
    } else {
        (
            format!("clusterUser_{}_{name}", group(cluster)),
            certificate(context, cluster)?,
        )
    };
    Ok(answer(
        "clusterUser",
        &kubeconfig(context, cluster, &login, &credential),
    ))
}

/// Local accounts that are off: Azure/azure-sdk-for-java#27704.
pub(super) fn admin(context: &Context<'_>, cluster: &Cluster) -> Handled {
    if cluster.value["properties"]["disableLocalAccounts"] == true {
        let message = "Getting static credential is not allowed because this cluster is set to disable local accounts.";
        return Err(error::flat(400, "BadRequest", message, ""));
    }
    let name = cluster.value["name"].as_str().unwrap_or_default();
    let login = format!("clusterAdmin_{}_{name}", group(cluster));
    let credential = certificate(context, cluster)?;
    Ok(answer(
        "clusterAdmin",
        &kubeconfig(context, cluster, &login, &credential),
    ))
}

fn group(cluster: &Cluster) -> &str {
    cluster.value["id"]
        .as_str()
        .and_then(|id| id.split('/').nth(4))
        .unwrap_or_default()
}

fn answer(name: &str, kubeconfig: &Value) -> Answer {
    // JSON is YAML.
    let text = serde_json::to_string_pretty(kubeconfig).unwrap_or_default();
    Answer::ok(json!({ "kubeconfigs": [{ "name": name, "value": BASE64_STANDARD.encode(text) }] }))
}

fn kubeconfig(context: &Context<'_>, cluster: &Cluster, login: &str, credential: &Value) -> Value {
    let name = &cluster.value["name"];
    let fqdn = cluster.value["properties"]["fqdn"]
        .as_str()
        .unwrap_or_default();
    let (server, authority) = match &cluster.endpoint {
        Some(endpoint) => (
            endpoint.server.clone(),
            endpoint.certificate_authority.clone(),
        ),
        None => (
            format!("https://{fqdn}:443"),
            context.authority.certificate().to_owned(),
        ),
    };
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": name, "cluster": { "server": server, "certificate-authority-data": BASE64_STANDARD.encode(authority) } }],
        "contexts": [{ "name": name, "context": { "cluster": name, "user": login } }],
        "current-context": name,
        "preferences": {},
        "users": [{ "name": login, "user": credential }],
    })
}

fn exec(context: &Context<'_>, cluster: &Cluster) -> Value {
    let tenant = cluster.value["properties"]["aadProfile"]["tenantID"]
        .as_str()
        .unwrap_or(&context.world.directory.tenant);
    json!({ "exec": {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": [
            "get-token", "--environment", "AzurePublicCloud", "--server-id", AKS_SERVER, "--client-id", AKS_CLIENT,
            "--tenant-id", tenant, "--login", "devicecode",
        ],
        "installHint": "kubelogin is not installed, see https://aka.ms/aks/kubelogin",
        "provideClusterInfo": false,
    } })
}

/// The administrator that the API server knows; without an API server, one that nobody knows.
fn certificate(context: &Context<'_>, cluster: &Cluster) -> Result<Value, Refusal> {
    let known = cluster
        .endpoint
        .as_ref()
        .and_then(|endpoint| endpoint.administrator.clone());
    let made = match known {
        Some(known) => Ok(known),
        None => context.authority.client("masterclient"),
    };
    let (certificate, key) =
        made.map_err(|error| error::flat(500, "InternalOperationError", &error.to_string(), ""))?;
    Ok(json!({
        "client-certificate-data": BASE64_STANDARD.encode(certificate),
        "client-key-data": BASE64_STANDARD.encode(key),
    }))
}
