//! Resource groups (REST reference, "Resource Groups").

use http::Method;
use serde_json::json;

use super::subscriptions::is_location;
use super::{error, id, list as as_list};
use crate::http::{Answer, Refusal};
use crate::simulator::{Context, Handled};
use crate::store::key;

pub(super) fn list(context: &Context<'_>, subscription: &str) -> Answer {
    let prefix = format!("/subscriptions/{subscription}/");
    let found = context
        .world
        .resource_groups
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix));
    as_list(found.map(|(_, group)| group.clone()).collect())
}

pub(super) fn exists(
    context: &Context<'_>,
    subscription: &str,
    group: &str,
) -> Result<(), Refusal> {
    let found = context.world.resource_groups.contains_key(&format!(
        "/subscriptions/{subscription}/resourcegroups/{group}"
    ));
    if found { Ok(()) } else { Err(missing(group)) }
}

fn missing(group: &str) -> Refusal {
    error::resource(
        404,
        "ResourceGroupNotFound",
        &format!("Resource group '{group}' could not be found."),
    )
}

pub(super) fn route(context: &mut Context<'_>) -> Handled {
    let full = id(context, 4);
    let name = context.request.segments[3].clone();
    let found = context.world.resource_groups.get(&key(&full)).cloned();
    match context.request.method {
        Method::GET => found.map(Answer::ok).ok_or_else(|| missing(&name)),
        Method::HEAD => Ok(Answer::empty(if found.is_some() { 204 } else { 404 })),
        Method::PUT => put(context, &full, &name),
        Method::DELETE => {
            if found.is_none() {
                return Err(missing(&name));
            }
            delete(context, &full);
            Ok(Answer::empty(200))
        }
        _ => Ok(Answer::empty(405)),
    }
}

fn put(context: &mut Context<'_>, full: &str, name: &str) -> Handled {
    let body = context.request.json().unwrap_or_default();
    let location = body["location"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace(' ', "");
    if !is_location(&location) {
        let message =
            format!("The provided location '{location}' is not available for resource group.");
        return Err(error::resource(
            400,
            "LocationNotAvailableForResourceGroup",
            &message,
        ));
    }
    let value = json!({
        "id": full, "name": name, "type": "Microsoft.Resources/resourceGroups",
        "location": location, "tags": body["tags"], "properties": { "provisioningState": "Succeeded" },
    });
    let before = context
        .world
        .resource_groups
        .insert(key(full), value.clone());
    Ok(Answer::json(
        if before.is_some() { 200 } else { 201 },
        value,
    ))
}

/// With all that is in it.
fn delete(context: &mut Context<'_>, full: &str) {
    let prefix = format!("{}/", key(full));
    context.world.resource_groups.remove(&key(full));
    context
        .world
        .clusters
        .retain(|key, _| !key.starts_with(&prefix));
    context
        .world
        .pools
        .retain(|key, _| !key.starts_with(&prefix));
    context
        .world
        .assignments
        .retain(|key, _| !key.starts_with(&prefix));
}
