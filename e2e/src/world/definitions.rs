//! The custom resource definitions of Gateway API and cert-manager, as their Go modules publish them.

use std::io::Read;
use std::time::Duration;

use futures::future::try_join_all;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use kube::api::{Api, ListParams};

use super::WorldError;
use crate::poll::{Look, poll};

const GATEWAY_API: &[u8] =
    include_bytes!("../../control-plane/definitions/gateway-api-v1.5.1.yaml.gz");
const CERT_MANAGER: &[u8] =
    include_bytes!("../../control-plane/definitions/cert-manager-v1.21.2.yaml.gz");

/// Installs them and waits until their resources are served.
pub(super) async fn install(client: &Client) -> Result<(), WorldError> {
    let texts = [unpack(GATEWAY_API)?, unpack(CERT_MANAGER)?];
    let documents = texts
        .iter()
        .flat_map(|text| text.split("\n---\n"))
        .filter_map(|document| Some((name(document)?, document)));
    let documents: Vec<_> = documents.collect();
    let names: Vec<_> = documents.iter().map(|(name, _)| *name).collect();
    let api = Api::<CustomResourceDefinition>::all(client.clone());
    // A cluster may bring them.
    if matches!(established(&api, &names).await, Look::Done(())) {
        return Ok(());
    }
    try_join_all(
        documents
            .iter()
            .map(|(name, document)| apply(client, name, document)),
    )
    .await?;
    poll(
        "the definitions of Gateway API and cert-manager",
        Duration::from_secs(30),
        || established(&api, &names),
    )
    .await?;
    Ok(())
}

fn unpack(packed: &[u8]) -> Result<String, WorldError> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .map_err(|error| refused("the definitions", &error))?;
    Ok(text)
}

/// The name of a definition: the first member `name` of its metadata, which is the only one at this depth before its specification.
fn name(document: &str) -> Option<&str> {
    document
        .lines()
        .find_map(|line| line.strip_prefix("  name: "))
}

/// Sent as it is: the API server reads YAML faster than an unoptimised build of this program would.
async fn apply(client: &Client, name: &str, document: &str) -> Result<(), WorldError> {
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let request = http::Request::patch(format!(
        "{path}/{name}?fieldManager=seedling-stand-ins&force=true"
    ))
    .header(http::header::CONTENT_TYPE, "application/apply-patch+yaml")
    .body(document.as_bytes().to_vec())
    .map_err(|error| refused(name, &error))?;
    client
        .request_text(request)
        .await
        .map_err(|error| refused(name, &error))?;
    Ok(())
}

async fn established(api: &Api<CustomResourceDefinition>, names: &[&str]) -> Look<()> {
    let definitions = match api.list(&ListParams::default()).await {
        Ok(definitions) => definitions.items,
        Err(error) => return Look::NotYet(error.to_string()),
    };
    let is_established = |name: &&str| {
        let definition = definitions
            .iter()
            .find(|definition| definition.metadata.name.as_deref() == Some(*name));
        let conditions =
            definition.and_then(|definition| definition.status.as_ref()?.conditions.as_ref());
        conditions.is_some_and(|all| {
            all.iter()
                .any(|one| one.type_ == "Established" && one.status == "True")
        })
    };
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !is_established(name))
        .copied()
        .collect();
    Look::at(
        missing.is_empty().then_some(()),
        format!("not established: {}", missing.join(", ")),
    )
}

fn refused(what: &str, error: &dyn std::fmt::Display) -> WorldError {
    WorldError::Install {
        what: what.to_owned(),
        why: error.to_string(),
    }
}
