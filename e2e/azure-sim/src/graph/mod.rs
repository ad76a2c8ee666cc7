//! Microsoft Graph v1.0: groups and who may be in them (its reference, "Groups", "Directory objects", "Service principals").

mod error;
mod filter;
mod groups;
mod members;
mod objects;
mod page;

use http::Method;

use crate::entra;
use crate::http::Refusal;
use crate::simulator::{Context, Handled};

pub(crate) fn route(context: &mut Context<'_>) -> Handled {
    let identity = entra::identity(context, true).map_err(error::rejected)?;
    let path = context.request.lower();
    let path: Vec<&str> = path[1..].iter().map(String::as_str).collect();
    let held = context.world.directory.permissions(&identity.object);
    allowed(context, &path, &held)?;
    match (context.request.method.clone(), path.as_slice()) {
        (Method::GET, ["groups"]) => groups::list(context),
        (Method::POST, ["groups"]) => groups::create(context),
        (Method::GET, ["groups", id]) => groups::get(context, id),
        (Method::PATCH, ["groups", id]) => groups::update(context, id),
        (Method::DELETE, ["groups", id]) => groups::delete(context, id),
        (Method::GET, ["groups", id, "members" | "transitivemembers"]) => {
            members::list(context, id, path[2] == "transitivemembers")
        }
        (Method::POST, ["groups", id, "members", "$ref"]) => members::add(context, id),
        (Method::DELETE, ["groups", id, "members", member, "$ref"]) => {
            members::remove(context, id, member)
        }
        (Method::GET, ["groups", id, "owners"]) => {
            groups::get(context, id)?;
            Ok(page::answer(context, "directoryObjects", Vec::new()))
        }
        (
            Method::POST,
            [
                _,
                id,
                "getmembergroups" | "checkmembergroups" | "getmemberobjects",
            ],
        ) => objects::groups_of(context, id),
        (Method::POST, ["directoryobjects", "getbyids"]) => objects::by_ids(context),
        (Method::GET, ["directoryobjects", id]) => objects::get(context, None, id),
        (Method::GET, [kind @ ("serviceprincipals" | "users" | "applications")]) => {
            objects::list(context, kind)
        }
        (Method::GET, [kind @ ("serviceprincipals" | "users" | "applications"), id]) => {
            objects::get(context, Some(kind), id)
        }
        _ => {
            let message = format!(
                "azure-sim does not know {} {}",
                context.request.method, context.request.target
            );
            tracing::warn!("{message}");
            Err(error::refuse(501, "NotSimulated", &message))
        }
    }
}

/// Application permissions, any one of which is enough (Graph's permissions reference).
fn allowed(context: &Context<'_>, path: &[&str], held: &[String]) -> Result<(), Refusal> {
    let write = matches!(context.request.method, Method::PATCH | Method::DELETE)
        || context.request.method == Method::POST
            && matches!(path, ["groups"] | ["groups", _, "members", "$ref"]);
    let enough: &[&str] = match (path.first().copied(), write) {
        (Some("groups"), true) if path.contains(&"members") => &[
            "GroupMember.ReadWrite.All",
            "Group.ReadWrite.All",
            "Directory.ReadWrite.All",
        ],
        (Some("groups"), true) => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
        (Some("groups"), false) => &[
            "GroupMember.Read.All",
            "Group.Read.All",
            "Directory.Read.All",
            "GroupMember.ReadWrite.All",
            "Group.ReadWrite.All",
            "Directory.ReadWrite.All",
        ],
        (Some("serviceprincipals" | "applications"), _) => &[
            "Application.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        (Some("users"), _) => &[
            "User.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        _ => return Ok(()),
    };
    if enough
        .iter()
        .any(|one| held.iter().any(|permission| permission == one))
    {
        return Ok(());
    }
    Err(error::refuse(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    ))
}
