//! Sets of paths: what a manager owns.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::path::Step;
use crate::schema::Schema;

/// A set of paths into an object, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    members: BTreeSet<Step>,
    children: BTreeMap<Step, Set>,
}

impl Set {
    /// A set of paths that lead through fields only.
    pub fn of_fields(paths: &[&[&str]]) -> Set {
        let mut set = Set::default();
        for path in paths {
            let path: Vec<_> = path
                .iter()
                .map(|name| Step::Field((*name).to_owned()))
                .collect();
            set.insert(&path);
        }
        set
    }

    /// Adds a path. The empty path is no member of any set.
    pub fn insert(&mut self, path: &[Step]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Whether it has no paths.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.values().all(Set::is_empty)
    }

    /// Whether a step leads to a member.
    pub fn has(&self, step: &Step) -> bool {
        self.members.contains(step)
    }

    /// What is below a step.
    pub fn below(&self, step: &Step) -> Option<&Set> {
        self.children.get(step).filter(|set| !set.is_empty())
    }

    /// Paths in either.
    #[must_use]
    pub fn union(&self, other: &Set) -> Set {
        let mut result = self.clone();
        result.members.extend(other.members.iter().cloned());
        for (step, set) in &other.children {
            let child = result.children.entry(step.clone()).or_default();
            *child = child.union(set);
        }
        result
    }

    /// Paths in both.
    #[must_use]
    pub fn intersection(&self, other: &Set) -> Set {
        let members = self.members.intersection(&other.members).cloned().collect();
        let children = self.children.iter().filter_map(|(step, set)| {
            let child = set.intersection(other.children.get(step)?);
            (!child.is_empty()).then(|| (step.clone(), child))
        });
        Set {
            members,
            children: children.collect(),
        }
    }

    /// Paths that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Set) -> Set {
        self.without(other, false)
    }

    /// Paths that are neither in the other nor below one of its paths.
    #[must_use]
    pub fn outside(&self, other: &Set) -> Set {
        self.without(other, true)
    }

    fn without(&self, other: &Set, and_below: bool) -> Set {
        let members = self.members.difference(&other.members).cloned().collect();
        let children = self.children.iter().filter_map(|(step, set)| {
            if and_below && other.members.contains(step) {
                return None;
            }
            let child = match other.children.get(step) {
                Some(others) => set.without(others, and_below),
                None => set.clone(),
            };
            (!child.is_empty()).then(|| (step.clone(), child))
        });
        Set {
            members,
            children: children.collect(),
        }
    }

    /// The set with the fields that the schema names on the way to its paths: who owns `.a.b` owns `.a` too, unless `.a` is a map.
    #[must_use]
    pub fn with_named_fields(&self, schema: Schema<'_>) -> Set {
        let named = |step: &&Step| matches!(step, Step::Field(name) if schema.names(name));
        let mut members = self.members.clone();
        members.extend(self.children.keys().filter(named).cloned());
        let children = self
            .children
            .iter()
            .map(|(step, set)| (step.clone(), set.with_named_fields(schema.at(step))))
            .collect();
        Set { members, children }
    }

    /// All paths, members of a level before what is below it.
    pub fn paths(&self) -> Vec<Vec<Step>> {
        let mut all: Vec<_> = self.members.iter().map(|step| vec![step.clone()]).collect();
        for (step, set) in &self.children {
            let below = set.paths().into_iter();
            all.extend(below.map(|path| [vec![step.clone()], path].concat()));
        }
        all
    }

    /// As `fieldsV1` holds it.
    pub fn encode(&self) -> Value {
        let mut map = Map::new();
        for step in &self.members {
            map.insert(step.encoded(), Value::Object(Map::new()));
        }
        for (step, set) in &self.children {
            let mut child = set.encode();
            if self.members.contains(step) {
                child["."] = Value::Object(Map::new());
            }
            map.insert(step.encoded(), child);
        }
        Value::Object(map)
    }

    /// Reads `fieldsV1`; steps that are none are left out.
    pub fn decode(fields: &Value) -> Set {
        let mut set = Set::default();
        for (text, below) in fields.as_object().into_iter().flatten() {
            let Some(step) = Step::parse(text) else {
                continue;
            };
            let below_it = below.as_object().map_or(0, Map::len);
            let is_member = below.get(".").is_some();
            if is_member || below_it == 0 {
                set.members.insert(step.clone());
            }
            if below_it > usize::from(is_member) {
                set.children.insert(step, Set::decode(below));
            }
        }
        set
    }
}
