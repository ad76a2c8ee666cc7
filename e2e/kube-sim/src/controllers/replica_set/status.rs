//! The status of a ReplicaSet: counts of its pods, and whether the API refuses to make them.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Pods;
use crate::clock::{parse, seconds};
use crate::controllers::object::{self, condition, holds, number, unless_zero};
use crate::controllers::selector::has_all;

/// `calculateStatus`: the set with its status counted anew.
pub fn counted(set: &Value, pods: &Pods<'_>, failure: Option<&str>, now: OffsetDateTime) -> Value {
    let labels = set["spec"]["template"]["metadata"]["labels"].as_object();
    let labelled = |pod: &&&Value| labels.is_none_or(|wanted| has_all(object::labels(pod), wanted));
    let min_ready = min_ready(set);
    let available =
        |pod: &&&Value| available_at(pod, min_ready).is_some_and(|moment| moment <= now);
    let count =
        |wanted: &dyn Fn(&&&Value) -> bool| length(pods.active.iter().filter(wanted).count());
    let replicas = length(pods.active.len());
    let mut status = json!({
        // Not left out where it is zero, as everywhere else.
        "replicas": replicas,
        "fullyLabeledReplicas": unless_zero(count(&labelled)),
        "readyReplicas": unless_zero(count(&|pod| holds(pod, "Ready"))),
        "availableReplicas": unless_zero(count(&available)),
        "terminatingReplicas": length(pods.terminating),
        "observedGeneration": unless_zero(number(set, "/metadata/generation").unwrap_or(0)),
    });
    let conditions = conditions(set, replicas, failure, now);
    if !conditions.is_empty() {
        status["conditions"] = conditions.into();
    }
    let mut changed = set.clone();
    changed["status"] = object::without_nulls(status);
    changed
}

fn conditions(
    set: &Value,
    replicas: i64,
    failure: Option<&str>,
    now: OffsetDateTime,
) -> Vec<Value> {
    let mut conditions = object::list(set, "/status/conditions").to_vec();
    let failed_before = condition(set, "ReplicaFailure").is_some();
    match failure {
        Some(message) if !failed_before => {
            let few = replicas < number(set, "/spec/replicas").unwrap_or(1);
            conditions.push(json!({
                "type": "ReplicaFailure",
                "status": "True",
                "lastTransitionTime": seconds(now),
                "reason": if few { "FailedCreate" } else { "FailedDelete" },
                "message": message,
            }));
        }
        None => conditions.retain(|condition| condition["type"] != "ReplicaFailure"),
        Some(_) => {}
    }
    conditions
}

/// When the next ready pod has been ready for long enough.
pub fn next_available(
    set: &Value,
    active: &[&Value],
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let min_ready = min_ready(set);
    let moments = active.iter().filter_map(|pod| available_at(pod, min_ready));
    moments.filter(|moment| *moment > now).min()
}

/// `IsPodAvailable`, as the moment from which on it holds.
fn available_at(pod: &Value, min_ready: Duration) -> Option<OffsetDateTime> {
    let ready = condition(pod, "Ready").filter(|ready| ready["status"] == "True")?;
    if min_ready.is_zero() {
        return Some(OffsetDateTime::UNIX_EPOCH);
    }
    Some(parse(ready["lastTransitionTime"].as_str()?)? + min_ready)
}

fn min_ready(set: &Value) -> Duration {
    Duration::seconds(number(set, "/spec/minReadySeconds").unwrap_or(0))
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
