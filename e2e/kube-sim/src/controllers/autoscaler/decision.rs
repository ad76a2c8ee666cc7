//! What an autoscaler decides when it knows nothing of the load, and how its status says so.

use serde_json::{Value, json};

use crate::clock::seconds;
use crate::controllers::World;
use crate::controllers::object::{condition, list, number, text, without_nulls};

/// What is to be done with the target.
pub enum Decision {
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
    /// By its size and the bounds.
    pub fn of(scaler: &Value, target: Option<&Value>) -> Decision {
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

    /// The size that it is to get.
    pub fn size(&self) -> Option<i64> {
        match self {
            Decision::Above(size) | Decision::Below(size) => Some(*size),
            _ => None,
        }
    }

    /// In the autoscaler's words.
    pub fn why(&self) -> &'static str {
        match self {
            Decision::Above(_) => "Current number of replicas above Spec.MaxReplicas",
            _ => "Current number of replicas below Spec.MinReplicas",
        }
    }

    /// The autoscaler with its status.
    pub fn status(&self, world: &World, scaler: &Value, target: Option<&Value>) -> Value {
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
