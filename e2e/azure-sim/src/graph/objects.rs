//! Everything else that has an object id: service principals, applications, users.

use serde_json::{Value, json};

use super::{error, filter, page};
use crate::http::Answer;
use crate::simulator::{Context, Handled};

/// All objects of a kind, as Graph shows them.
fn all(context: &Context<'_>, kind: &str) -> Vec<Value> {
    let directory = &context.world.directory;
    match kind {
        "users" => directory.users.iter().map(|user| {
            json!({
                "@odata.type": "#microsoft.graph.user", "id": user.object_id, "displayName": user.name,
                "userPrincipalName": user.principal_name, "mail": user.principal_name,
            })
        }).collect(),
        "applications" => directory.applications.iter().map(|app| {
            json!({ "id": app.client_id, "appId": app.client_id, "displayName": app.name, "@odata.type": "#microsoft.graph.application" })
        }).collect(),
        "groups" => {
            let visible = directory.groups.iter().filter(|group| group.visible <= context.now);
            visible.map(|group| {
                let mut value = group.value.clone();
                value["@odata.type"] = "#microsoft.graph.group".into();
                value
            }).collect()
        }
        _ => {
            let principal = |object: &str, client: &str, name: &str, kind: &str| {
                json!({
                    "@odata.type": "#microsoft.graph.servicePrincipal", "id": object, "appId": client, "displayName": name,
                    "appDisplayName": name, "servicePrincipalNames": [client], "servicePrincipalType": kind, "accountEnabled": true,
                    "appOwnerOrganizationId": directory.tenant,
                })
            };
            let apps = directory.applications.iter().map(|app| principal(&app.object_id, &app.client_id, &app.name, "Application"));
            let identities = directory.identities.iter().map(|one| principal(&one.object_id, &one.client_id, &one.name, "ManagedIdentity"));
            apps.chain(identities).collect()
        }
    }
}

/// An object of any kind.
pub(super) fn show(context: &Context<'_>, id: &str) -> Option<Value> {
    let kinds = ["users", "serviceprincipals", "groups"];
    let mut every = kinds.into_iter().flat_map(|kind| all(context, kind));
    every.find(|object| {
        object["id"]
            .as_str()
            .is_some_and(|known| known.eq_ignore_ascii_case(id))
    })
}

pub(super) fn list(context: &Context<'_>, kind: &str) -> Handled {
    let found = filter::apply(context.request.parameter("$filter"), all(context, kind))?;
    let name = if kind == "serviceprincipals" {
        "servicePrincipals"
    } else {
        kind
    };
    Ok(page::answer(context, name, found))
}

/// By object id; users by their sign-in name too.
pub(super) fn get(context: &Context<'_>, kind: Option<&str>, id: &str) -> Handled {
    let found = match kind {
        None => show(context, id),
        Some(kind) => all(context, kind).into_iter().find(|object| {
            ["id", "userPrincipalName"].iter().any(|name| {
                object[*name]
                    .as_str()
                    .is_some_and(|known| known.eq_ignore_ascii_case(id))
            })
        }),
    };
    found
        .map(|value| Answer::ok(page::selected(context, value)))
        .ok_or_else(|| error::missing(id))
}

/// api-reference, directoryobject-getbyids: those that exist, of the kinds asked for; at most 1000.
pub(super) fn by_ids(context: &Context<'_>) -> Handled {
    let body = context
        .request
        .json()
        .map_err(|error| error::refuse(400, "BadRequest", &error.to_string()))?;
    let ids: Vec<&str> = body["ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if ids.len() > 1000 {
        return Err(error::refuse(
            400,
            "Request_BadRequest",
            "The number of ids exceeds the limit of 1000.",
        ));
    }
    let types: Option<Vec<&str>> = body["types"]
        .as_array()
        .map(|types| types.iter().filter_map(Value::as_str).collect());
    let wanted = |object: &Value| {
        let kind = object["@odata.type"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("#microsoft.graph.")
            .to_owned();
        types.as_ref().is_none_or(|types| {
            types
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(&kind) || *wanted == "directoryObject")
        })
    };
    let found: Vec<Value> = ids
        .iter()
        .filter_map(|id| show(context, id))
        .filter(wanted)
        .collect();
    Ok(Answer::ok(
        json!({ "@odata.context": format!("{}/v1.0/$metadata#directoryObjects", context.base), "value": found }),
    ))
}

/// api-reference, directoryobject-getmembergroups and -checkmembergroups.
pub(super) fn groups_of(context: &Context<'_>, id: &str) -> Handled {
    if show(context, id).is_none() {
        return Err(error::missing(id));
    }
    let body = context.request.json().unwrap_or_default();
    let asked: Option<Vec<&str>> = body["groupIds"]
        .as_array()
        .map(|ids| ids.iter().filter_map(Value::as_str).collect());
    let mut groups = context.world.directory.groups_of(id);
    if let Some(asked) = asked {
        groups.retain(|group| asked.contains(&group.as_str()));
    }
    Ok(Answer::ok(json!({ "value": groups })))
}
