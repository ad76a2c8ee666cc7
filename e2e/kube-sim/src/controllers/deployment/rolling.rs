//! The two ways of replacing a revision: step by step, or all at once after the old pods are gone.

use super::arithmetic::new_size;
use super::progress::is_complete;
use super::rollout::Rollout;
use super::view::{Revision, counted, total};
use crate::controllers::Plan;
use crate::controllers::kinds::POD;
use crate::controllers::object::{text, uid};

impl<'a> Rollout<'a> {
    /// `rolloutRolling`.
    pub fn roll(mut self) -> Plan {
        if self.note_revision() || self.create_revision() {
            return self.finish();
        }
        if !self.grow_new()
            && !self.shrink_old()
            && is_complete(self.deployment, &self.changed["status"])
        {
            self.clean_up();
        }
        self.judge();
        self.finish()
    }

    /// `rolloutRecreate`.
    pub fn recreate(mut self) -> Plan {
        if self.note_revision() {
            return self.finish();
        }
        let active: Vec<Revision<'a>> = self
            .old
            .iter()
            .filter(|old| old.size > 0)
            .cloned()
            .collect();
        for old in &active {
            self.resize(old, 0);
        }
        if active.is_empty() && !self.old_pods_live() {
            if self.create_revision() {
                return self.finish();
            }
            if let Some(new) = self.new.clone() {
                self.resize(&new, self.deployment.wanted());
            }
            if is_complete(self.deployment, &self.changed["status"]) {
                self.clean_up();
            }
        }
        self.judge();
        self.finish()
    }

    /// `oldPodsRunning`: pods that end count as well, until they are gone.
    fn old_pods_live(&self) -> bool {
        let alive = |old: &Revision<'_>| {
            let pods = self.world.controlled_by(uid(old.object), &POD.resource);
            let ended = |phase: &str| matches!(phase, "Failed" | "Succeeded");
            pods.iter().any(|pod| !ended(text(pod, "/status/phase")))
        };
        counted(&self.old, "replicas") > 0 || self.old.iter().any(alive)
    }

    /// `reconcileNewReplicaSet`.
    fn grow_new(&mut self) -> bool {
        let Some(new) = self.new.clone() else {
            return false;
        };
        let wanted = self.deployment.wanted();
        let size = if new.size > wanted {
            wanted
        } else {
            new_size(
                wanted,
                self.deployment.surge(),
                total(&self.all()),
                new.size,
            )
        };
        self.resize(&new, size);
        size != new.size
    }

    /// `reconcileOldReplicaSets`: pods that are not available go first, for they are no loss.
    fn shrink_old(&mut self) -> bool {
        let Some(new) = self.new.clone() else {
            return false;
        };
        if total(&self.old) == 0 {
            return false;
        }
        let least = self.deployment.wanted() - self.deployment.unavailable();
        let unavailable = new.size - new.available();
        let most = total(&self.all()) - least - unavailable;
        if most <= 0 {
            return false;
        }
        let before = total(&self.old);
        self.remove_unhealthy(most);
        self.remove_available(counted(&self.all(), "availableReplicas") - least);
        total(&self.old) < before
    }

    /// `cleanupUnhealthyReplicas`.
    fn remove_unhealthy(&mut self, most: i64) {
        let mut left = most;
        for old in self.old.clone() {
            let gone = left.min(old.size - old.available());
            if gone > 0 {
                self.resize(&old, old.size - gone);
                left -= gone;
            }
        }
    }

    /// `scaleDownOldReplicaSetsForRollingUpdate`.
    fn remove_available(&mut self, most: i64) {
        let mut left = most;
        for old in self.old.clone() {
            let gone = left.min(old.size);
            if gone > 0 {
                self.resize(&old, old.size - gone);
                left -= gone;
            }
        }
    }
}
