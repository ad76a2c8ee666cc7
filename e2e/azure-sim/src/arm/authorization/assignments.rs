//! Role assignments (REST reference, "Role Assignments", 2022-04-01; Azure docs, "Troubleshoot Azure RBAC").

use http::Method;
use serde_json::{Value, json};

use super::filtered;
use super::roles::by_id;
use crate::arm::{error, list as as_list};
use crate::clock::text;
use crate::entra::Identity;
use crate::http::{Answer, Refusal};
use crate::settings::Settings;
use crate::simulator::{Context, Handled};
use crate::store::{Assignment, is_guid, key};

/// The id of an assignment.
pub fn id(scope: &str, name: &str) -> String {
    format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/{name}",
        scope.trim_end_matches('/')
    )
}

/// What is assigned at, above and below a scope; `atScope()` leaves out what is below.
pub(super) fn list(context: &Context<'_>, scope: &str) -> Answer {
    let filter = context.request.parameter("$filter").unwrap_or_default();
    let principal = filtered(filter, "principalId");
    let assigned = filter
        .split_once("assignedTo('")
        .and_then(|(_, rest)| rest.split('\'').next());
    let below = !filter.contains("atScope()");
    let scope = key(scope);
    let found = context
        .world
        .assignments
        .values()
        .map(|assignment| &assignment.value)
        .filter(|value| {
            let at = key(text_of(value, "scope"));
            let inherited = scope == at || scope.starts_with(&format!("{at}/"));
            let holder = text_of(value, "principalId");
            let direct = principal.is_none_or(|principal| principal.eq_ignore_ascii_case(holder));
            let indirect = assigned.is_none_or(|object| {
                object.eq_ignore_ascii_case(holder)
                    || context
                        .world
                        .directory
                        .groups_of(object)
                        .iter()
                        .any(|group| group == holder)
            });
            (inherited || below && at.starts_with(&format!("{scope}/"))) && direct && indirect
        });
    as_list(found.cloned().collect())
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value["properties"][name].as_str().unwrap_or_default()
}

pub(super) fn route(
    context: &mut Context<'_>,
    identity: &Identity,
    scope: &str,
    at: usize,
) -> Handled {
    let name = context.request.segments[at].clone();
    let full = id(scope, &name);
    let found = context
        .world
        .assignments
        .get(&key(&full))
        .map(|assignment| assignment.value.clone());
    match context.request.method {
        Method::GET => found.map(Answer::ok).ok_or_else(|| missing(&name)),
        Method::DELETE => Ok(match context.world.assignments.remove(&key(&full)) {
            Some(assignment) => Answer::ok(assignment.value),
            None => Answer::empty(204),
        }),
        Method::PUT => put(context, identity, scope, &name, found),
        _ => Ok(Answer::empty(405)),
    }
}

fn missing(name: &str) -> Refusal {
    error::resource(
        404,
        "RoleAssignmentNotFound",
        &format!("The role assignment '{name}' is not found."),
    )
}

fn put(
    context: &mut Context<'_>,
    identity: &Identity,
    scope: &str,
    name: &str,
    before: Option<Value>,
) -> Handled {
    if !is_guid(name) {
        let message = format!(
            "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        );
        return Err(error::resource(400, "InvalidRoleAssignmentId", &message));
    }
    let body = context
        .request
        .json()
        .map_err(|error| error::resource(400, "InvalidRequestContent", &error.to_string()))?;
    let asked = &body["properties"];
    let text_at = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let (principal, definition) = (text_at("principalId"), text_at("roleDefinitionId"));
    let role = by_id(&definition).ok_or_else(|| {
        let message = format!(
            "The specified role definition with ID '{}' does not exist.",
            definition.rsplit('/').next().unwrap_or_default()
        );
        error::resource(400, "RoleDefinitionDoesNotExist", &message)
    })?;
    let kind = known_principal(context, &principal, asked["principalType"].as_str())?;
    if let Some(before) = before {
        return update(context, before, asked, (scope, &principal, role.guid));
    }
    for (found, other) in &context.world.assignments {
        if same(&other.value, scope, &principal, role.guid) && *found != key(&id(scope, name)) {
            return Err(error::resource(
                409,
                "RoleAssignmentExists",
                "The role assignment already exists.",
            ));
        }
    }
    let now = text(context.now);
    let value = json!({
        "id": id(scope, name), "name": name, "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "scope": scope, "roleDefinitionId": definition, "principalId": principal, "principalType": kind,
            "description": asked["description"], "condition": asked["condition"], "conditionVersion": asked["conditionVersion"],
            "delegatedManagedIdentityResourceId": null,
            "createdOn": now, "updatedOn": now, "createdBy": identity.object, "updatedBy": identity.object,
        },
    });
    let effective = context.now + Settings::seconds(context.settings.assignment);
    context.world.assignments.insert(
        key(&id(scope, name)),
        Assignment {
            value: value.clone(),
            effective,
        },
    );
    Ok(Answer::json(201, value))
}

fn same(value: &Value, scope: &str, principal: &str, role: &str) -> bool {
    key(text_of(value, "scope")) == key(scope)
        && text_of(value, "principalId").eq_ignore_ascii_case(principal)
        && by_id(text_of(value, "roleDefinitionId")).is_some_and(|found| found.guid == role)
}

/// Only description and condition can change.
fn update(
    context: &mut Context<'_>,
    before: Value,
    asked: &Value,
    (scope, principal, role): (&str, &str, &str),
) -> Handled {
    if !same(&before, scope, principal, role) {
        let message =
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
        return Err(error::resource(
            400,
            "RoleAssignmentUpdateNotPermitted",
            message,
        ));
    }
    let mut value = before;
    for name in ["description", "condition", "conditionVersion"] {
        value["properties"][name] = asked[name].clone();
    }
    value["properties"]["updatedOn"] = text(context.now).into();
    let id = key(value["id"].as_str().unwrap_or_default());
    if let Some(assignment) = context.world.assignments.get_mut(&id) {
        assignment.value = value.clone();
    }
    Ok(Answer::ok(value))
}

/// What kind of principal it is. A service principal or user that says so is taken as it is, for its replication may lag; a group,
/// and who does not say, is looked up.
fn known_principal(
    context: &Context<'_>,
    principal: &str,
    said: Option<&str>,
) -> Result<String, Refusal> {
    let directory = &context.world.directory;
    let app = directory
        .applications
        .iter()
        .any(|app| app.object_id == principal)
        || directory
            .identities
            .iter()
            .any(|identity| identity.object_id == principal);
    let user = directory
        .users
        .iter()
        .any(|user| user.object_id == principal);
    let group = directory
        .groups
        .iter()
        .find(|group| group.object_id == principal);
    let kind = match (app, user, group) {
        (true, _, _) => "ServicePrincipal",
        (_, true, _) => "User",
        (_, _, Some(group)) if group.assignable <= context.now => "Group",
        _ => match said {
            Some(said @ ("ServicePrincipal" | "User")) if is_guid(principal) && group.is_none() => {
                said
            }
            _ => return Err(unknown_principal(context, principal)),
        },
    };
    match said {
        Some(said) if said != kind => {
            let message = format!(
                "The PrincipalId '{principal}' has type '{kind}', which is different from specified PrincipalType '{said}'."
            );
            Err(error::resource(400, "UnmatchedPrincipalType", &message))
        }
        _ => Ok(kind.to_owned()),
    }
}

fn unknown_principal(context: &Context<'_>, principal: &str) -> Refusal {
    let message = format!(
        "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group. See https://aka.ms/docs-principaltype",
        principal.replace('-', ""),
        context.world.directory.tenant
    );
    error::resource(400, "PrincipalNotFound", &message)
}
