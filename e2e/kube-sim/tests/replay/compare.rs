//! Whether two answers are the same but for what is different in every cluster.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::exchange::{Answer, Exchange};

/// Members that are different in every cluster.
const MASKED: [&str; 17] = [
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "lastTransitionTime",
    "lastUpdateTime",
    "lastProbeTime",
    "startTime",
    "time",
    "clusterIP",
    "clusterIPs",
    "continue",
    "nodePort",
    "token",
    "expirationTimestamp",
    "ca.crt",
    "remainingItemCount",
];

/// Parts of texts that are different in every cluster.
static PARTS: LazyLock<[(Regex, &str); 9]> = LazyLock::new(|| {
    [
        (
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "UID",
        ),
        ("kube-api-access-[a-z0-9]{5}", "kube-api-access-*"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"\b\d+\.\d+\.\d+\.\d+\b", "ADDRESS"),
        (r"(precondition|in record) \(\d+\)", "$1 (VERSION)"),
        // Who plays the kubelet.
        (r"^(kwok|kube-sim)(://|$)", "kubelet$2"),
        // Events are named after their moment, and others after nothing.
        (r"\.[0-9a-f]{16}$", ".MOMENT"),
        // The hash of a template comes from how Go prints a structure; names that are generated after it.
        (
            r"-[456789bcdfghjklmnpqrstvwxz]{8,10}-[2456789bcdfghjklmnpqrstvwxz]{5}\b",
            "-HASH-NAME",
        ),
        (r"-[456789bcdfghjklmnpqrstvwxz]{8,10}\b", "-HASH"),
    ]
    .map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask))
});

/// What differs, in words; nothing if the answers agree.
pub fn differences(exchange: &Exchange, simulated: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    let comparable = |answer: &Answer| {
        let mut answer = serde_json::to_value(answer).unwrap();
        for pointer in &exchange.ignore {
            let (parent, member) = pointer.rsplit_once('/').unwrap_or_default();
            match answer.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.remove(member)),
                Some(Value::Array(items)) => items.clear(),
                _ => {}
            }
        }
        masked("", &answer)
    };
    differ(
        "",
        &comparable(&exchange.answer),
        &comparable(simulated),
        &mut found,
    );
    found
}

/// A value without what is different in every cluster.
pub fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Number(_) | Value::Array(_) if MASKED.contains(&name) => {
            "*".into()
        }
        Value::String(_) if name == "pod-template-hash" => "*".into(),
        Value::Object(members) => {
            let masked = members
                .iter()
                .map(|(name, member)| (masked_text(name), masked(name, member)));
            Value::Object(masked.collect())
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| masked("", item)).collect();
            if name == "managedFields" {
                items.sort_by_key(Value::to_string); // their order is that of their times
            }
            Value::Array(items)
        }
        Value::String(text) => masked_text(text).into(),
        other => other.clone(),
    }
}

/// A text without what is different in every cluster.
pub fn masked_text(text: &str) -> String {
    let mask = |text: String, (pattern, mask): &(Regex, &str)| {
        pattern.replace_all(&text, *mask).into_owned()
    };
    PARTS.iter().fold(text.to_owned(), mask)
}

/// Adds what differs between two masked values.
pub fn differ(path: &str, real: &Value, simulated: &Value, found: &mut Vec<String>) {
    match (real, simulated) {
        (Value::Object(real), Value::Object(simulated)) => {
            let names: BTreeSet<_> = real.keys().chain(simulated.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                match (real.get(name), simulated.get(name)) {
                    (Some(real), Some(simulated)) => differ(&path, real, simulated, found),
                    (Some(real), None) => found.push(format!("{path}: only real: {real}")),
                    (_, simulated) => found.push(format!(
                        "{path}: only simulated: {}",
                        simulated.unwrap_or(&Value::Null)
                    )),
                }
            }
        }
        (Value::Array(real), Value::Array(simulated)) if real.len() == simulated.len() => {
            for (index, (real, simulated)) in real.iter().zip(simulated).enumerate() {
                differ(&format!("{path}[{index}]"), real, simulated, found);
            }
        }
        _ if real != simulated => found.push(format!("{path}: real {real}, simulated {simulated}")),
        _ => {}
    }
}
