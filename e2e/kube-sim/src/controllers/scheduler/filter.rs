//! Whether a node can have a pod: the filters of the default plugins, in their order. The first that refuses
//! gives the reason.

use serde_json::Value;

use super::claims::Claims;
use super::message::Refusal;
use super::spread::Spread;
use crate::controllers::World;
use crate::controllers::amounts;
use crate::controllers::object::{self, flag, list, name, text};
use crate::controllers::selector::{has_all, meets};

/// Why not, if not.
pub fn refusal(
    world: &World,
    pod: &Value,
    node: &Value,
    claims: &Claims<'_>,
    spread: &Spread<'_>,
) -> Option<Refusal> {
    if flag(node, "/spec/unschedulable") && !tolerates_cordon(pod) {
        return Some(Refusal::for_good("node(s) were unschedulable"));
    }
    if list(node, "/spec/taints")
        .iter()
        .any(|taint| is_hard(taint) && !tolerated(pod, taint))
    {
        return Some(Refusal::for_good("node(s) had untolerated taint(s)"));
    }
    if !matches_affinity(pod, node) {
        return Some(Refusal::for_good(
            "node(s) didn't match Pod's node affinity/selector",
        ));
    }
    if let Some(refusal) = lacks_room(world, pod, node) {
        return Some(refusal);
    }
    if claims.keep_from(node) {
        return Some(Refusal::for_good(
            "node(s) didn't find available persistent volumes to bind",
        ));
    }
    spread.refusal(node)
}

fn is_hard(taint: &Value) -> bool {
    matches!(text(taint, "/effect"), "NoSchedule" | "NoExecute")
}

fn tolerates_cordon(pod: &Value) -> bool {
    let taint =
        serde_json::json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
    tolerated(pod, &taint)
}

/// Whether one of the pod's tolerations covers a taint (`ToleratesTaint`).
pub fn tolerated(pod: &Value, taint: &Value) -> bool {
    let covers = |toleration: &Value| {
        let same = |member: &str| {
            toleration[member].as_str().unwrap_or_default()
                == taint[member].as_str().unwrap_or_default()
        };
        let free = |member: &str| toleration[member].as_str().unwrap_or_default().is_empty();
        let exists = toleration["operator"] == "Exists";
        (free("effect") || same("effect"))
            && (same("key") || free("key") && exists)
            && (exists || same("value"))
    };
    list(pod, "/spec/tolerations").iter().any(covers)
}

/// `nodeSelector` and the required part of node affinity.
fn matches_affinity(pod: &Value, node: &Value) -> bool {
    let selector = pod["spec"]["nodeSelector"].as_object();
    if !selector.is_none_or(|selector| has_all(object::labels(node), selector)) {
        return false;
    }
    let required =
        &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    required.is_null()
        || list(required, "/nodeSelectorTerms")
            .iter()
            .any(|term| matches_term(term, node))
}

/// One node selector term; an empty one matches nothing.
pub fn matches_term(term: &Value, node: &Value) -> bool {
    let (expressions, fields) = (list(term, "/matchExpressions"), list(term, "/matchFields"));
    let by_name = serde_json::json!({"metadata.name": name(node)});
    !(expressions.is_empty() && fields.is_empty())
        && expressions
            .iter()
            .all(|expression| meets(expression, object::labels(node)))
        && fields.iter().all(|field| meets(field, by_name.as_object()))
}

/// `NodeResourcesFit`.
fn lacks_room(world: &World, pod: &Value, node: &Value) -> Option<Refusal> {
    let has = amounts::of(node, "/status/allocatable");
    let used = world.used(name(node));
    let mut reasons = Vec::new();
    let mut resolvable = true;
    if i128::from(used.pods) + 1 > amounts::get(&has, "pods").units() {
        reasons.push("Too many pods".to_owned());
    }
    for (resource, asked) in amounts::of_pod(pod, "requests") {
        let has = amounts::get(&has, &resource);
        let free = has.minus(amounts::get(&used.requests, &resource));
        if !asked.is_zero() && asked > free {
            reasons.push(format!("Insufficient {resource}"));
            resolvable &= asked <= has;
        }
    }
    (!reasons.is_empty()).then_some(Refusal {
        reasons,
        resolvable,
    })
}
