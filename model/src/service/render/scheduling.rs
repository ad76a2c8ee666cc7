//! Where pods run: node pool, tolerations, spread.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Arg, duration, labels,
    service::{Args, parts::Toleration, rollout::uses_gpu},
};

/// Nodes of the pool, by our label or by AKS's.
pub(super) fn affinity(args: &Args) -> Option<Value> {
    let pool = args.node_pool.given()?;
    let terms = [labels::NODE_POOL, labels::AKS_NODE_POOL].map(
        |key| json!({ "matchExpressions": [{ "key": key, "operator": "In", "values": [pool] }] }),
    );
    let required = json!({ "nodeSelectorTerms": terms });
    Some(json!({ "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": required } }))
}

/// The taints of the pool, those of GPU nodes, then the user's.
pub(super) fn tolerations(args: &Args) -> Option<Vec<Value>> {
    let mut tolerations = Vec::new();
    if let Some(pool) = args.node_pool.given() {
        tolerations.push(tolerated(labels::DEDICATED, pool));
        tolerations.push(tolerated("kubernetes.azure.com/scalesetpriority", "spot"));
    }
    if args.node_pool.is_set() || uses_gpu(args) {
        // The taints that AKS's and NVIDIA's documentation tell people to put on GPU nodes.
        tolerations.push(tolerated("sku", "gpu"));
        tolerations
            .push(json!({ "key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule" }));
    }
    tolerations.extend(
        args.tolerations
            .given()
            .into_iter()
            .flatten()
            .filter_map(Arg::given)
            .map(toleration),
    );
    (!tolerations.is_empty()).then_some(tolerations)
}

/// Over as many hosts as there are, but never at the price of a pod that does not run.
pub(super) fn spread(selector: &BTreeMap<String, String>) -> Value {
    json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": { "matchLabels": selector }
    }])
}

fn tolerated(key: &str, value: &str) -> Value {
    json!({ "key": key, "operator": "Equal", "value": value, "effect": "NoSchedule" })
}

fn toleration(given: &Toleration) -> Value {
    let stay = given
        .stay
        .given()
        .and_then(|stay| duration::parse(stay).ok())
        .map(duration::whole_seconds);
    json!({
        "key": given.key.given(),
        "operator": if given.value.is_set() { "Equal" } else { "Exists" },
        "value": given.value.given(),
        "effect": given.effect.given(),
        "tolerationSeconds": stay,
    })
}
