//! What the plan says beside its changes: errors, drift, checks, outputs, deferred parts, where secrets come from.

use super::{Judge, attributes, ours};
use crate::{
    Finding, Kind,
    plan::{Action, Change, Exposed},
};

impl Judge {
    /// Whether planning ended with an error.
    pub fn errored(&mut self, errored: bool) {
        if errored {
            self.say_whole(
                Kind::Unreadable,
                "planning ended with an error: this is a part of what would happen, and it cannot be applied",
            );
        }
    }

    /// Whether applying this plan reaches the configuration. Terraform says so, OpenTofu does not.
    pub fn complete(&mut self, complete: bool) {
        if !complete {
            self.say_whole(
                Kind::Unknown,
                "the plan is a part of what the configuration asks for (it was made with targets, for a refresh only, or something is deferred)",
            );
        }
    }

    /// A part of the plan that is not known.
    pub fn strange_part(&mut self, name: &str) {
        self.say_whole(
            Kind::Unreadable,
            &format!("the plan has a part `{name}` that this version of seedling does not know"),
        );
    }

    /// Something that was changed outside since the last apply.
    pub fn drift(&mut self, change: &Change) {
        if change.is_data || change.action == Action::Nothing {
            return;
        }
        if !ours::is_ours(change) {
            self.notes.drifted_elsewhere += 1;
            return;
        }
        let subject = ours::subject(change);
        if change.action.removes() {
            self.say(Kind::Drift, change, &subject, "was removed outside");
            return;
        }
        let names = attributes::arguments_changed(change);
        if !names.is_empty() {
            let sentence = format!("was changed outside: {}", names.join(", "));
            self.say(Kind::Drift, change, &subject, sentence);
        }
    }

    /// A change that cannot be planned yet.
    pub fn deferred(&mut self, change: &Change, reason: Option<&str>) {
        let reason = reason.map(|reason| reason.replace('_', " "));
        let sentence = format!(
            "cannot be planned yet ({}), so what will happen to it is not in this review",
            reason.as_deref().unwrap_or("no reason given")
        );
        self.say(Kind::Unreadable, change, &ours::subject(change), sentence);
    }

    /// An action of a provider that the apply calls.
    pub fn invocation(&mut self, address: &str) {
        self.say_whole(
            Kind::Unreadable,
            &format!("the action {address} runs; a plan does not say what it does"),
        );
    }

    /// A check block or condition. Its messages are not shown: they can hold values.
    pub fn check(&mut self, name: &str, status: &str) {
        let (kind, sentence) = match status {
            "pass" => return,
            "unknown" => (Kind::Unknown, "can be checked only at apply"),
            "fail" => (Kind::Check, "does not hold"),
            _ => (Kind::Check, "could not be checked"),
        };
        let finding = Finding {
            subject: name.to_owned(),
            ..self.whole(kind, sentence)
        };
        self.findings.push(finding);
    }

    /// Outputs that change, by name only: an output may hold anything.
    pub fn outputs(&mut self, names: impl Iterator<Item = String>) {
        self.notes.outputs.extend(names);
    }

    /// Secrets of ours whose values stand in plans.
    pub(super) fn exposed(&mut self, exposed: &[Exposed]) {
        for Exposed {
            address,
            argument,
            variable,
        } in exposed
        {
            let sentence = match variable {
                Some(name) => format!(
                    "`{argument}` takes values from the variable `{name}`, which is not ephemeral: whoever has the plan file can read it"
                ),
                None => format!(
                    "`{argument}` is written in the configuration itself: whoever has the code or the plan file can read it"
                ),
            };
            let finding = Finding {
                subject: address.clone(),
                address: address.clone(),
                ..self.whole(Kind::Leak, &sentence)
            };
            self.findings.push(finding);
        }
    }

    fn say_whole(&mut self, kind: Kind, sentence: &str) {
        let finding = self.whole(kind, sentence);
        self.findings.push(finding);
    }

    fn whole(&self, kind: Kind, sentence: &str) -> Finding {
        Finding {
            kind,
            plan: self.notes.label.clone(),
            subject: String::new(),
            address: String::new(),
            sentence: sentence.to_owned(),
            by_secret: false,
            details: Vec::new(),
        }
    }
}
