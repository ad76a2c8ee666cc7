//! Where an operation stands (Resource Manager RPC, `async-api-reference.md`).

use super::{error, long};
use crate::http::Answer;
use crate::operation::{Ending, Verb};
use crate::simulator::{Context, Handled};
use crate::store::key;

/// `operations` answers 200 with the state in its body; `operationresults` 202 while it runs, then what the request would have
/// answered at once.
pub(super) fn get(context: &Context<'_>, kind: &str, name: &str) -> Handled {
    let Some(operation) = context.world.operations.get(name) else {
        let message = format!("The entity was not found: operation '{name}'.");
        return Err(error::flat(404, "NotFound", &message, ""));
    };
    let wait = long::retry_after(context).to_string();
    if kind == "operations" {
        let answer = Answer::ok(operation.body());
        return Ok(if operation.ended {
            answer
        } else {
            answer.with("retry-after", wait)
        });
    }
    if !operation.ended {
        let here = format!("{}{}", context.base, context.request.target);
        return Ok(Answer::empty(202)
            .with("location", here)
            .with("retry-after", wait));
    }
    if let Ending::Failed { code, message } = &operation.ending {
        return Err(error::flat(400, code, message, ""));
    }
    let id = key(&operation.resource);
    let pool = context.world.pools.get(&id).map(|pool| &pool.value);
    let found = pool.or_else(|| {
        context
            .world
            .clusters
            .get(&id)
            .map(|cluster| &cluster.value)
    });
    Ok(match found {
        Some(value) if operation.verb == Verb::UpgradeImage => Answer::ok(value.clone()),
        _ => Answer::empty(204),
    })
}
