//! HorizontalPodAutoscaler.

use serde_json::{Value, json};

use super::Factory;
use crate::{Object, service::parts::Autoscale};

/// Average CPU use to aim at where nothing is said.
const CPU_PERCENT: i64 = 70;

pub(super) fn render(new: &Factory) -> Option<Object> {
    let autoscale = new.args.autoscale.given()?;
    let target =
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": new.args.name.text() });
    let spec = json!({
        "scaleTargetRef": target,
        "minReplicas": autoscale.min.or(1),
        "maxReplicas": autoscale.max.or(1),
        "metrics": metrics(autoscale),
    });
    Some(
        new.namesake("autoscaling/v2", "HorizontalPodAutoscaler")
            .with("spec", spec),
    )
}

fn metrics(autoscale: &Autoscale) -> Vec<Value> {
    let memory = autoscale.memory_percent.given().copied();
    let cpu = autoscale
        .cpu_percent
        .given()
        .copied()
        .or_else(|| memory.is_none().then_some(CPU_PERCENT));
    [("cpu", cpu), ("memory", memory)]
        .into_iter()
        .filter_map(|(name, percent)| Some(metric(name, percent?)))
        .collect()
}

fn metric(name: &str, percent: i64) -> Value {
    let target = json!({ "type": "Utilization", "averageUtilization": percent });
    json!({ "type": "Resource", "resource": { "name": name, "target": target } })
}
