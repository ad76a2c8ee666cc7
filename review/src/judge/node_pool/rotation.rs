//! How a pool of ours whose nodes cannot change in place is rotated, step by step.

use super::pool::Pool;

/// Minutes that making or removing a pool takes, at least and at most. Rough: Azure promises nothing.
const POOL: (u32, u32) = (3, 8);
/// Minutes that draining one node takes. At most: what pods with long grace periods and tight disruption budgets need
/// is not known here; AKS gives up after 30.
const DRAIN: (u32, u32) = (1, 15);

/// The steps, as the provider takes them.
pub fn steps(before: Option<&Pool>, after: Option<&Pool>) -> Vec<String> {
    let nodes = before.or(after).map_or(1, |pool| pool.most);
    vec![
        format!("first a surge pool with the new properties comes; Azure's quota must hold up to {nodes} more nodes meanwhile"),
        "then the autoscaler is switched off, and the old nodes are cordoned and drained, within disruption budgets".into(),
        "then the old pool goes, and the final one comes under its name".into(),
        "last the surge pool is drained and goes: pods on this pool move twice".into(),
    ]
}

/// How long all steps take, such as `18 min to 1 h 2 min`.
pub fn duration(before: Option<&Pool>, after: Option<&Pool>) -> String {
    let (fewest, most) = before
        .or(after)
        .map_or((1, 1), |pool| (pool.fewest.max(1), pool.most.max(1)));
    let minutes = |pool: u32, drain: u32, nodes: u32| 4 * pool + 2 * drain * nodes;
    format!(
        "{} to {}",
        words(minutes(POOL.0, DRAIN.0, fewest)),
        words(minutes(POOL.1, DRAIN.1, most))
    )
}

fn words(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
