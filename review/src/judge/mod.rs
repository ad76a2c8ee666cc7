//! What each change does, in words. One module per resource type.

mod access;
pub(crate) mod attributes;
mod environment;
mod foreign;
mod gateway;
mod ingress;
mod node_pool;
mod ours;
mod service;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::{
    Finding, Kind, Notes, Options, Review, Row,
    between::{Side, Sort, Thing},
    capacity::Capacity,
    cost::{Cost, Line},
    plan::{Action, Change, Configuration},
};

/// Judges the changes of one plan, one after the other.
pub struct Judge {
    /// What is to be known of the plan as a whole.
    pub notes: Notes,
    pub(crate) options: Options,
    findings: Vec<Finding>,
    rows: Vec<Row>,
    pub(crate) cost: Vec<Line>,
    capacity: Capacity,
    sides: BTreeMap<String, Side>,
    /// Node pool → services that run on it.
    placed: BTreeMap<String, BTreeSet<String>>,
    /// Where secrets come from.
    pub configuration: Configuration,
    /// Variables of the root module whose values the plan holds.
    pub held: BTreeSet<String>,
}

impl Judge {
    /// For a plan of this name.
    pub fn new(label: &str, options: &Options) -> Self {
        Self {
            notes: Notes {
                label: label.to_owned(),
                ..Notes::default()
            },
            options: options.clone(),
            findings: Vec::new(),
            rows: Vec::new(),
            cost: Vec::new(),
            capacity: Capacity::default(),
            sides: BTreeMap::new(),
            placed: BTreeMap::new(),
            configuration: Configuration::default(),
            held: BTreeSet::new(),
        }
    }

    /// A change, whatever it is.
    pub fn change(&mut self, change: &Change) {
        self.strange(change);
        if change.is_data {
            return;
        }
        self.count(change);
        self.beside(change);
        self.place(change);
        self.state_only(change);
        if let Action::Strange(_) = change.action {
            self.say(
                Kind::Unreadable,
                change,
                &change.address,
                "an action that this version of seedling does not know; look at the plan itself",
            );
        } else if change.is_deposed {
            self.say(
                Kind::Destroy,
                change,
                &change.address,
                "the old object that an earlier replacement left is removed",
            );
        } else {
            match change.type_name.as_str() {
                "seedling_service" => service::judge(self, change),
                "seedling_environment" => environment::judge(self, change),
                "seedling_gateway" => gateway::judge(self, change),
                "seedling_ingress" => ingress::judge(self, change),
                "seedling_group_access" => access::judge(self, change),
                _ => foreign::judge(self, change),
            }
        }
        self.row(change);
    }

    /// Everything that was found, into the review.
    pub fn finish(mut self, review: &mut Review) {
        node_pool::name_services(&mut self.findings, &self.placed);
        let exposed = self.configuration.exposed(&self.held);
        self.exposed(&exposed);
        for (environment, address, sentence) in self.capacity.exceeded() {
            self.findings.push(Finding {
                kind: Kind::Limit,
                plan: self.notes.label.clone(),
                subject: environment,
                address,
                sentence,
                by_secret: false,
                details: Vec::new(),
            });
        }
        for side in self.sides.into_values() {
            match review.sides.iter_mut().find(|it| it.name == side.name) {
                Some(known) => known.things.extend(side.things),
                None => review.sides.push(side),
            }
        }
        let label = self.notes.label.clone();
        review.plans.push(self.notes);
        review.findings.extend(self.findings);
        review.rows.extend(self.rows);
        let lines = self.cost.into_iter().map(|line| Line {
            plan: label.clone(),
            ..line
        });
        Cost::extend(&mut review.cost, lines);
        review.sort();
    }

    /// Adds a finding about a change.
    fn say(&mut self, kind: Kind, change: &Change, subject: &str, sentence: impl Into<String>) {
        let finding = self.finding(kind, change, subject, sentence);
        self.findings.push(finding);
    }

    /// A finding about a change, to be added to.
    fn finding(
        &self,
        kind: Kind,
        change: &Change,
        subject: &str,
        sentence: impl Into<String>,
    ) -> Finding {
        Finding {
            kind,
            plan: self.notes.label.clone(),
            subject: subject.to_owned(),
            address: change.address.clone(),
            sentence: sentence.into(),
            by_secret: false,
            details: Vec::new(),
        }
    }

    /// Keeps which node pool a service runs on, before or after.
    fn place(&mut self, change: &Change) {
        if change.type_name != "seedling_service" {
            return;
        }
        let sides = [
            change.values.before("node_pool"),
            change.values.after("node_pool"),
        ];
        for pool in sides.into_iter().filter_map(Json::as_str) {
            let services = self.placed.entry(pool.to_owned()).or_default();
            services.insert(ours::subject(change));
        }
    }

    /// Keeps what is compared with other environments.
    fn beside(&mut self, change: &Change) {
        let Some(sort) = Sort::of(&change.type_name) else {
            return;
        };
        let text = |name: &str| change.values.after(name).as_str().map(str::to_owned);
        let place = match sort {
            Sort::Environment => text("name").map(|name| (name, String::new())),
            Sort::Service | Sort::Ingress => text("environment").zip(text("name")),
        };
        // What goes, or is forgotten, has no values after.
        let Some((environment, name)) = place.filter(|_| self.options.compares) else {
            return;
        };
        let thing = Thing::of_change(sort, change);
        let new = Side::new(&environment);
        let side = self.sides.entry(environment).or_insert(new);
        side.things.insert((sort, name), thing);
    }

    fn count(&mut self, change: &Change) {
        let counts = &mut self.notes.counts;
        match change.action {
            Action::Create => counts.create += 1,
            Action::Update => counts.update += 1,
            Action::Delete => counts.delete += 1,
            Action::DeleteThenCreate | Action::CreateThenDelete => counts.replace += 1,
            Action::ForgetAndCreate => {
                counts.state += 1;
                counts.create += 1;
            }
            Action::Forget => counts.state += 1,
            Action::Nothing if change.is_import || change.moved_from.is_some() => counts.state += 1,
            Action::Nothing | Action::Read | Action::Strange(_) => {}
        }
    }

    /// Moves, imports and forgotten resources: alike for every type.
    fn state_only(&mut self, change: &Change) {
        let subject = ours::subject(change);
        if let Some(old) = &change.moved_from {
            self.say(
                Kind::State,
                change,
                &subject,
                format!("was called {old}; the object itself stays"),
            );
        }
        if change.is_import {
            self.say(
                Kind::State,
                change,
                &subject,
                "exists already and is taken into the state",
            );
        }
        if matches!(change.action, Action::Forget | Action::ForgetAndCreate) {
            self.say(
                Kind::State,
                change,
                &subject,
                "is forgotten: it stays as it is, and nothing looks after it any more",
            );
        }
    }

    fn strange(&mut self, change: &Change) {
        if !change.strange.is_empty() {
            let sentence = format!(
                "its entry in the plan has parts that this version of seedling does not know: {}",
                change.strange.join(", ")
            );
            self.say(Kind::Unreadable, change, &change.address, sentence);
        }
    }
}
