//! Amounts of resources: what a node has, what a pod asks for, what a namespace uses.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{list, members};
use crate::kinds::Quantity;

/// Amounts by resource name.
pub type Amounts = BTreeMap<String, Quantity>;

/// One amount; none where there is no quantity.
pub fn parse(amount: &Value) -> Option<Quantity> {
    match amount {
        Value::String(text) => Quantity::parse(text),
        Value::Number(number) => Quantity::parse(&number.to_string()),
        _ => None,
    }
}

/// The amounts of a map of quantities, such as `status.allocatable`.
pub fn of(object: &Value, pointer: &str) -> Amounts {
    let parsed = members(object, pointer);
    parsed
        .filter_map(|(name, amount)| Some((name.clone(), parse(amount)?)))
        .collect()
}

/// One of the amounts, zero if it is not there.
pub fn get(amounts: &Amounts, name: &str) -> Quantity {
    amounts.get(name).copied().unwrap_or_default()
}

/// Adds amounts to others.
pub fn add(to: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        let sum = get(to, name).plus(*amount);
        to.insert(name.clone(), sum);
    }
}

/// Takes amounts from others.
pub fn subtract(from: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        let left = get(from, name).minus(*amount);
        from.insert(name.clone(), left);
    }
}

/// What a pod needs of `requests` or `limits`: its containers and sidecars together, or its largest init container.
pub fn of_pod(pod: &Value, which: &str) -> Amounts {
    let pointer = format!("/resources/{which}");
    let mut together = Amounts::new();
    for container in list(pod, "/spec/containers") {
        add(&mut together, &of(container, &pointer));
    }
    let mut sidecars = Amounts::new();
    let mut largest = Amounts::new();
    for container in list(pod, "/spec/initContainers") {
        let mut own = of(container, &pointer);
        if container["restartPolicy"] == "Always" {
            add(&mut sidecars, &own);
            add(&mut together, &own);
            continue;
        }
        add(&mut own, &sidecars);
        raise(&mut largest, own);
    }
    raise(&mut together, largest);
    together
}

/// Each amount is at least the other.
fn raise(amounts: &mut Amounts, least: Amounts) {
    for (name, amount) in least {
        let more = get(amounts, &name).max(amount);
        amounts.insert(name, more);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_needs_its_containers_or_its_largest_init_container() {
        let pod = json!({"spec": {
            "containers": [{"resources": {"requests": {"cpu": "100m"}}}, {"resources": {"requests": {"cpu": "50m"}}}],
            "initContainers": [
                {"resources": {"requests": {"cpu": "10m"}}, "restartPolicy": "Always"},
                {"resources": {"requests": {"cpu": "1", "memory": "1Mi"}}},
            ],
        }});
        let wanted = of(&json!({"cpu": "1010m", "memory": "1Mi"}), "");
        assert_eq!(of_pod(&pod, "requests"), wanted);
    }
}
