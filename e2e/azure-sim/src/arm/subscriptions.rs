//! Tenants, subscriptions, their locations (REST reference, "Subscriptions" and "Tenants").

use serde_json::{Value, json};

use super::list;
use crate::http::Answer;
use crate::simulator::Context;

/// The regions that are simulated: name, display name, and the one it is paired with.
const LOCATIONS: [(&str, &str); 4] = [
    ("westeurope", "West Europe"),
    ("northeurope", "North Europe"),
    ("eastus", "East US"),
    ("germanywestcentral", "Germany West Central"),
];

pub(super) fn tenants(context: &Context<'_>) -> Answer {
    let directory = &context.world.directory;
    list(vec![json!({
        "id": format!("/tenants/{}", directory.tenant),
        "tenantId": directory.tenant,
        "displayName": directory.name,
        "defaultDomain": directory.domain,
        "domains": [directory.domain],
        "tenantCategory": "Home",
        "tenantType": "AAD",
    })])
}

pub(super) fn route(context: &Context<'_>, rest: &[&str]) -> Answer {
    match rest {
        [] => list(
            context
                .world
                .subscriptions
                .keys()
                .map(|id| show(context, id))
                .collect(),
        ),
        [id] => Answer::ok(show(context, id)),
        [id, ..] => list(
            LOCATIONS
                .iter()
                .map(|location| region(id, *location))
                .collect(),
        ),
    }
}

fn show(context: &Context<'_>, id: &str) -> Value {
    let name = context
        .world
        .subscriptions
        .get(id)
        .map_or("", |subscription| subscription.name.as_str());
    json!({
        "id": format!("/subscriptions/{id}"),
        "subscriptionId": id,
        "displayName": name,
        "state": "Enabled",
        "tenantId": context.world.directory.tenant,
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionPolicies": { "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off" },
    })
}

fn region(subscription: &str, (name, display): (&str, &str)) -> Value {
    let zones = ["1", "2", "3"]
        .map(|zone| json!({ "logicalZone": zone, "physicalZone": format!("{name}-az{zone}") }));
    json!({
        "id": format!("/subscriptions/{subscription}/locations/{name}"),
        "name": name,
        "displayName": display,
        "regionalDisplayName": display,
        "type": "Region",
        "metadata": { "regionType": "Physical", "regionCategory": "Recommended" },
        "availabilityZoneMappings": zones,
    })
}

/// Whether there is such a region.
pub(super) fn is_location(name: &str) -> bool {
    LOCATIONS.iter().any(|(known, _)| *known == name)
}
