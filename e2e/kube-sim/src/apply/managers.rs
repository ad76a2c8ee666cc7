//! `metadata.managedFields`: who owns what.

use serde_json::{Value, json};

use super::set::Set;

/// How a manager writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// By server-side apply.
    Apply,
    /// By anything else.
    Update,
}

/// Who writes, and through which door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manager {
    /// Its name.
    pub name: String,
    /// How it writes.
    pub operation: Operation,
    /// `apiVersion` of what it writes.
    pub api_version: String,
    /// Through which sub-resource; empty for the object itself.
    pub subresource: String,
}

impl Manager {
    /// Whether two writes are of the same manager: appliers are the same in all versions.
    pub fn is(&self, other: &Manager) -> bool {
        self.name == other.name
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == Operation::Apply || self.api_version == other.api_version)
    }

    /// As conflicts name it.
    pub fn described(&self) -> String {
        let mut text = format!("{:?}", self.name);
        if !self.subresource.is_empty() {
            text = format!("{text} with subresource {:?}", self.subresource);
        }
        if self.operation == Operation::Update {
            text = format!("{text} using {}", self.api_version);
        }
        text
    }
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Who.
    pub manager: Manager,
    /// Since when.
    pub time: Option<String>,
    /// What.
    pub set: Set,
}

/// All entries of an object.
#[derive(Clone, Debug, Default)]
pub struct Owners(pub Vec<Owner>);

impl Owners {
    /// Reads them from an object.
    pub fn of(object: &Value) -> Owners {
        let entries = object["metadata"]["managedFields"].as_array();
        Owners(entries.into_iter().flatten().map(owner).collect())
    }

    /// The paths of a manager.
    pub fn set_of(&self, manager: &Manager) -> Option<&Set> {
        let owner = self.0.iter().find(|owner| owner.manager.is(manager))?;
        Some(&owner.set)
    }

    /// Replaces the paths of a manager, keeping its time.
    pub fn set(&mut self, manager: &Manager, set: Set) {
        match self.0.iter_mut().find(|owner| owner.manager.is(manager)) {
            Some(owner) => {
                owner.manager = manager.clone();
                owner.set = set;
            }
            None => self.0.push(Owner {
                manager: manager.clone(),
                time: None,
                set,
            }),
        }
    }

    /// Writes down when a manager wrote. Entries that go through a `Scale` and back have no time.
    pub fn stamp(&mut self, manager: &Manager, time: &str) {
        if manager.subresource == "scale" {
            return;
        }
        for owner in self.0.iter_mut().filter(|owner| owner.manager.is(manager)) {
            owner.time = Some(time.to_owned());
        }
    }

    /// The entries as an object holds them, in the server's order.
    pub fn encode(mut self) -> Value {
        self.0.retain(|owner| !owner.set.is_empty());
        self.0.sort_by(|one, two| {
            let key = |owner: &Owner| {
                (
                    owner.manager.operation,
                    owner.time.clone(),
                    owner.manager.name.clone(),
                )
            };
            let rest = |owner: &Owner| {
                (
                    owner.manager.api_version.clone(),
                    owner.manager.subresource.clone(),
                )
            };
            key(one)
                .cmp(&key(two))
                .then_with(|| rest(one).cmp(&rest(two)))
        });
        self.0.iter().map(entry).collect()
    }
}

fn entry(owner: &Owner) -> Value {
    let Manager {
        name,
        operation,
        api_version,
        subresource,
    } = &owner.manager;
    let mut entry = json!({
        "manager": name,
        "operation": format!("{operation:?}"),
        "apiVersion": api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": owner.set.encode(),
    });
    if let Some(time) = &owner.time {
        entry["time"] = time.as_str().into();
    }
    if !subresource.is_empty() {
        entry["subresource"] = subresource.as_str().into();
    }
    entry
}

fn owner(entry: &Value) -> Owner {
    let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
    Owner {
        manager: Manager {
            name: text("manager"),
            operation: if entry["operation"] == "Apply" {
                Operation::Apply
            } else {
                Operation::Update
            },
            api_version: text("apiVersion"),
            subresource: text("subresource"),
        },
        time: entry["time"].as_str().map(str::to_owned),
        set: Set::decode(&entry["fieldsV1"]),
    }
}
