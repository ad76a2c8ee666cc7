//! Deployment.

use serde_json::{Value, json};

use super::{Factory, Live, Names, pod_template, selector};
use crate::{
    Arg, Object, duration,
    object::without_nulls,
    service::{
        Args,
        rollout::{self, Strategy},
    },
};

pub(super) fn render(new: &Factory, names: &Names, live: &Live) -> Object {
    let args = new.args;
    let spec = json!({
        "replicas": replicas(args),
        "selector": { "matchLabels": selector(args, live) },
        "strategy": strategy(rollout::strategy(args)),
        "minReadySeconds": seconds(args, |rollout| &rollout.min_ready),
        // Kubernetes gives up after 10 minutes by itself; a longer time-out of ours must reach it.
        "progressDeadlineSeconds": seconds(args, |rollout| &rollout.timeout),
        "template": pod_template(args, names, live),
    });
    new.namesake("apps/v1", "Deployment")
        .with("spec", without_nulls(spec))
}

/// Nothing under an autoscaler, which owns the number.
fn replicas(args: &Args) -> Option<i64> {
    args.autoscale.is_absent().then(|| args.replicas.or(1))
}

fn strategy(strategy: Strategy) -> Value {
    match strategy {
        Strategy::Recreate => json!({ "type": "Recreate" }),
        Strategy::Rolling { unavailable, surge } => json!({
            "type": "RollingUpdate",
            "rollingUpdate": { "maxUnavailable": unavailable.to_json(), "maxSurge": surge.to_json() }
        }),
    }
}

fn seconds(args: &Args, pick: fn(&crate::service::parts::Rollout) -> &Arg<String>) -> Option<u64> {
    let text = pick(args.rollout.given()?).given()?;
    duration::parse(text).ok().map(duration::whole_seconds)
}
