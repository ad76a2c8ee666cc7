//! The scheduler's sentence about a pod that has no node: `FitError.Error`, with what the plugins say that
//! would make room.

use std::collections::BTreeMap;

/// Why a node cannot have a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In the plugin's words.
    pub reasons: Vec<String>,
    /// Fewer other pods could change it.
    pub resolvable: bool,
}

impl Refusal {
    pub fn for_good(reason: &str) -> Refusal {
        Refusal {
            reasons: vec![reason.to_owned()],
            resolvable: false,
        }
    }
}

/// The pod was refused before any node was looked at. "not found" is what the plugin DynamicResources says when
/// it has not been allowed to begin.
pub fn before_nodes(nodes: usize, words: &str) -> String {
    format!("0/{nodes} nodes are available: {words}. not found")
}

/// Every node refused the pod.
pub fn no_node(refusals: &[Refusal]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in refusals.iter().flat_map(|refusal| &refusal.reasons) {
        *counts.entry(reason).or_default() += 1;
    }
    let nodes = refusals.len();
    let room = refusals.iter().filter(|refusal| refusal.resolvable).count();
    let hints = vec![(room, NO_VICTIMS), (nodes - room, NOT_HELPFUL)];
    format!(
        "0/{nodes} nodes are available: {}. {}",
        listed(counts.iter().map(|(reason, count)| (*count, *reason))),
        preemption(nodes, &hints)
    )
}

const NO_VICTIMS: &str = "No preemption victims found for incoming pod";
const NOT_HELPFUL: &str = "Preemption is not helpful for scheduling";

/// What the plugins DynamicResources and DefaultPreemption have to say.
fn preemption(nodes: usize, hints: &[(usize, &str)]) -> String {
    let hints = hints.iter().copied().filter(|(count, _)| *count > 0);
    format!(
        "no new claims to deallocate, preemption: 0/{nodes} nodes are available: {}.",
        listed(hints)
    )
}

fn listed<'a>(counted: impl Iterator<Item = (usize, &'a str)>) -> String {
    let mut parts: Vec<String> = counted
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    parts.sort();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let full = Refusal {
            reasons: vec![
                "Insufficient cpu".to_owned(),
                "Insufficient memory".to_owned(),
            ],
            resolvable: true,
        };
        let tainted = Refusal::for_good("node(s) had untolerated taint(s)");
        assert_eq!(
            no_node(&[full.clone(), full, tainted]),
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. \
             no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, \
             2 No preemption victims found for incoming pod."
        );
        assert_eq!(
            before_nodes(2, "persistentvolumeclaim \"data\" not found"),
            "0/2 nodes are available: persistentvolumeclaim \"data\" not found. not found"
        );
    }
}
