//! Removing a pool.

use super::{Place, error, rules};
use crate::arm::{etag, long};
use crate::http::Answer;
use crate::operation::Verb;
use crate::simulator::{Context, Handled};

pub(super) fn delete(context: &mut Context<'_>, place: &Place) -> Handled {
    let Some(pool) = context.world.pools.get(&place.key()).cloned() else {
        return Ok(Answer::empty(204));
    };
    etag::check(context.request, etag::of(&pool.value))?;
    long::idle(context, &place.cluster_key(), Verb::Delete, Some(&place.id))?;
    if context.world.pools_of(&place.cluster_key()).count() == 1 {
        // Azure/AKS#2560, pulumi/pulumi-azure-native#1575.
        return Err(error::flat(
            400,
            "OperationNotAllowed",
            "There has to be at least one agent pool.",
            "",
        ));
    }
    if pool.value["properties"]["mode"] == "System" && !rules::has_other_system(context, place) {
        return Err(error::flat(
            400,
            "OperationNotAllowed",
            "There has to be at least one system agent pool.",
            "",
        ));
    }
    let properties = pool.value["properties"].clone();
    let (started, _) = place.begin(context, Verb::Delete, properties, pool);
    Ok(started.accepted(context, None))
}
