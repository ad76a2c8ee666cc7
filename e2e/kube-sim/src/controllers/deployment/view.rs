//! Deployments and ReplicaSets as the rollout sees them.

use serde_json::Value;
use time::OffsetDateTime;

use super::arithmetic::Fenceposts;
use crate::clock;
use crate::controllers::object::{annotation, holds, number, text};

pub const REVISION: &str = "deployment.kubernetes.io/revision";
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";

/// The value that stands for no deadline and for an endless history.
const NO_LIMIT: i64 = i32::MAX as i64;

/// A Deployment.
#[derive(Clone, Copy)]
pub struct Deployment<'a>(pub &'a Value);

impl Deployment<'_> {
    pub fn wanted(self) -> i64 {
        number(self.0, "/spec/replicas").unwrap_or(1)
    }

    pub fn rolls(self) -> bool {
        text(self.0, "/spec/strategy/type") != "Recreate"
    }

    pub fn surge(self) -> i64 {
        if self.rolls() {
            self.fenceposts().surge
        } else {
            0
        }
    }

    pub fn unavailable(self) -> i64 {
        if !self.rolls() || self.wanted() == 0 {
            return 0;
        }
        self.fenceposts().unavailable.min(self.wanted())
    }

    fn fenceposts(self) -> Fenceposts {
        let update = &self.0["spec"]["strategy"]["rollingUpdate"];
        Fenceposts::resolve(
            &update["maxSurge"],
            &update["maxUnavailable"],
            self.wanted(),
        )
    }

    pub fn paused(self) -> bool {
        self.0["spec"]["paused"] == true
    }

    pub fn min_ready_seconds(self) -> i64 {
        number(self.0, "/spec/minReadySeconds").unwrap_or(0)
    }

    pub fn generation(self) -> i64 {
        number(self.0, "/metadata/generation").unwrap_or(0)
    }

    /// Seconds without progress after which the rollout has failed.
    pub fn progress_deadline(self) -> Option<i64> {
        number(self.0, "/spec/progressDeadlineSeconds").filter(|seconds| *seconds != NO_LIMIT)
    }

    /// How many old revisions are kept.
    pub fn history_limit(self) -> Option<usize> {
        let limit =
            number(self.0, "/spec/revisionHistoryLimit").filter(|limit| *limit != NO_LIMIT)?;
        usize::try_from(limit).ok()
    }
}

/// One revision: a ReplicaSet, and the size that it is to get.
#[derive(Clone, Debug)]
pub struct Revision<'a> {
    pub object: &'a Value,
    /// Its size, which the rollout changes.
    pub size: i64,
}

impl<'a> Revision<'a> {
    pub fn new(object: &'a Value) -> Revision<'a> {
        Revision {
            object,
            size: number(object, "/spec/replicas").unwrap_or(1),
        }
    }

    pub fn name(&self) -> &'a str {
        text(self.object, "/metadata/name")
    }

    /// A count of its status.
    pub fn count(&self, which: &str) -> i64 {
        self.object["status"][which].as_i64().unwrap_or(0)
    }

    pub fn available(&self) -> i64 {
        self.count("availableReplicas")
    }

    pub fn revision(&self) -> i64 {
        self.counted_by(REVISION).unwrap_or(0)
    }

    /// A number that stands in an annotation.
    pub fn counted_by(&self, name: &str) -> Option<i64> {
        annotation(self.object, name)?.parse().ok()
    }

    pub fn created(&self) -> Option<OffsetDateTime> {
        clock::parse(text(self.object, "/metadata/creationTimestamp"))
    }

    /// For sorting: older first, then by name.
    pub fn age(&self) -> (Option<OffsetDateTime>, &'a str) {
        (self.created(), self.name())
    }

    pub fn fails(&self) -> bool {
        holds(self.object, "ReplicaFailure")
    }
}

/// The sizes of revisions together.
pub fn total(revisions: &[Revision<'_>]) -> i64 {
    revisions.iter().map(|revision| revision.size).sum()
}

/// A count of the status of revisions together.
pub fn counted(revisions: &[Revision<'_>], which: &str) -> i64 {
    revisions.iter().map(|revision| revision.count(which)).sum()
}
