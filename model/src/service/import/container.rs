//! Resources, ports and words of a live container.

use serde_json::Value;

use super::{list, text};
use crate::{Arg, quantity::canonical, service::parts::Resources};

pub(super) fn resources(container: &Value) -> Arg<Resources> {
    let amount = |side: &str, name: &str| {
        text(&container["resources"][side][name]).map(|amount| canonical(&amount))
    };
    let memory = amount("requests", "memory");
    let limit = amount("limits", "memory").filter(|limit| Some(limit) != memory.as_ref());
    let gpu = amount("limits", "nvidia.com/gpu").and_then(|count| count.parse().ok());
    let resources = Resources {
        cpu: amount("requests", "cpu").into(),
        memory: memory.into(),
        cpu_limit: amount("limits", "cpu").into(),
        memory_limit: limit.into(),
        gpu: gpu.into(),
    };
    (resources != Resources::default())
        .then_some(resources)
        .into()
}

pub(super) fn words(value: &Value) -> Arg<Vec<Arg<String>>> {
    let words: Vec<_> = list(value)
        .iter()
        .filter_map(Value::as_str)
        .map(Arg::from)
        .collect();
    (!words.is_empty()).then_some(words).into()
}

/// The number of the container's port called `name`.
pub(super) fn port_number(ports: &[Value], name: &str) -> Option<i64> {
    let port = ports.iter().find(|port| port["name"] == name)?;
    port["containerPort"].as_i64()
}
