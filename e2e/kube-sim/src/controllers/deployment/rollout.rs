//! One call for one deployment: its revisions, the status it will have, and what has been decided so far.

use serde_json::Value;

use super::history::is_new;
use super::view::{Deployment, Revision};
use super::{CLIENT, TELLER, status};
use crate::controllers::event::Event;
use crate::controllers::kinds::{DEPLOYMENT, REPLICA_SET};
use crate::controllers::object;
use crate::controllers::write::Write;
use crate::controllers::{Plan, World};

pub struct Rollout<'a> {
    pub world: &'a World,
    pub deployment: Deployment<'a>,
    /// The deployment with the status that it will have.
    pub changed: Value,
    /// The revision that has the deployment's template.
    pub new: Option<Revision<'a>>,
    /// The others, oldest first.
    pub old: Vec<Revision<'a>>,
    pub writes: Vec<Write>,
}

impl<'a> Rollout<'a> {
    pub fn of(world: &'a World, deployment: Deployment<'a>) -> Rollout<'a> {
        let sets = world.controlled_by(object::uid(deployment.0), &REPLICA_SET.resource);
        let mut revisions: Vec<Revision<'a>> = sets.into_iter().map(Revision::new).collect();
        revisions.sort_by_key(Revision::age);
        let position = revisions
            .iter()
            .position(|revision| is_new(deployment, revision));
        Rollout {
            world,
            deployment,
            changed: deployment.0.clone(),
            new: position.map(|position| revisions.remove(position)),
            old: revisions,
            writes: Vec::new(),
        }
    }

    /// All revisions, the new one last.
    pub fn all(&self) -> Vec<Revision<'a>> {
        self.old.iter().chain(&self.new).cloned().collect()
    }

    /// Decides the size of a revision; written when the plan is made.
    pub fn resize(&mut self, revision: &Revision<'a>, size: i64) {
        let revisions = self.old.iter_mut().chain(&mut self.new);
        for own in revisions.filter(|own| own.name() == revision.name()) {
            own.size = size;
        }
    }

    /// Tells people.
    pub fn tell(&mut self, reason: &str, message: &str) {
        let event = Event {
            about: self.deployment.0,
            kind: &DEPLOYMENT,
            severity: "Normal",
            reason,
            message,
        };
        self.writes.push(event.told_by(TELLER, self.world));
    }

    /// `checkPausedConditions`.
    pub fn note_pause(&mut self) {
        if self.deployment.progress_deadline().is_none() {
            return;
        }
        let reason = object::condition(self.deployment.0, "Progressing")
            .map(|condition| &condition["reason"]);
        if reason.is_some_and(|reason| reason == "ProgressDeadlineExceeded") {
            return;
        }
        let noted = reason.is_some_and(|reason| reason == "DeploymentPaused");
        let (reason, message) = match (self.deployment.paused(), noted) {
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return,
        };
        let condition =
            status::condition("Progressing", "Unknown", reason, message, self.world.now);
        status::set(&mut self.changed["status"], condition);
    }

    /// `syncStatusOnly`.
    pub fn only_status(mut self) -> Plan {
        self.count_status();
        self.finish()
    }

    /// The plan: resized revisions first, then the status if it differs.
    pub fn finish(mut self) -> Plan {
        self.write_sizes();
        let again = self.next_check();
        if self.changed != *self.deployment.0 {
            let status = Write::status(CLIENT, &DEPLOYMENT.resource, self.changed);
            self.writes.push(status);
        }
        Plan {
            writes: self.writes,
            again,
        }
    }
}
