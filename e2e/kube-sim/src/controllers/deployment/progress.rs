//! Whether a rollout goes on, is complete, or has had no progress for longer than its deadline.

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::rollout::Rollout;
use super::status::{condition, find, remove, set};
use super::view::Deployment;
use crate::clock;
use crate::controllers::object::{list, name, number};

impl Rollout<'_> {
    /// `syncRolloutStatus`.
    pub fn judge(&mut self) {
        let before = self.changed["status"].clone();
        self.count_status();
        let mut status = self.changed["status"].take();
        if self.deployment.progress_deadline().is_none() {
            remove(&mut status, "Progressing");
        } else if !was_complete(&before, &status) {
            self.judge_progress(&before, &mut status);
        }
        match self.failure() {
            Some(failure) => set(&mut status, failure),
            None => remove(&mut status, "ReplicaFailure"),
        }
        self.changed["status"] = status;
    }

    fn judge_progress(&self, before: &Value, status: &mut Value) {
        let now = self.world.now;
        let subject = match &self.new {
            Some(new) => format!("ReplicaSet \"{}\"", new.name()),
            None => format!("Deployment \"{}\"", name(self.deployment.0)),
        };
        if is_complete(self.deployment, status) {
            let message = format!("{subject} has successfully progressed.");
            set(
                status,
                condition(
                    "Progressing",
                    "True",
                    "NewReplicaSetAvailable",
                    &message,
                    now,
                ),
            );
        } else if has_progressed(before, status) {
            let message = format!("{subject} is progressing.");
            let mut progressing =
                condition("Progressing", "True", "ReplicaSetUpdated", &message, now);
            if let Some(current) = find(before, "Progressing") {
                if current["status"] == "True" {
                    progressing["lastTransitionTime"] = current["lastTransitionTime"].clone();
                }
                // Removed first, so that the update is noted though nothing else changes.
                remove(status, "Progressing");
            }
            set(status, progressing);
        } else if self.deadline(status).is_some_and(|deadline| deadline < now) {
            let message = format!("{subject} has timed out progressing.");
            set(
                status,
                condition(
                    "Progressing",
                    "False",
                    "ProgressDeadlineExceeded",
                    &message,
                    now,
                ),
            );
        }
    }

    /// `DeploymentTimedOut`: the moment after which it has taken too long.
    fn deadline(&self, status: &Value) -> Option<OffsetDateTime> {
        let progressing = find(status, "Progressing")?;
        match progressing["reason"].as_str()? {
            "NewReplicaSetAvailable" => return None,
            "ProgressDeadlineExceeded" => return Some(OffsetDateTime::UNIX_EPOCH),
            _ => {}
        }
        let updated = clock::parse(progressing["lastUpdateTime"].as_str()?)?;
        Some(updated + Duration::seconds(self.deployment.progress_deadline()?))
    }

    /// `getReplicaFailures`: the new revision's first.
    fn failure(&self) -> Option<Value> {
        let revisions = self.new.iter().chain(&self.old);
        let failed = revisions.into_iter().find(|revision| revision.fails())?;
        let conditions = list(failed.object, "/status/conditions");
        let failure = conditions
            .iter()
            .find(|condition| condition["type"] == "ReplicaFailure");
        let mut failure = failure?.clone();
        failure["lastUpdateTime"] = failure["lastTransitionTime"].clone();
        Some(failure)
    }

    /// `requeueStuckDeployment`: a second after the deadline.
    pub fn next_check(&self) -> Option<OffsetDateTime> {
        let status = &self.changed["status"];
        let progressing = find(status, "Progressing")?;
        if is_complete(self.deployment, status)
            || progressing["reason"] == "ProgressDeadlineExceeded"
        {
            return None;
        }
        let deadline = self.deadline(status)?;
        Some(deadline.max(self.world.now) + Duration::seconds(1))
    }
}

fn of(status: &Value, member: &str) -> i64 {
    status[member].as_i64().unwrap_or(0)
}

fn was_complete(before: &Value, status: &Value) -> bool {
    let available = find(before, "Progressing")
        .is_some_and(|current| current["reason"] == "NewReplicaSetAvailable");
    available && of(status, "replicas") == of(status, "updatedReplicas")
}

/// `DeploymentComplete`.
pub fn is_complete(deployment: Deployment<'_>, status: &Value) -> bool {
    let wanted = deployment.wanted();
    ["updatedReplicas", "replicas", "availableReplicas"]
        .iter()
        .all(|count| of(status, count) == wanted)
        && number(status, "/observedGeneration").unwrap_or(0) >= deployment.generation()
}

/// `DeploymentProgressing`.
fn has_progressed(before: &Value, status: &Value) -> bool {
    let old = |status| of(status, "replicas") - of(status, "updatedReplicas");
    let more = |count| of(status, count) > of(before, count);
    old(status) < old(before)
        || ["updatedReplicas", "readyReplicas", "availableReplicas"]
            .into_iter()
            .any(more)
}
