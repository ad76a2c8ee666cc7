//! The status of a deployment: counts, and the conditions that say what they mean.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::rollout::Rollout;
use super::view::{counted, total};
use crate::clock::seconds;
use crate::controllers::object::{list, unless_zero};

/// `NewDeploymentCondition`.
pub fn condition(
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
    now: OffsetDateTime,
) -> Value {
    json!({
        "type": kind,
        "status": status,
        "lastUpdateTime": seconds(now),
        "lastTransitionTime": seconds(now),
        "reason": reason,
        "message": message,
    })
}

/// `SetDeploymentCondition`: nothing changes while status and reason stay; the transition is when the status changed.
pub fn set(status: &mut Value, mut condition: Value) {
    let kind = condition["type"].clone();
    if let Some(current) = find(status, kind.as_str().unwrap_or_default())
        && current["status"] == condition["status"]
    {
        if current["reason"] == condition["reason"] {
            return;
        }
        condition["lastTransitionTime"] = current["lastTransitionTime"].clone();
    }
    remove(status, kind.as_str().unwrap_or_default());
    match status["conditions"].as_array_mut() {
        Some(conditions) => conditions.push(condition),
        None => status["conditions"] = json!([condition]),
    }
}

/// `RemoveDeploymentCondition`.
pub fn remove(status: &mut Value, kind: &str) {
    let Some(conditions) = status["conditions"].as_array_mut() else {
        return;
    };
    conditions.retain(|condition| condition["type"] != kind);
    if conditions.is_empty()
        && let Some(members) = status.as_object_mut()
    {
        members.remove("conditions");
    }
}

/// `GetDeploymentCondition`.
pub fn find<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = list(status, "/conditions");
    conditions
        .iter()
        .find(|condition| condition["type"] == kind)
}

impl Rollout<'_> {
    /// `calculateStatus`: counts of all revisions, and whether enough pods are available.
    pub fn count_status(&mut self) {
        let (all, wanted) = (self.all(), self.deployment.wanted());
        let available = counted(&all, "availableReplicas");
        let updated = self.new.as_ref().map_or(0, |new| new.count("replicas"));
        let mut status = json!({
            "observedGeneration": unless_zero(self.deployment.generation()),
            "replicas": unless_zero(counted(&all, "replicas")),
            "updatedReplicas": unless_zero(updated),
            "readyReplicas": unless_zero(counted(&all, "readyReplicas")),
            "availableReplicas": unless_zero(available),
            "unavailableReplicas": unless_zero((total(&all) - available).max(0)),
            "terminatingReplicas": counted(&all, "terminatingReplicas"),
            "collisionCount": self.changed["status"]["collisionCount"],
            "conditions": self.changed["status"]["conditions"],
        });
        if let Some(members) = status.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        let enough = available >= wanted - self.deployment.unavailable();
        let (holds, reason, message) = if enough {
            (
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
            )
        } else {
            (
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            )
        };
        set(
            &mut status,
            condition("Available", holds, reason, message, self.world.now),
        );
        self.changed["status"] = status;
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_condition_keeps_its_times_while_it_says_the_same() {
        let (early, late) = (
            datetime!(2026-01-01 00:00 UTC),
            datetime!(2026-01-01 00:01 UTC),
        );
        let mut status = json!({});
        set(
            &mut status,
            condition("Progressing", "True", "A", "first", early),
        );
        set(
            &mut status,
            condition("Progressing", "True", "A", "second", late),
        );
        assert_eq!(find(&status, "Progressing").unwrap()["message"], "first");
        set(
            &mut status,
            condition("Progressing", "True", "B", "third", late),
        );
        let now = find(&status, "Progressing").unwrap();
        assert_eq!(now["lastTransitionTime"], "2026-01-01T00:00:00Z");
        assert_eq!(now["lastUpdateTime"], "2026-01-01T00:01:00Z");
        set(
            &mut status,
            condition("Progressing", "False", "C", "fourth", late),
        );
        assert_eq!(
            find(&status, "Progressing").unwrap()["lastTransitionTime"],
            "2026-01-01T00:01:00Z"
        );
        remove(&mut status, "Progressing");
        assert_eq!(status, json!({}));
    }
}
