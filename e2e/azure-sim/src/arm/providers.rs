//! Resource providers and whether a subscription has registered them (REST reference, "Providers").

use serde_json::{Value, json};

use super::{error, list as as_list};
use crate::http::{Answer, Refusal};
use crate::simulator::{Context, Handled};
use crate::store::Subscription;

const NAMESPACES: [(&str, &[&str]); 6] = [
    (
        "Microsoft.ContainerService",
        &[
            "managedClusters",
            "managedClusters/agentPools",
            "locations/operations",
        ],
    ),
    (
        "Microsoft.Authorization",
        &["roleAssignments", "roleDefinitions"],
    ),
    (
        "Microsoft.Compute",
        &["skus", "virtualMachines", "virtualMachineScaleSets"],
    ),
    (
        "Microsoft.Resources",
        &["resourceGroups", "subscriptions", "tenants"],
    ),
    (
        "Microsoft.Network",
        &["virtualNetworks", "publicIPAddresses"],
    ),
    ("Microsoft.ManagedIdentity", &["userAssignedIdentities"]),
];

pub(super) fn list(context: &Context<'_>, subscription: &str) -> Answer {
    as_list(
        NAMESPACES
            .iter()
            .map(|(namespace, types)| show(context, subscription, namespace, types))
            .collect(),
    )
}

pub(super) fn get(context: &Context<'_>, subscription: &str, namespace: &str) -> Handled {
    let (namespace, types) = known(namespace)?;
    Ok(Answer::ok(show(context, subscription, namespace, types)))
}

pub(super) fn register(
    context: &mut Context<'_>,
    subscription: &str,
    namespace: &str,
    yes: bool,
) -> Handled {
    let (namespace, types) = known(namespace)?;
    if let Some(subscription) = context.world.subscriptions.get_mut(subscription) {
        let name = namespace.to_ascii_lowercase();
        if yes {
            subscription.registered.insert(name);
        } else {
            subscription.registered.remove(&name);
        }
    }
    Ok(Answer::ok(show(context, subscription, namespace, types)))
}

/// Refuses to work for a subscription that has not registered AKS.
pub(super) fn registered(
    context: &Context<'_>,
    subscription: &str,
    namespace: &str,
) -> Result<(), Refusal> {
    let found = context.world.subscriptions.get(subscription);
    if found.is_some_and(|subscription| has(subscription, namespace)) {
        return Ok(());
    }
    let message = format!(
        "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions."
    );
    Err(error::resource(
        409,
        "MissingSubscriptionRegistration",
        &message,
    ))
}

fn has(subscription: &Subscription, namespace: &str) -> bool {
    subscription
        .registered
        .contains(&namespace.to_ascii_lowercase())
}

fn known(namespace: &str) -> Result<(&'static str, &'static [&'static str]), Refusal> {
    let found = NAMESPACES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(namespace));
    found.copied().ok_or_else(|| {
        error::resource(
            404,
            "InvalidResourceNamespace",
            &format!("The resource namespace '{namespace}' is invalid."),
        )
    })
}

fn show(context: &Context<'_>, subscription: &str, namespace: &str, types: &[&str]) -> Value {
    let registered = context
        .world
        .subscriptions
        .get(subscription)
        .is_some_and(|subscription| has(subscription, namespace));
    let types: Vec<Value> = types
        .iter()
        .map(
            |kind| json!({ "resourceType": kind, "locations": ["West Europe"], "apiVersions": [] }),
        )
        .collect();
    json!({
        "id": format!("/subscriptions/{subscription}/providers/{namespace}"),
        "namespace": namespace,
        "registrationState": if registered { "Registered" } else { "NotRegistered" },
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
    })
}
