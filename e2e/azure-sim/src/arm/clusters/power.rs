//! Stopping and starting a cluster (AKS docs, "Stop and start an AKS cluster"), and ending what it is busy with (AKS docs, "Terminate
//! a long-running operation").

use super::{error, long, state};
use crate::http::Answer;
use crate::operation::{Ending, Verb};
use crate::simulator::{Context, Handled};
use crate::store::key;

pub(super) fn set(context: &mut Context<'_>, full: &str, verb: Verb) -> Handled {
    let id = key(full);
    long::idle(context, &id, verb, None)?;
    let wanted = if verb == Verb::Stop {
        "Stopped"
    } else {
        "Running"
    };
    let power = context
        .world
        .clusters
        .get_mut(&id)
        .map(|cluster| &mut cluster.value["properties"]["powerState"]["code"]);
    match power {
        Some(power) if *power == wanted => return Ok(Answer::empty(204)),
        Some(power) => *power = wanted.into(),
        None => {}
    }
    state(context.world, full, verb);
    let started = long::start(context, verb, full, &id);
    Ok(started.accepted(context, None))
}

pub(super) fn abort(context: &mut Context<'_>, full: &str) -> Handled {
    abort_of(context, &key(full), full)
}

/// Ends the operation of a resource at once; what it has done stays as it is.
pub(crate) fn abort_of(context: &mut Context<'_>, cluster: &str, resource: &str) -> Handled {
    let now = context.now;
    let running =
        context.world.operations.values_mut().find(|one| {
            !one.ended && one.cluster == cluster && key(&one.resource) == key(resource)
        });
    let Some(operation) = running else {
        let message = "There is no operation in progress that could be aborted.";
        return Err(error::flat(409, "OperationNotAllowed", message, ""));
    };
    operation.ending = Ending::Canceled;
    operation.ends = now;
    let id = key(resource);
    if let Some(pool) = context.world.pools.get_mut(&id) {
        pool.value["properties"]["provisioningState"] = "Canceling".into();
    }
    Ok(Answer::empty(204))
}
