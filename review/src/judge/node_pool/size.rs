//! Changes that leave a pool in its place: how many nodes, and everything said about them.

use super::pool::{Pool, Values};
use crate::{Kind, judge::Judge, plan::Change};

/// A change in place of these attributes.
pub fn update(judge: &mut Judge, change: &Change, subject: &str, changed: &[String]) {
    let (before, after) = (
        Pool::of(change, Values::Before),
        Pool::of(change, Values::After),
    );
    let words = |pool: &Option<Pool>| pool.as_ref().map(Pool::words).unwrap_or_default();
    let sentence = if words(&before) == words(&after) {
        format!("changes in place: {}", changed.join(", "))
    } else {
        format!("{} instead of {}", words(&after), words(&before))
    };
    let mut finding = judge.finding(Kind::Change, change, subject, sentence);
    let fewer =
        matches!((&before, &after), (Some(before), Some(after)) if after.most < before.most);
    if fewer {
        finding.kind = Kind::Restart;
        finding
            .details
            .push("pods on the nodes that go are evicted, within their disruption budgets".into());
    }
    let keeps_pods_out =
        |name: &&String| matches!(name.as_str(), "taints" | "dedicated" | "node_taints");
    if changed.iter().any(|name| keeps_pods_out(&name)) {
        finding.details.push(
            "pods that are there stay; new ones come only if they tolerate the taints".into(),
        );
    }
    judge.findings.push(finding);
}
