//! Node pools: `agentPools` of 2025-10-01.

pub mod defaults;
mod delete;
mod merge;
mod power;
pub mod properties;
mod put;
mod rules;
mod upgrade;

use http::Method;
use serde_json::Value;

use super::clusters::abort_of;
use super::{error, list, long};
use crate::http::{Answer, Refusal};
use crate::operation::Verb;
use crate::simulator::{Context, Handled};
use crate::store::{Pool, key};

pub(super) use put::{through_cluster, with_cluster};

/// Which of the path's segments is the pool's name.
const NAME: usize = 9;

/// `cluster` is the cluster's id, `rest` what follows `agentPools`.
pub(super) fn route(context: &mut Context<'_>, cluster: &str, rest: &[&str]) -> Handled {
    let Some((_, rest)) = rest.split_first() else {
        let pools = context
            .world
            .pools_of(&key(cluster))
            .map(|(_, pool)| pool.value.clone());
        return Ok(list(pools.collect()));
    };
    // The name as it was sent, not in lower case.
    let name = context.request.segments[NAME].clone();
    let at = Place {
        cluster: cluster.to_owned(),
        id: format!("{cluster}/agentPools/{name}"),
        name,
    };
    match (context.request.method.clone(), rest) {
        (Method::GET, []) => Ok(Answer::ok(at.find(context)?.value)),
        (Method::PUT, []) => put::put(context, &at),
        (Method::DELETE, []) => delete::delete(context, &at),
        (Method::POST, ["abort"]) => {
            at.find(context)?;
            abort_of(context, &key(cluster), &at.id)
        }
        (Method::POST, ["upgradenodeimageversion"]) => upgrade::node_image(context, &at),
        (Method::GET, ["upgradeprofiles", "default"]) => upgrade::profile(context, &at),
        (Method::POST, ["deletemachines"]) => {
            at.find(context)?;
            Err(error::flat(
                501,
                "NotImplemented",
                "azure-sim does not simulate single machines of a node pool.",
                "",
            ))
        }
        _ => Err(super::unknown(context)),
    }
}

/// Which pool a request is about.
struct Place {
    cluster: String,
    id: String,
    name: String,
}

impl Place {
    fn key(&self) -> String {
        key(&self.id)
    }

    fn cluster_key(&self) -> String {
        key(&self.cluster)
    }

    fn find(&self, context: &Context<'_>) -> Result<Pool, Refusal> {
        context
            .world
            .pools
            .get(&self.key())
            .cloned()
            .ok_or_else(|| {
                error::flat(
                    404,
                    "NotFound",
                    &format!("Could not find the agentpool {} in the cluster.", self.name),
                    "",
                )
            })
    }

    /// Stores what is wanted and starts the operation that brings it about.
    fn begin(
        &self,
        context: &mut Context<'_>,
        verb: Verb,
        mut properties: Value,
        before: Pool,
    ) -> (long::Started, Value) {
        properties["eTag"] = context.world.guids.take().into();
        properties["provisioningState"] = verb.state().into();
        let value = serde_json::json!({
            "id": self.id, "name": self.name, "type": "Microsoft.ContainerService/managedClusters/agentPools",
            "properties": properties,
        });
        context.world.pools.insert(
            self.key(),
            Pool {
                value: value.clone(),
                ..before
            },
        );
        (
            long::start(context, verb, &self.id, &self.cluster_key()),
            value,
        )
    }
}
