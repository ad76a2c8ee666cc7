//! HorizontalPodAutoscalers of a cluster without a metrics API: the target is kept between the bounds, and the
//! conditions say why nothing more is done. After `k8s.io/kubernetes/pkg/controller/podautoscaler` 1.36.

mod decision;

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::event::{Event, Teller};
use super::kinds::{AUTOSCALER, DEPLOYMENT};
use super::object::{self, text};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::clock::parse;
use crate::store::{Change, Key};

use decision::Decision;

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "horizontal-pod-autoscaler");

/// `--horizontal-pod-autoscaler-sync-period`.
const EVERY: Duration = Duration::seconds(15);

/// The autoscaler.
pub struct Autoscalers;

impl Controller for Autoscalers {
    /// Changes of the target are noticed with the next look, as by the real one.
    fn concerns(&self, _world: &World, change: &Change) -> Vec<Key> {
        let ours = change.key.resource == AUTOSCALER.resource;
        if ours {
            vec![change.key.clone()]
        } else {
            Vec::new()
        }
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(scaler) = world.get(key).filter(|scaler| !object::terminating(scaler)) else {
            return Plan::nothing();
        };
        let due = written(scaler) + EVERY;
        if world.now < due {
            return Plan::wait(due);
        }
        let target = target(world, scaler);
        let mut writes = Vec::new();
        let decision = Decision::of(scaler, target);
        let changed = decision.status(world, scaler, target);
        if let (Some(target), Some(size)) = (target, decision.size()) {
            let mut scaled = target.clone();
            scaled["spec"]["replicas"] = size.into();
            writes.push(Write::update(CLIENT, &DEPLOYMENT.resource, scaled));
            let message = format!("New size: {size}; reason: {}", decision.why());
            writes.push(tell(world, scaler, "Normal", "SuccessfulRescale", &message));
        }
        if changed != *scaler {
            writes.push(Write::status(CLIENT, &AUTOSCALER.resource, changed));
        }
        if let Decision::NoMetrics(words) = &decision
            && !knows_no_metrics(scaler)
        {
            let more = format!("invalid metrics (1 invalid out of 1), first error is: {words}");
            writes.push(tell(
                world,
                scaler,
                "Warning",
                "FailedGetResourceMetric",
                words,
            ));
            writes.push(tell(
                world,
                scaler,
                "Warning",
                "FailedComputeMetricsReplicas",
                &more,
            ));
        }
        Plan {
            writes,
            again: Some(world.now + EVERY),
        }
    }
}

/// When somebody wrote the autoscaler last: the real one looks at it one period later (`NewDefaultHPARateLimiter`), so that who changed
/// autoscaler and target together finds both as they were left.
fn written(scaler: &Value) -> OffsetDateTime {
    let by_others = object::list(scaler, "/metadata/managedFields")
        .iter()
        .filter(|owner| owner["subresource"] != "status");
    by_others
        .filter_map(|owner| parse(owner["time"].as_str()?))
        .max()
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Whether the status says so already: the real one tells it every 15 seconds.
fn knows_no_metrics(scaler: &Value) -> bool {
    object::condition(scaler, "ScalingActive")
        .is_some_and(|active| active["reason"] == "FailedGetResourceMetric")
}

fn target<'a>(world: &'a World, scaler: &Value) -> Option<&'a Value> {
    let reference = &scaler["spec"]["scaleTargetRef"];
    let deployment = reference["kind"] == DEPLOYMENT.title;
    let name = text(reference, "/name");
    world
        .find(&DEPLOYMENT.resource, object::namespace(scaler), name)
        .filter(|_| deployment)
}

fn tell(
    world: &World,
    scaler: &Value,
    severity: &'static str,
    reason: &str,
    message: &str,
) -> Write {
    let event = Event {
        about: scaler,
        kind: &AUTOSCALER,
        severity,
        reason,
        message,
    };
    event.told_by(TELLER, world)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::controllers::testing::Sim;

    #[test]
    fn the_target_is_kept_between_the_bounds() {
        for (size, wanted, condition) in [
            (1, 2, "SucceededGetScale"),
            (9, 5, "SucceededGetScale"),
            (3, 3, "SucceededGetScale"),
            (0, 0, "SucceededGetScale"),
        ] {
            let mut sim = Sim::with(vec![Box::new(Autoscalers)]);
            sim.create(
                &DEPLOYMENT,
                json!({"metadata": {"name": "d", "namespace": "n"}, "spec": {"replicas": size}}),
            );
            let spec = json!({
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"},
                "minReplicas": 2,
                "maxReplicas": 5,
            });
            sim.create(
                &AUTOSCALER,
                json!({"metadata": {"name": "a", "namespace": "n"}, "spec": spec}),
            );
            sim.settle();
            assert_eq!(
                sim.get(&DEPLOYMENT, "n", "d").unwrap()["spec"]["replicas"],
                wanted
            );
            let scaler = sim.get(&AUTOSCALER, "n", "a").unwrap();
            assert_eq!(
                object::condition(&scaler, "AbleToScale").unwrap()["reason"],
                condition
            );
            let active = object::condition(&scaler, "ScalingActive").unwrap();
            let reason = if size == 0 {
                "ScalingDisabled"
            } else {
                "FailedGetResourceMetric"
            };
            assert_eq!(active["reason"], reason);
        }
    }
}
