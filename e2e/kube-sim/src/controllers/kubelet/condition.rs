//! The conditions of a pod.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::clock::seconds;
use crate::controllers::object::{list, text};

/// What a condition says.
#[derive(Clone, Copy)]
pub enum Said<'a> {
    /// It holds.
    Yes,
    /// Reason and message.
    No(&'a str, &'a str),
}

/// Whether the containers are ready, and with them the pod. (Its readiness gates are left to nobody, so they open too.)
pub fn set_ready(pod: &mut Value, ready: bool, now: OffsetDateTime) {
    let containers = list(pod, "/spec/containers").iter();
    let names: Vec<&str> = containers
        .map(|container| text(container, "/name"))
        .collect();
    let message = format!("containers with unready status: [{}]", names.join(" "));
    let gates = list(pod, "/spec/readinessGates").iter();
    let gates: Vec<String> = gates
        .map(|gate| text(gate, "/conditionType").to_owned())
        .collect();
    for kind in ["ContainersReady", "Ready"] {
        let said = if ready {
            Said::Yes
        } else {
            Said::No("ContainersNotReady", &message)
        };
        set(pod, kind, said, now);
    }
    for gate in gates.iter().filter(|_| ready) {
        set(pod, gate, Said::Yes, now);
    }
}

/// Sets a condition; its transition is when its status changed. New ones stand before what the scheduler has said,
/// as a strategic merge patch puts them.
pub fn set(pod: &mut Value, kind: &str, said: Said<'_>, now: OffsetDateTime) {
    let (status, reason, message) = match said {
        Said::Yes => ("True", "", ""),
        Said::No(reason, message) => ("False", reason, message),
    };
    let mut conditions = list(pod, "/status/conditions").to_vec();
    let find = |wanted: &str| {
        conditions
            .iter()
            .position(|condition| condition["type"] == wanted)
    };
    let (before, scheduled) = (find(kind), find("PodScheduled"));
    let since = before
        .and_then(|at| conditions.get(at))
        .filter(|before| before["status"] == status)
        .map_or_else(
            || seconds(now).into(),
            |before| before["lastTransitionTime"].clone(),
        );
    let mut condition = json!({
        "type": kind,
        "status": status,
        "lastProbeTime": null,
        "lastTransitionTime": since,
    });
    for (member, words) in [("reason", reason), ("message", message)] {
        if !words.is_empty() {
            condition[member] = words.into();
        }
    }
    match before.and_then(|at| conditions.get_mut(at)) {
        Some(before) => *before = condition,
        None => conditions.insert(scheduled.unwrap_or(conditions.len()), condition),
    }
    pod["status"]["conditions"] = conditions.into();
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn new_conditions_stand_before_the_schedulers_and_keep_their_times() {
        let mut pod =
            json!({"status": {"conditions": [{"type": "PodScheduled", "status": "True"}]}});
        let (early, late) = (
            datetime!(2026-01-01 00:00 UTC),
            datetime!(2026-01-01 00:01 UTC),
        );
        set(&mut pod, "Initialized", Said::Yes, early);
        set(
            &mut pod,
            "Ready",
            Said::No("ContainersNotReady", "x"),
            early,
        );
        set(&mut pod, "Initialized", Said::Yes, late);
        set(&mut pod, "Ready", Said::Yes, late);
        let said = list(&pod, "/status/conditions").iter().map(|condition| {
            let since = text(condition, "/lastTransitionTime").to_owned();
            (text(condition, "/type"), text(condition, "/reason"), since)
        });
        let wanted = [
            ("Initialized", "", "2026-01-01T00:00:00Z".to_owned()),
            ("Ready", "", "2026-01-01T00:01:00Z".to_owned()),
            ("PodScheduled", "", String::new()),
        ];
        assert_eq!(said.collect::<Vec<_>>(), wanted);
    }
}
