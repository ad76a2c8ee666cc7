//! `api-version`: those that the pinned clients send, and no others.
//!
//! Recorded from the requests of `tests/judges` (azure-cli 2.91, azure-mgmt-containerservice 41.6, azure-mgmt-authorization 5.0); AKS's
//! 2025-10-01 and the stable versions beside the CLI's previews are what azurerm 5.2 sends (go-azure-sdk). The errors' codes and
//! words: Resource Manager.

use super::error;
use crate::http::Refusal;
use crate::simulator::Context;

const CONTAINER_SERVICE: &[&str] = &["2025-10-01", "2026-06-01"];
/// The service's own version in the URLs of operations, which clients send back as it is.
const OPERATIONS: &[&str] = &["2016-03-30"];
const AUTHORIZATION: &[&str] = &["2022-04-01", "2022-05-01-preview"];
const COMPUTE: &[&str] = &["2019-04-01", "2024-11-01"];
const RESOURCES: &[&str] = &["2022-12-01", "2024-11-01"];

/// The version that operations' URLs carry.
pub(super) const OF_OPERATIONS: &str = OPERATIONS[0];

pub(super) fn check(context: &Context<'_>, path: &[&str]) -> Result<(), Refusal> {
    let Some(version) = context.request.parameter("api-version") else {
        let message =
            "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(error::resource(400, "MissingApiVersionParameter", message));
    };
    let provider = path.iter().rposition(|part| *part == "providers");
    let namespace = provider.and_then(|at| path.get(at + 1)).copied();
    let typed = provider.and_then(|at| path.get(at + 2)).copied();
    let known = match (namespace, typed) {
        (Some(_), None | Some("register" | "unregister")) | (None, _) => RESOURCES,
        (Some("microsoft.containerservice"), _)
            if path.iter().any(|part| part.starts_with("operation")) =>
        {
            OPERATIONS
        }
        (Some("microsoft.containerservice"), _) => CONTAINER_SERVICE,
        (Some("microsoft.authorization"), _) => AUTHORIZATION,
        (Some("microsoft.compute"), _) => COMPUTE,
        (Some(other), _) => {
            let message = format!("The resource namespace '{other}' is invalid.");
            return Err(error::resource(404, "InvalidResourceNamespace", &message));
        }
    };
    if known.contains(&version) {
        return Ok(());
    }
    tracing::warn!(
        version,
        target = context.request.target,
        "an api-version that no pinned client sends"
    );
    let supported = known.join(", ");
    if let (Some(namespace), Some(kind)) = (namespace, typed) {
        let message = format!(
            "No registered resource provider found for API version '{version}' for type '{namespace}/{kind}'. The supported api-versions are '{supported}'."
        );
        return Err(error::resource(400, "NoRegisteredProviderFound", &message));
    }
    let message = format!(
        "The api-version '{version}' is invalid. The supported versions are '{supported}'."
    );
    Err(error::resource(400, "InvalidApiVersionParameter", &message))
}
