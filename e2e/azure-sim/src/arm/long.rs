//! Starting a long-running operation, and the answer that says so.

use serde_json::Value;

use super::{error, versions};
use crate::http::{Answer, Refusal};
use crate::operation::{Operation, Verb};
use crate::settings::Settings;
use crate::simulator::Context;
use crate::store::key;

/// An operation that was started.
pub(super) struct Started {
    name: String,
    subscription: String,
    location: String,
    retry_after: u64,
}

/// Refuses what a busy cluster does not take: one operation at a time, but for node images, which the CLI has upgraded in all pools at
/// once (azure-cli, `aks_upgrade` with `--node-image-only`). Three messages, one code: Microsoft's support article "Troubleshoot the
/// OperationNotAllowed error code" (SupportArticles-docs, operationnotallowed.md). `pool` is the id of the pool that is to change.
pub(super) fn idle(
    context: &Context<'_>,
    cluster: &str,
    verb: Verb,
    pool: Option<&str>,
) -> Result<(), Refusal> {
    let beside = |running: &&Operation| {
        let images = running.verb == Verb::UpgradeImage && verb == Verb::UpgradeImage;
        !images || pool.is_some_and(|pool| key(pool) == key(&running.resource))
    };
    let Some(running) = context.world.running(cluster).find(beside) else {
        return Ok(());
    };
    let state = running.verb.state();
    let message = match (running.resource.rsplit_once("/agentPools/"), pool) {
        (None, _) => {
            format!("Operation is not allowed: Another operation ({state}) is in progress.")
        }
        (Some((_, name)), Some(_)) => format!(
            "Operation is not allowed: Another agentpool operation ({name} - {state}) is in progress."
        ),
        (Some((_, name)), None) => format!(
            "Managed Cluster operation is not allowed: agentpool {name} is being changed ({state} is in progress)."
        ),
    };
    let message = format!(
        "{message} Please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details"
    );
    Err(error::flat(409, "OperationNotAllowed", &message, ""))
}

/// Starts one on a cluster (by its key) or one of its pools.
pub(super) fn start(
    context: &mut Context<'_>,
    verb: Verb,
    resource: &str,
    cluster: &str,
) -> Started {
    let name = context.world.guids.take();
    let settings = context.settings;
    let seconds = match (verb, resource.contains("/agentPools/")) {
        (Verb::Create | Verb::Delete | Verb::Upgrade, false) => settings.cluster,
        (_, false) | (Verb::Stop | Verb::Start | Verb::Update, true) => settings.pool_update,
        (Verb::Create, true) => settings.pool_create,
        (Verb::Scale, true) => settings.pool_scale,
        (Verb::Upgrade | Verb::UpgradeImage, true) => settings.pool_upgrade,
        (Verb::Delete, true) => settings.pool_delete,
    };
    let location = context
        .world
        .clusters
        .get(cluster)
        .and_then(|cluster| cluster.value["location"].as_str())
        .unwrap_or_default()
        .to_owned();
    let operation = Operation {
        name: name.clone(),
        verb,
        resource: resource.to_owned(),
        cluster: key(cluster),
        started: context.now,
        ends: context.now + Settings::seconds(seconds),
        ending: std::mem::take(&mut context.ending),
        ended: false,
    };
    context.world.operations.insert(name.clone(), operation);
    Started {
        name,
        subscription: resource.split('/').nth(2).unwrap_or_default().to_owned(),
        location,
        retry_after: retry_after(context),
    }
}

/// After how many seconds to ask again: at once where time stands, for nobody else lets it pass.
pub(super) fn retry_after(context: &Context<'_>) -> u64 {
    if context.stepped {
        0
    } else {
        context.settings.retry_after
    }
}

impl Started {
    /// The answer to a PUT: the resource, and where to look (AKS adds the status URL only).
    pub fn put(&self, context: &Context<'_>, status: u16, resource: Value) -> Answer {
        self.at(context, Answer::json(status, resource), false)
    }

    /// The answer to a DELETE or POST, 202.
    pub fn accepted(&self, context: &Context<'_>, body: Option<Value>) -> Answer {
        let answer = Answer {
            body,
            ..Answer::empty(202)
        };
        self.at(context, answer, true)
    }

    fn at(&self, context: &Context<'_>, answer: Answer, with_location: bool) -> Answer {
        let url = |kind: &str| {
            format!(
                "{}/subscriptions/{}/providers/Microsoft.ContainerService/locations/{}/{kind}/{}?api-version={}",
                context.base,
                self.subscription,
                self.location,
                self.name,
                versions::OF_OPERATIONS
            )
        };
        let answer = answer
            .with("azure-asyncoperation", url("operations"))
            .with("retry-after", self.retry_after.to_string());
        if with_location {
            answer.with("location", url("operationresults"))
        } else {
            answer
        }
    }
}
