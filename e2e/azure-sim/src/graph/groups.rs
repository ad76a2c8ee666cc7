//! Groups.

use serde_json::{Value, json};

use super::{error, filter, page};
use crate::clock::text;
use crate::http::{Answer, Refusal};
use crate::settings::Settings;
use crate::simulator::{Context, Handled};
use crate::store::Group;

/// The list lags behind what was created and changed (microsoftgraph docs; hashicorp/terraform-provider-azuread#578).
pub(super) fn list(context: &Context<'_>) -> Handled {
    let request = context.request;
    let advanced = request.parameter("$search").is_some()
        || request.parameter("$orderby").is_some() && request.parameter("$filter").is_some();
    if advanced && request.header("consistencylevel") != Some("eventual") {
        let message = "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'";
        return Err(error::refuse(400, "Request_UnsupportedQuery", message));
    }
    let visible = context
        .world
        .directory
        .groups
        .iter()
        .filter(|group| group.visible <= context.now);
    let found = filter::apply(
        request.parameter("$filter"),
        visible.map(|group| group.value.clone()).collect(),
    )?;
    Ok(page::answer(context, "groups", found))
}

/// A group that other calls see already.
pub(super) fn find<'a>(context: &'a Context<'_>, id: &str) -> Result<&'a Group, Refusal> {
    let mut groups = context.world.directory.groups.iter();
    let found = groups
        .find(|group| group.object_id.eq_ignore_ascii_case(id) && group.visible <= context.now);
    found.ok_or_else(|| error::missing(id))
}

pub(super) fn get(context: &Context<'_>, id: &str) -> Handled {
    let group = find(context, id)?;
    let mut value = page::selected(context, group.value.clone());
    value["@odata.context"] = format!("{}/v1.0/$metadata#groups/$entity", context.base).into();
    Ok(Answer::ok(value))
}

/// Required members: api-reference, group-post-groups.
pub(super) fn create(context: &mut Context<'_>) -> Handled {
    let body = context
        .request
        .json()
        .map_err(|error| error::refuse(400, "BadRequest", &error.to_string()))?;
    for name in [
        "displayName",
        "mailNickname",
        "mailEnabled",
        "securityEnabled",
    ] {
        if body[name].is_null() {
            let message = format!("A value is required for property '{name}' of resource 'Group'.");
            return Err(error::refuse(400, "Request_BadRequest", &message));
        }
    }
    let id = context.world.guids.take();
    let mut value = json!({
        "id": id, "createdDateTime": text(context.now), "description": null, "groupTypes": [], "mail": null,
        "isAssignableToRole": null, "visibility": null, "proxyAddresses": [],
    });
    copy(&mut value, &body);
    let after = |seconds| context.now + Settings::seconds(seconds);
    let group = Group {
        object_id: id,
        value: value.clone(),
        members: Vec::new(),
        visible: after(context.settings.directory),
        assignable: after(context.settings.principal),
    };
    context.world.directory.groups.push(group);
    value["@odata.context"] = format!("{}/v1.0/$metadata#groups/$entity", context.base).into();
    Ok(Answer::json(201, value))
}

fn copy(value: &mut Value, body: &Value) {
    for name in [
        "displayName",
        "mailNickname",
        "mailEnabled",
        "securityEnabled",
        "description",
        "groupTypes",
        "isAssignableToRole",
        "visibility",
    ] {
        if !body[name].is_null() {
            value[name] = body[name].clone();
        }
    }
}

pub(super) fn update(context: &mut Context<'_>, id: &str) -> Handled {
    let body = context
        .request
        .json()
        .map_err(|error| error::refuse(400, "BadRequest", &error.to_string()))?;
    find(context, id)?;
    let mut groups = context.world.directory.groups.iter_mut();
    if let Some(group) = groups.find(|group| group.object_id.eq_ignore_ascii_case(id)) {
        copy(&mut group.value, &body);
    }
    Ok(Answer::empty(204))
}

pub(super) fn delete(context: &mut Context<'_>, id: &str) -> Handled {
    find(context, id)?;
    let directory = &mut context.world.directory;
    directory
        .groups
        .retain(|group| !group.object_id.eq_ignore_ascii_case(id));
    for group in &mut directory.groups {
        group
            .members
            .retain(|member| !member.eq_ignore_ascii_case(id));
    }
    Ok(Answer::empty(204))
}
