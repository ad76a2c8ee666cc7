//! Sizes of revisions: how they are written, and what happens to them when only the deployment's size changes.

use super::arithmetic::{Share, proportional};
use super::rollout::Rollout;
use super::view::{DESIRED_REPLICAS, MAX_REPLICAS, Revision, total};
use super::{CLIENT, view};
use crate::controllers::Plan;
use crate::controllers::kinds::REPLICA_SET;
use crate::controllers::object::{annotation, number};
use crate::controllers::write::Write;

impl<'a> Rollout<'a> {
    /// `isScalingEvent`: a revision in use was made for another size of the deployment.
    pub fn is_rescaled(&self) -> bool {
        let wanted = self.deployment.wanted();
        let active = self.all().into_iter().filter(|revision| revision.size > 0);
        active
            .filter_map(|revision| revision.counted_by(DESIRED_REPLICAS))
            .any(|desired| desired != wanted)
    }

    /// `sync`: sizes and status, without a new revision.
    pub fn rescale(mut self) -> Plan {
        if self.note_revision() {
            return self.finish();
        }
        let forced = self.share_out();
        self.write_annotations(&forced);
        if self.deployment.paused() {
            self.clean_up();
        }
        self.count_status();
        self.finish()
    }

    /// `scale`. Gives the revisions whose annotations must follow the deployment even if their size stays.
    fn share_out(&mut self) -> Vec<Revision<'a>> {
        let wanted = self.deployment.wanted();
        if let Some(only) = self.active_or_latest() {
            self.resize(&only, wanted);
            return Vec::new();
        }
        if self.is_saturated() {
            for old in self.old.clone() {
                self.resize(&old, 0);
            }
            return Vec::new();
        }
        if !self.deployment.rolls() {
            return Vec::new();
        }
        let mut active: Vec<Revision<'a>> = self
            .all()
            .into_iter()
            .filter(|revision| revision.size > 0)
            .collect();
        let surge = self.deployment.surge();
        let allowed = if wanted > 0 { wanted + surge } else { 0 };
        // `ReplicaSetsBySizeNewer` when growing, `ReplicaSetsBySizeOlder` when shrinking.
        active.sort_by_key(Revision::age);
        if allowed > total(&active) {
            active.reverse();
        }
        active.sort_by_key(|revision| std::cmp::Reverse(revision.size));
        let shares: Vec<Share> = active.iter().map(share).collect();
        let counted = number(self.deployment.0, "/status/replicas").unwrap_or(0);
        for (revision, size) in active
            .iter()
            .zip(proportional(&shares, wanted, surge, counted))
        {
            self.resize(revision, size);
        }
        active
    }

    /// `FindActiveOrLatest`: the only revision in use, or the latest if none is.
    fn active_or_latest(&self) -> Option<Revision<'a>> {
        let all = self.all();
        let active: Vec<&Revision<'a>> = all.iter().filter(|revision| revision.size > 0).collect();
        match active.as_slice() {
            [] => self.new.clone().or_else(|| self.old.last().cloned()),
            [only] => Some((*only).clone()),
            _ => None,
        }
    }

    /// `IsSaturated`.
    fn is_saturated(&self) -> bool {
        let wanted = self.deployment.wanted();
        self.new.as_ref().is_some_and(|new| {
            new.size == wanted
                && new.counted_by(DESIRED_REPLICAS) == Some(wanted)
                && new.available() == wanted
        })
    }

    /// Writes every revision whose size was decided anew, and tells of it.
    pub fn write_sizes(&mut self) {
        for revision in self.all() {
            let before = Revision::new(revision.object).size;
            if before == revision.size {
                continue;
            }
            self.write_revision(&revision);
            let direction = if before < revision.size { "up" } else { "down" };
            let message = format!(
                "Scaled {direction} replica set {} from {before} to {}",
                revision.name(),
                revision.size
            );
            self.tell("ScalingReplicaSet", &message);
        }
    }

    /// Revisions of an unchanged size whose annotations still speak of the deployment's old one.
    fn write_annotations(&mut self, revisions: &[Revision<'a>]) {
        let (desired, most) = self.bounds();
        for revision in revisions {
            let current = self
                .all()
                .into_iter()
                .find(|own| own.name() == revision.name());
            let unchanged = current.is_some_and(|current| current.size == revision.size);
            let says = |name, number: &str| annotation(revision.object, name) == Some(number);
            if unchanged && !(says(DESIRED_REPLICAS, &desired) && says(MAX_REPLICAS, &most)) {
                self.write_revision(revision);
            }
        }
    }

    fn write_revision(&mut self, revision: &Revision<'a>) {
        let (desired, most) = self.bounds();
        let mut object = revision.object.clone();
        object["spec"]["replicas"] = revision.size.into();
        object["metadata"]["annotations"][view::DESIRED_REPLICAS] = desired.into();
        object["metadata"]["annotations"][view::MAX_REPLICAS] = most.into();
        self.writes
            .push(Write::update(CLIENT, &REPLICA_SET.resource, object));
    }

    /// What the annotations say: the size wanted, and with surge.
    pub fn bounds(&self) -> (String, String) {
        let wanted = self.deployment.wanted();
        (
            wanted.to_string(),
            (wanted + self.deployment.surge()).to_string(),
        )
    }
}

fn share(revision: &Revision<'_>) -> Share {
    Share {
        size: revision.size,
        most_before: revision.counted_by(MAX_REPLICAS),
    }
}
