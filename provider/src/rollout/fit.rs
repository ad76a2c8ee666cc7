//! Whether a node could ever hold a pod, were it empty: selectors, required affinity, taints and
//! allocatable resources. What else runs there does not count, because that can change.

use std::collections::BTreeMap;

use seedling_model::{Object, quantity::Quantity};
use serde_json::Value as Json;

use super::scene::text;

/// True unless something about the node itself rules the pod out.
pub fn could_ever_fit(node: &Object, pod: &Object) -> bool {
    let labels = &node.0["metadata"]["labels"];
    let spec = &pod.0["spec"];
    selector_matches(&spec["nodeSelector"], labels)
        && affinity_matches(spec, labels)
        && tolerates(spec, &node.0["spec"]["taints"])
        && has_room(spec, &node.0["status"]["allocatable"])
}

fn selector_matches(selector: &Json, labels: &Json) -> bool {
    selector
        .as_object()
        .into_iter()
        .flatten()
        .all(|(name, value)| labels[name.as_str()] == *value)
}

fn affinity_matches(spec: &Json, labels: &Json) -> bool {
    let required =
        &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let Some(terms) = required["nodeSelectorTerms"].as_array() else {
        return true;
    };
    terms.iter().any(|term| {
        let rules = term["matchExpressions"].as_array();
        rules
            .into_iter()
            .flatten()
            .all(|rule| expression_matches(rule, labels))
    })
}

fn expression_matches(rule: &Json, labels: &Json) -> bool {
    let value = labels[text(&rule["key"])].as_str();
    let listed = || {
        let values = rule["values"].as_array();
        values
            .into_iter()
            .flatten()
            .any(|it| it.as_str() == value && value.is_some())
    };
    match text(&rule["operator"]) {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        // An operator we do not know (Gt, Lt) does not rule anything out.
        _ => true,
    }
}

fn tolerates(spec: &Json, taints: &Json) -> bool {
    let tolerations = spec["tolerations"].as_array();
    taints
        .as_array()
        .into_iter()
        .flatten()
        .filter(|taint| matches!(text(&taint["effect"]), "NoSchedule" | "NoExecute"))
        // A node that is not ready today may be tomorrow.
        .filter(|taint| !text(&taint["key"]).starts_with("node.kubernetes.io/"))
        .all(|taint| {
            tolerations
                .into_iter()
                .flatten()
                .any(|it| covers(it, taint))
        })
}

fn covers(toleration: &Json, taint: &Json) -> bool {
    let effect = text(&toleration["effect"]);
    let key = text(&toleration["key"]);
    let exists = text(&toleration["operator"]) == "Exists";
    let key_fits = if key.is_empty() {
        exists
    } else {
        key == text(&taint["key"])
    };
    let value_fits = exists || text(&toleration["value"]) == text(&taint["value"]);
    let effect_fits = effect.is_empty() || effect == text(&taint["effect"]);
    key_fits && value_fits && effect_fits
}

fn has_room(spec: &Json, allocatable: &Json) -> bool {
    let containers = spec["containers"].as_array();
    let mut wanted: BTreeMap<&str, Vec<Quantity>> = BTreeMap::new();
    for container in containers.into_iter().flatten() {
        for (name, amount) in container["resources"]["requests"]
            .as_object()
            .into_iter()
            .flatten()
        {
            if let Some(amount) = amount.as_str().and_then(|text| Quantity::parse(text).ok()) {
                wanted.entry(name).or_default().push(amount);
            }
        }
    }
    wanted.into_iter().all(|(name, amounts)| {
        let total: Quantity = amounts.into_iter().sum();
        match allocatable[name]
            .as_str()
            .and_then(|text| Quantity::parse(text).ok())
        {
            Some(there) => total <= there,
            None => total.is_zero(),
        }
    })
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value)] // `json!` literals read better without `&`
mod tests {
    use super::*;
    use serde_json::json;

    fn node() -> Object {
        Object(json!({
            "metadata": {"labels": {"pool": "gpu"}},
            "spec": {"taints": [{"key": "sku", "value": "gpu", "effect": "NoSchedule"}]},
            "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"}},
        }))
    }

    fn pod(requests: Json, tolerated: bool, pool: &str) -> Object {
        let tolerations = if tolerated {
            json!([{"key": "sku", "operator": "Exists"}])
        } else {
            json!([])
        };
        Object(json!({"spec": {
            "containers": [{"resources": {"requests": requests}}],
            "tolerations": tolerations,
            "nodeSelector": {"pool": pool},
        }}))
    }

    #[test]
    fn a_node_is_ruled_out_by_what_it_is() {
        let small = json!({"cpu": "500m", "nvidia.com/gpu": "1"});
        for (name, pod, expected) in [
            ("fits", pod(small.clone(), true, "gpu"), true),
            ("taint", pod(small.clone(), false, "gpu"), false),
            ("selector", pod(small, true, "other"), false),
            (
                "too much memory",
                pod(json!({"memory": "5Gi"}), true, "gpu"),
                false,
            ),
            (
                "unknown resource",
                pod(json!({"amd.com/gpu": "1"}), true, "gpu"),
                false,
            ),
        ] {
            assert_eq!(could_ever_fit(&node(), &pod), expected, "{name}");
        }
    }
}
