//! Who may do what: tokens first, then role assignments (Azure docs, "What is Azure RBAC", "How Azure RBAC determines if a user has
//! access to a resource").

use http::Method;
use time::OffsetDateTime;

use super::authorization::roles;
use super::error;
use crate::clock::text;
use crate::entra::{self, Identity, Rejection};
use crate::http::Refusal;
use crate::simulator::Context;
use crate::store::World;

pub(super) fn identity(context: &Context<'_>) -> Result<Identity, Refusal> {
    entra::identity(context, false).map_err(|why| {
        let (code, message) = match why {
            Rejection::Missing => ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.".to_owned()),
            Rejection::Malformed => ("InvalidAuthenticationToken", "The access token is invalid.".to_owned()),
            Rejection::Expired => (
                "ExpiredAuthenticationToken",
                format!("The access token expiry UTC time is earlier than current UTC time '{}'.", text(OffsetDateTime::now_utc())),
            ),
            Rejection::Audience => (
                "InvalidAuthenticationTokenAudience",
                format!("The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/','{}/'.", context.base),
            ),
        };
        let tenant = &context.world.directory.tenant;
        let challenge = format!("Bearer authorization_uri=\"{}/{tenant}\", error=\"invalid_token\", error_description=\"{message}\"", context.base);
        error::resource(401, code, &message).with("www-authenticate", challenge)
    })
}

/// Refuses what the sender's roles do not allow.
pub(super) fn check(
    context: &Context<'_>,
    identity: &Identity,
    path: &[&str],
) -> Result<(), Refusal> {
    let Some((action, scope)) = action(context, path) else {
        return Ok(());
    };
    if allows(
        context.world,
        context.now,
        &identity.object,
        &action,
        &scope,
    ) {
        return Ok(());
    }
    let message = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        identity.client, identity.object
    );
    Err(error::resource(403, "AuthorizationFailed", &message))
}

fn allows(world: &World, now: OffsetDateTime, object: &str, action: &str, scope: &str) -> bool {
    let groups = world.directory.groups_of(object);
    let scope = scope.to_ascii_lowercase();
    world
        .assignments
        .values()
        .filter(|assignment| assignment.effective <= now)
        .any(|assignment| {
            let properties = &assignment.value["properties"];
            let principal = properties["principalId"].as_str().unwrap_or_default();
            let at = properties["scope"]
                .as_str()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let covers =
                scope == at || scope.starts_with(&format!("{}/", at.trim_end_matches('/')));
            let definition = properties["roleDefinitionId"].as_str().unwrap_or_default();
            covers
                && (principal == object || groups.iter().any(|group| group == principal))
                && roles::by_id(definition).is_some_and(|role| role.allows(action))
        })
}

/// The action that a request is, and on what; none for what every signed-in caller may ask.
///
/// Actions are named after the resource's type: `Microsoft.ContainerService/managedClusters/agentPools/write` and so on (Azure docs,
/// "Azure permissions for Containers").
fn action(context: &Context<'_>, path: &[&str]) -> Option<(String, String)> {
    let names = &context.request.segments;
    let method = &context.request.method;
    let (kind, scope_end) = match path.iter().rposition(|part| *part == "providers") {
        Some(at) if names.len() > at + 2 && !matches!(path[at + 2], "register" | "unregister") => {
            let types: Vec<&str> = names[at + 2..]
                .iter()
                .step_by(2)
                .map(String::as_str)
                .collect();
            let open = (names.len() - at) % 2 == 1;
            let end = if open { names.len() - 1 } else { names.len() };
            (format!("{}/{}", names[at + 1], types.join("/")), end)
        }
        Some(at) if path[0] == "subscriptions" => {
            let verb = names.get(at + 2)?;
            return Some((format!("{}/{verb}/action", names[at + 1]), scope(names, at)));
        }
        None if path.len() > 2 && path[2] == "resourcegroups" => {
            let kind = "Microsoft.Resources/subscriptions/resourceGroups";
            (kind.to_owned(), names.len())
        }
        _ => return None,
    };
    // Where an operation stands is shown to whoever knows its name; what Compute offers, and which roles there are, to all of the subscription.
    if path.iter().any(|part| {
        matches!(
            *part,
            "operations"
                | "operationresults"
                | "skus"
                | "usages"
                | "kubernetesversions"
                | "roledefinitions"
        )
    }) {
        return None;
    }
    let verb = match *method {
        Method::GET | Method::HEAD => "read",
        Method::PUT | Method::PATCH => "write",
        Method::DELETE => "delete",
        _ => "action",
    };
    Some((format!("{kind}/{verb}"), scope(names, scope_end)))
}

fn scope(names: &[String], end: usize) -> String {
    format!("/{}", names[..end].join("/"))
}
