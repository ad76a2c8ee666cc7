//! Role definitions (REST reference, "Role Definitions", 2022-04-01).

use serde_json::{Value, json};

use super::filtered;
use super::roles::{ROLES, Role, by_id};
use crate::arm::error;
use crate::http::Answer;
use crate::simulator::{Context, Handled};

pub(super) fn list(context: &Context<'_>, scope: &str) -> Answer {
    let filter = context.request.parameter("$filter").unwrap_or_default();
    let name = filtered(filter, "roleName");
    let wanted = ROLES
        .iter()
        .filter(|role| name.is_none_or(|name| role.name.eq_ignore_ascii_case(name)));
    super::super::list(wanted.map(|role| show(role, scope)).collect())
}

pub(super) fn get(scope: &str, name: &str) -> Handled {
    let found = by_id(name).map(|role| Answer::ok(show(role, scope)));
    found.ok_or_else(|| {
        error::resource(
            404,
            "RoleDefinitionDoesNotExist",
            &format!("The specified role definition with ID '{name}' does not exist."),
        )
    })
}

/// Built-in roles have an id under the subscription they are asked for in, or under none.
fn show(role: &Role, scope: &str) -> Value {
    let subscription = scope
        .split('/')
        .skip(1)
        .take(2)
        .collect::<Vec<_>>()
        .join("/");
    let root = if subscription.starts_with("subscriptions/") {
        format!("/{subscription}")
    } else {
        String::new()
    };
    json!({
        "id": format!("{root}/providers/Microsoft.Authorization/roleDefinitions/{}", role.guid),
        "name": role.guid,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.name,
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": role.actions, "notActions": role.not_actions,
                "dataActions": role.data_actions, "notDataActions": [],
            }],
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2023-11-10T00:00:00.0000000Z",
            "createdBy": null,
            "updatedBy": null,
        },
    })
}
