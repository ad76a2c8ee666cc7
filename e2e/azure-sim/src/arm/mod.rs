//! Azure Resource Manager: what is common to all resource providers, and the few that AKS needs.

mod access;
pub mod authorization;
pub mod clusters;
pub mod compute;
pub mod error;
pub mod etag;
mod long;
mod operations;
pub mod pools;
mod providers;
mod resource_groups;
mod subscriptions;
mod versions;

use http::Method;

use crate::http::Answer;
use crate::simulator::{Context, Handled};

pub(crate) fn route(context: &mut Context<'_>) -> Handled {
    let path = context.request.lower();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    versions::check(context, &path)?;
    let identity = access::identity(context)?;
    if let [_, subscription, ..] = path.as_slice()
        && path[0] == "subscriptions"
        && !context.world.subscriptions.contains_key(*subscription)
    {
        let message = format!("The subscription '{subscription}' could not be found.");
        return Err(error::resource(404, "SubscriptionNotFound", &message));
    }
    access::check(context, &identity, &path)?;
    if let Some(at) = path
        .iter()
        .rposition(|part| *part == "microsoft.authorization")
    {
        return authorization::route(context, &identity, at);
    }
    match path.as_slice() {
        ["tenants"] => Ok(subscriptions::tenants(context)),
        ["subscriptions", rest @ ..] if rest.len() < 2 || rest[1] == "locations" => {
            Ok(subscriptions::route(context, rest))
        }
        ["subscriptions", subscription, "resourcegroups"] => {
            Ok(resource_groups::list(context, subscription))
        }
        ["subscriptions", _, "resourcegroups", _] => resource_groups::route(context),
        ["subscriptions", subscription, "providers"] => Ok(providers::list(context, subscription)),
        ["subscriptions", subscription, "providers", namespace] => {
            providers::get(context, subscription, namespace)
        }
        [
            "subscriptions",
            subscription,
            "providers",
            namespace,
            verb @ ("register" | "unregister"),
        ] => providers::register(context, subscription, namespace, *verb == "register"),
        [
            "subscriptions",
            subscription,
            "providers",
            "microsoft.compute",
            rest @ ..,
        ] => compute::route(context, subscription, rest),
        [
            "subscriptions",
            _,
            "providers",
            "microsoft.containerservice",
            "locations",
            _,
            kind @ ("operations" | "operationresults"),
            name,
        ] => operations::get(context, kind, name),
        [
            "subscriptions",
            _,
            "providers",
            "microsoft.containerservice",
            "locations",
            _,
            "kubernetesversions",
        ] if context.request.method == Method::GET => Ok(clusters::versions::of_location()),
        [
            "subscriptions",
            _,
            "providers",
            "microsoft.containerservice",
            "managedclusters",
        ] => Ok(clusters::list(context)),
        [
            "subscriptions",
            subscription,
            "resourcegroups",
            group,
            "providers",
            "microsoft.containerservice",
            "managedclusters",
            rest @ ..,
        ] => {
            resource_groups::exists(context, subscription, group)?;
            clusters::route(context, rest)
        }
        _ => Err(unknown(context)),
    }
}

/// What is not simulated says so: nobody takes it for a resource that is gone, and no client repeats it.
fn unknown(context: &Context<'_>) -> crate::http::Refusal {
    let message = format!(
        "azure-sim does not know {} {}",
        context.request.method, context.request.target
    );
    tracing::warn!("{message}");
    error::resource(501, "NotSimulated", &message)
}

/// The id that the path's first segments spell, as they came.
fn id(context: &Context<'_>, segments: usize) -> String {
    format!("/{}", context.request.segments[..segments].join("/"))
}

/// A list in Resource Manager's shape.
fn list(values: Vec<serde_json::Value>) -> Answer {
    let values = serde_json::Value::from(values);
    Answer::ok(serde_json::Map::from_iter([("value".to_owned(), values)]).into())
}
