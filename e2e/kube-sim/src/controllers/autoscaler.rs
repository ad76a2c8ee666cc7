//! HorizontalPodAutoscalers of a cluster without a metrics API: the target is kept between the bounds, and the
//! conditions say why nothing more is done. After `k8s.io/kubernetes/pkg/controller/podautoscaler` 1.36.

use serde_json::{Value, json};
use time::Duration;

use super::event::{Event, Teller};
use super::kinds::{AUTOSCALER, DEPLOYMENT};
use super::object::{self, condition, list, number, text, without_nulls};
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::clock::seconds;
use crate::store::{Change, Key};

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "horizontal-pod-autoscaler");

/// `--horizontal-pod-autoscaler-sync-period`.
const EVERY: Duration = Duration::seconds(15);

/// The autoscaler.
pub struct Autoscalers;

impl Controller for Autoscalers {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource == AUTOSCALER.resource {
            return vec![change.key.clone()];
        }
        if change.key.resource != DEPLOYMENT.resource {
            return Vec::new();
        }
        let scalers = world.within(&AUTOSCALER.resource, &change.key.namespace);
        let ours =
            scalers.filter(|scaler| text(scaler, "/spec/scaleTargetRef/name") == change.key.name);
        ours.map(|scaler| Key::of(&AUTOSCALER.resource, scaler))
            .collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(scaler) = world.get(key).filter(|scaler| !object::terminating(scaler)) else {
            return Plan::nothing();
        };
        let target = target(world, scaler);
        let mut writes = Vec::new();
        let decision = Decision::of(scaler, target);
        let changed = decision.status(world, scaler, target);
        let news = changed != *scaler;
        if let (Some(target), Some(size)) = (target, decision.size()) {
            let mut scaled = target.clone();
            scaled["spec"]["replicas"] = size.into();
            writes.push(Write::update(CLIENT, &DEPLOYMENT.resource, scaled));
            let message = format!("New size: {size}; reason: {}", decision.why());
            writes.push(tell(world, scaler, "Normal", "SuccessfulRescale", &message));
        }
        if news {
            writes.push(Write::status(CLIENT, &AUTOSCALER.resource, changed));
            if let Decision::NoMetrics(words) = &decision {
                writes.push(tell(
                    world,
                    scaler,
                    "Warning",
                    "FailedGetResourceMetric",
                    words,
                ));
                let words =
                    format!("invalid metrics (1 invalid out of 1), first error is: {words}");
                writes.push(tell(
                    world,
                    scaler,
                    "Warning",
                    "FailedComputeMetricsReplicas",
                    &words,
                ));
            }
        }
        Plan {
            writes,
            again: Some(world.now + EVERY),
        }
    }
}

fn target<'a>(world: &'a World, scaler: &Value) -> Option<&'a Value> {
    let reference = &scaler["spec"]["scaleTargetRef"];
    let deployment = reference["kind"] == DEPLOYMENT.kind;
    let name = text(reference, "/name");
    world
        .find(&DEPLOYMENT.resource, object::namespace(scaler), name)
        .filter(|_| deployment)
}

enum Decision {
    /// There is nothing to scale.
    NoTarget,
    /// The target has been scaled to zero by hand: hands off.
    Off,
    /// Too many.
    Above(i64),
    /// Too few.
    Below(i64),
    /// Within the bounds, and nothing is known about the load.
    NoMetrics(String),
}

impl Decision {
    fn of(scaler: &Value, target: Option<&Value>) -> Decision {
        let Some(target) = target else {
            return Decision::NoTarget;
        };
        let size = number(target, "/spec/replicas").unwrap_or(1);
        let least = number(scaler, "/spec/minReplicas").unwrap_or(1);
        let most = number(scaler, "/spec/maxReplicas").unwrap_or(least);
        match size {
            0 if least != 0 => Decision::Off,
            _ if size > most => Decision::Above(most),
            _ if size < least => Decision::Below(least),
            _ => Decision::NoMetrics(no_metrics(scaler)),
        }
    }

    fn size(&self) -> Option<i64> {
        match self {
            Decision::Above(size) | Decision::Below(size) => Some(*size),
            _ => None,
        }
    }

    fn why(&self) -> &'static str {
        match self {
            Decision::Above(_) => "Current number of replicas above Spec.MaxReplicas",
            _ => "Current number of replicas below Spec.MinReplicas",
        }
    }

    fn status(&self, world: &World, scaler: &Value, target: Option<&Value>) -> Value {
        let mut changed = scaler.clone();
        for (kind, status, reason, message) in self.conditions(scaler) {
            set(
                &mut changed,
                kind,
                status,
                reason,
                &message,
                &seconds(world.now),
            );
        }
        let current = target.and_then(|target| number(target, "/status/replicas"));
        let mut status = changed["status"].take();
        status["currentReplicas"] = current.unwrap_or(0).into();
        let desired = self
            .size()
            .or_else(|| number(scaler, "/status/desiredReplicas"));
        status["desiredReplicas"] = desired.unwrap_or(0).into();
        if self.size().is_some() {
            status["lastScaleTime"] = seconds(world.now).into();
        }
        changed["status"] = without_nulls(status);
        changed
    }

    fn conditions(
        &self,
        scaler: &Value,
    ) -> Vec<(&'static str, &'static str, &'static str, String)> {
        let got_scale = || {
            let words = "the HPA controller was able to get the target's current scale";
            ("AbleToScale", "True", "SucceededGetScale", words.to_owned())
        };
        let rescaled = |size: i64| {
            let words = format!("the HPA controller was able to update the target scale to {size}");
            ("AbleToScale", "True", "SucceededRescale", words)
        };
        match self {
            Decision::NoTarget => {
                let kind = text(scaler, "/spec/scaleTargetRef/kind").to_lowercase();
                let name = text(scaler, "/spec/scaleTargetRef/name");
                let words = format!(
                    "the HPA controller was unable to get the target's current scale: {kind}s.apps {name:?} not found"
                );
                vec![("AbleToScale", "False", "FailedGetScale", words)]
            }
            Decision::Off => {
                let words = "scaling is disabled since the replica count of the target is zero";
                vec![
                    got_scale(),
                    (
                        "ScalingActive",
                        "False",
                        "ScalingDisabled",
                        words.to_owned(),
                    ),
                ]
            }
            Decision::Above(size) | Decision::Below(size) => vec![rescaled(*size)],
            Decision::NoMetrics(words) => {
                let words = format!("the HPA was unable to compute the replica count: {words}");
                vec![
                    got_scale(),
                    ("ScalingActive", "False", "FailedGetResourceMetric", words),
                ]
            }
        }
    }
}

/// The words for the first metric: there is no metrics API here.
fn no_metrics(scaler: &Value) -> String {
    let metrics = list(scaler, "/spec/metrics");
    let resource = metrics
        .first()
        .map_or("cpu", |metric| text(metric, "/resource/name"));
    format!(
        "failed to get {resource} utilization: unable to get metrics for resource {resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
    )
}

fn set(scaler: &mut Value, kind: &str, status: &str, reason: &str, message: &str, now: &str) {
    let before = condition(scaler, kind).filter(|before| before["status"] == status);
    let since = before.map_or_else(|| now.into(), |before| before["lastTransitionTime"].clone());
    let said = json!({"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message});
    let mut conditions = list(scaler, "/status/conditions").to_vec();
    match conditions
        .iter_mut()
        .find(|condition| condition["type"] == kind)
    {
        Some(condition) => *condition = said,
        None => conditions.push(said),
    }
    scaler["status"]["conditions"] = conditions.into();
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
