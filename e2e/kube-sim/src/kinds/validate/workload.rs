//! Deployments and replica sets.

use serde_json::Value;

use super::{Faults, immutable, pod, text};
use crate::api::Cause;
use crate::discovery::Kind;
use crate::kinds::selector_matches;

pub(super) fn validate(kind: &Kind, live: Option<&Value>, object: &Value, faults: &mut Faults) {
    let spec = &object["spec"];
    for member in [
        "replicas",
        "minReadySeconds",
        "revisionHistoryLimit",
        "progressDeadlineSeconds",
    ] {
        let number = &spec[member];
        if number.as_i64().is_some_and(|number| number < 0) {
            let why = "must be greater than or equal to 0";
            faults.push(Cause::invalid(format!("spec.{member}"), number, why));
        }
    }
    let selector = &spec["selector"];
    let is_empty = selector.as_object().is_none_or(serde_json::Map::is_empty);
    if selector.is_null() {
        faults.push(Cause::required("spec.selector", ""));
    } else if is_empty {
        faults.push(Cause::invalid(
            "spec.selector",
            selector,
            "empty selector is invalid for deployment",
        ));
    }
    let labels = &spec["template"]["metadata"]["labels"];
    if !is_empty && !selector_matches(selector, labels) {
        let labels = if labels.is_null() {
            Value::Object(serde_json::Map::new())
        } else {
            labels.clone()
        };
        let why = "`selector` does not match template `labels`";
        faults.push(Cause::invalid(
            "spec.template.metadata.labels",
            &labels,
            why,
        ));
    }
    immutable(live, object, &["spec", "selector"], faults);
    strategy(&spec["strategy"], kind, faults);
    let policy = &spec["template"]["spec"]["restartPolicy"];
    if text(policy) != "Always" {
        faults.push(Cause::unsupported(
            "spec.template.spec.restartPolicy",
            policy,
            &["Always"],
        ));
    }
    pod::spec("spec.template.spec", &spec["template"]["spec"], faults);
    let (deadline, ready) = (
        &spec["progressDeadlineSeconds"],
        spec["minReadySeconds"].as_i64().unwrap_or(0),
    );
    if deadline.as_i64().is_some_and(|deadline| deadline <= ready) {
        let why = "must be greater than minReadySeconds";
        faults.push(Cause::invalid(
            "spec.progressDeadlineSeconds",
            deadline,
            why,
        ));
    }
}

fn strategy(strategy: &Value, kind: &Kind, faults: &mut Faults) {
    if kind.kind != "Deployment" {
        return;
    }
    match text(&strategy["type"]) {
        "RollingUpdate" => {
            let rolling = &strategy["rollingUpdate"];
            let is_zero = |value: &Value| value == &Value::from(0) || value == "0%";
            if is_zero(&rolling["maxSurge"]) && is_zero(&rolling["maxUnavailable"]) {
                let why = "may not be 0 when `maxSurge` is 0";
                let value = &rolling["maxUnavailable"];
                faults.push(Cause::invalid(
                    "spec.strategy.rollingUpdate.maxUnavailable",
                    value,
                    why,
                ));
            }
        }
        "Recreate" => {
            if !strategy["rollingUpdate"].is_null() {
                let why = "may not be specified when strategy `type` is 'Recreate'";
                faults.push(Cause::forbidden("spec.strategy.rollingUpdate", why));
            }
        }
        _ => faults.push(Cause::unsupported(
            "spec.strategy.type",
            &strategy["type"],
            &["Recreate", "RollingUpdate"],
        )),
    }
}
