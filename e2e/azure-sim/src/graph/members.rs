//! Members of groups.

use super::{error, groups, objects, page};
use crate::http::Answer;
use crate::simulator::{Context, Handled};

pub(super) fn list(context: &Context<'_>, id: &str, transitive: bool) -> Handled {
    let group = groups::find(context, id)?;
    let mut ids = group.members.clone();
    let mut at = 0;
    while transitive && at < ids.len() {
        let inner = context
            .world
            .directory
            .groups
            .iter()
            .find(|group| group.object_id == ids[at]);
        for member in inner.map(|group| group.members.clone()).unwrap_or_default() {
            if !ids.contains(&member) {
                ids.push(member);
            }
        }
        at += 1;
    }
    let found = ids
        .iter()
        .filter_map(|id| objects::show(context, id))
        .collect();
    Ok(page::answer(context, "directoryObjects", found))
}

/// api-reference, group-post-members: the member is a reference by URL.
pub(super) fn add(context: &mut Context<'_>, id: &str) -> Handled {
    groups::find(context, id)?;
    let body = context
        .request
        .json()
        .map_err(|error| error::refuse(400, "BadRequest", &error.to_string()))?;
    let member = body["@odata.id"]
        .as_str()
        .and_then(|url| url.rsplit('/').next())
        .unwrap_or_default()
        .to_owned();
    if objects::show(context, &member).is_none() {
        return Err(error::missing(&member));
    }
    let mut groups = context.world.directory.groups.iter_mut();
    if let Some(group) = groups.find(|group| group.object_id.eq_ignore_ascii_case(id)) {
        if group.members.contains(&member) {
            let message = "One or more added object references already exist for the following modified properties: 'members'.";
            return Err(error::refuse(400, "Request_BadRequest", message));
        }
        group.members.push(member);
    }
    Ok(Answer::empty(204))
}

pub(super) fn remove(context: &mut Context<'_>, id: &str, member: &str) -> Handled {
    let group = groups::find(context, id)?;
    if !group
        .members
        .iter()
        .any(|known| known.eq_ignore_ascii_case(member))
    {
        return Err(error::missing(member));
    }
    let mut groups = context.world.directory.groups.iter_mut();
    if let Some(group) = groups.find(|group| group.object_id.eq_ignore_ascii_case(id)) {
        group
            .members
            .retain(|known| !known.eq_ignore_ascii_case(member));
    }
    Ok(Answer::empty(204))
}
