//! PodDisruptionBudget: draining a node takes no more pods at a time than a rollout would.

use serde_json::json;

use super::{Factory, Live, selector};
use crate::{Object, service::rollout};

pub(super) fn render(new: &Factory, live: &Live) -> Option<Object> {
    let wanted = rollout::fewest_pods(new.args);
    if wanted < 2 {
        return None;
    }
    // A budget of zero would block every drain for ever.
    let missing = rollout::strategy(new.args).missing_at_most(wanted).max(1);
    let spec = json!({
        "maxUnavailable": missing,
        "selector": { "matchLabels": selector(new.args, live) },
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    });
    Some(
        new.namesake("policy/v1", "PodDisruptionBudget")
            .with("spec", spec),
    )
}
