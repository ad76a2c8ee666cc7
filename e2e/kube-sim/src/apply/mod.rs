//! Server-side apply, and the book-keeping of owners for all other writes: a re-implementation of
//! `sigs.k8s.io/structured-merge-diff` v6 as `k8s.io/apimachinery/pkg/util/managedfields` 0.36 uses it.

mod compare;
mod fields;
mod managers;
mod merge;
mod path;
mod set;

use serde_json::Value;

pub use managers::{Manager, Operation};
pub use merge::Unmergeable;
pub use path::Step;
pub use set::Set;

use compare::{Comparison, compare};
use fields::{fields_of, without};
use managers::Owners;
use merge::merge;

use crate::schema::{Schema, skeleton};

/// Two managers want the same field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Who owns it.
    pub manager: String,
    /// Which field.
    pub path: String,
}

/// An apply was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyError {
    /// Others own fields with other values.
    Conflicts(Vec<Conflict>),
    /// The configuration does not fit the schema.
    Unmergeable(Unmergeable),
}

/// One write.
pub struct Writing<'a> {
    /// The type of the object.
    pub schema: Schema<'a>,
    /// Who writes.
    pub manager: &'a Manager,
    /// Fields that this endpoint does not write: `status` for the object, everything else for its status.
    pub ignored: &'a Set,
    /// Now, as `metav1.Time`.
    pub now: &'a str,
}

/// Never owned by anybody.
fn unowned() -> Set {
    let metadata = [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    ];
    let mut set = Set::of_fields(&[&["apiVersion"], &["kind"], &["metadata"]]);
    for name in metadata {
        set = set.union(&Set::of_fields(&[&["metadata", name]]));
    }
    set
}

/// Last writes of `kubectl apply` without `--server-side`.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Writing<'_> {
    /// Books the making of an object by something else than an apply. Structures that objects of a recorded type always have are nobody's.
    pub fn create(&self, new: &mut Value, is_recorded: bool) {
        let empty = if is_recorded {
            skeleton(self.schema)
        } else {
            Value::Null
        };
        self.book(&empty, Owners::default(), new);
    }

    /// Books a change that was no apply: the writer owns what it changed, others lose it.
    pub fn update(&self, live: &Value, new: &mut Value) {
        let mut owners = Owners::of(live);
        if owners.0.is_empty() {
            strip(new); // an object that nobody tracks stays untracked until it is applied
            return;
        }
        // The client may have emptied the list: that resets it.
        if new["metadata"]["managedFields"]
            .as_array()
            .is_some_and(Vec::is_empty)
        {
            owners = Owners::default();
        }
        self.book(live, owners, new);
    }

    fn book(&self, live: &Value, mut owners: Owners, new: &mut Value) {
        let (old, now) = (bare(live), bare(new));
        let difference = compare(self.schema, &old, &now).outside(self.ignored);
        self.take(&mut owners, &difference);
        let Comparison {
            added, modified, ..
        } = &difference;
        let changed = added
            .union(modified)
            .outside(self.ignored)
            .difference(&unowned());
        if !changed.is_empty() {
            let before = owners.set_of(self.manager).cloned().unwrap_or_default();
            owners.set(self.manager, before.union(&changed));
            owners.stamp(self.manager, self.now);
        }
        self.drop_removed(&mut owners, &difference);
        set_owners(new, owners);
    }

    fn take(&self, owners: &mut Owners, difference: &Comparison) {
        let changed = difference.added.union(&difference.modified);
        for owner in &mut owners.0 {
            if !owner.manager.is(self.manager) {
                owner.set = owner.set.difference(&changed);
            }
        }
    }

    #[allow(clippy::unused_self)] // a step of the two operations
    fn drop_removed(&self, owners: &mut Owners, difference: &Comparison) {
        for owner in &mut owners.0 {
            owner.set = owner.set.difference(&difference.removed);
        }
    }

    /// Applies a configuration to an object, or makes it (`live` is `Null`). The result has its `managedFields`.
    pub fn apply(&self, live: &Value, config: &Value, force: bool) -> Result<Value, ApplyError> {
        let mut applied = self.apply_or_take(live, config, force)?;
        // What `kubectl apply` wrote down without `--server-side` it finds up to date when it does so again.
        let noted = applied
            .pointer_mut("/metadata/annotations")
            .and_then(|all| all.get_mut(LAST_APPLIED));
        if let Some(noted) =
            noted.filter(|_| self.manager.name == "kubectl" && self.manager.subresource.is_empty())
        {
            *noted = last_applied(config).into();
        }
        Ok(applied)
    }

    fn apply_or_take(
        &self,
        live: &Value,
        config: &Value,
        force: bool,
    ) -> Result<Value, ApplyError> {
        match self.try_apply(live, config, force) {
            // kubectl takes over what it wrote itself before it knew of server-side apply.
            Err(ApplyError::Conflicts(conflicts)) if self.manager.name == "kubectl" => {
                let allowed = self.last_applied(live);
                let left: Vec<_> = conflicts
                    .into_iter()
                    .filter(|conflict| !allowed.contains(&conflict.path))
                    .collect();
                if left.is_empty() {
                    self.try_apply(live, config, true)
                } else {
                    Err(ApplyError::Conflicts(left))
                }
            }
            result => result,
        }
    }

    fn try_apply(&self, live: &Value, config: &Value, force: bool) -> Result<Value, ApplyError> {
        let mut owners = Owners::of(live);
        if owners.0.is_empty() && !live.is_null() {
            self.adopt(live, &mut owners);
        }
        let (old, config) = (bare(live), bare(config));
        let merged = merge(self.schema, (!old.is_null()).then_some(&old), Some(&config))
            .map_err(ApplyError::Unmergeable)?;
        let last = owners.set_of(self.manager).cloned();
        let set = fields_of(self.schema, &config).outside(self.ignored);
        owners.set(self.manager, set);
        let merged = match last.filter(|last| !last.is_empty()) {
            Some(last) => self.prune(&merged, &owners, &last),
            None => merged,
        };
        let difference = compare(self.schema, &old, &merged).outside(self.ignored);
        let conflicts = self.conflicts(&owners, &difference);
        if !force && !conflicts.is_empty() {
            return Err(ApplyError::Conflicts(conflicts));
        }
        self.take(&mut owners, &difference);
        for owner in &mut owners.0 {
            if !owner.manager.is(self.manager) {
                owner.set = owner.set.difference(&difference.removed);
            }
        }
        let stripped = owners.set_of(self.manager).cloned().unwrap_or_default();
        owners.set(self.manager, stripped.difference(&unowned()));
        // Where only ownership changed nobody gets a time, a new owner neither.
        if old != merged {
            owners.stamp(self.manager, self.now);
        }
        let mut merged = merged;
        set_owners(&mut merged, owners);
        Ok(merged)
    }

    /// An object from before anybody applied it: its fields get an owner of their own.
    fn adopt(&self, live: &Value, owners: &mut Owners) {
        let before = Manager {
            name: "before-first-apply".to_owned(),
            operation: Operation::Update,
            api_version: self.manager.api_version.clone(),
            subresource: String::new(),
        };
        let all = compare(self.schema, &Value::Null, &bare(live)).added;
        owners.set(&before, all.outside(self.ignored).difference(&unowned()));
        owners.stamp(&before, self.now);
    }

    fn conflicts(&self, owners: &Owners, difference: &Comparison) -> Vec<Conflict> {
        let changed = difference.added.union(&difference.modified);
        let mut conflicts = Vec::new();
        let others = owners
            .0
            .iter()
            .filter(|owner| !owner.manager.is(self.manager));
        for owner in others {
            for path in owner.set.intersection(&changed).paths() {
                conflicts.push(Conflict {
                    manager: owner.manager.described(),
                    path: path.iter().map(ToString::to_string).collect(),
                });
            }
        }
        conflicts.sort_by(|one, two| one.manager.cmp(&two.manager));
        conflicts
    }

    /// Removes what this manager applied last time, does not apply now, and nobody else owns.
    fn prune(&self, merged: &Value, owners: &Owners, last: &Set) -> Value {
        let schema = self.schema;
        let last = last.with_named_fields(schema);
        let pruned = without(schema, merged, &last).unwrap_or_default();
        let all = fields_of(schema, merged).with_named_fields(schema);
        let owned = owners
            .0
            .iter()
            .fold(Set::default(), |all, owner| all.union(&owner.set));
        let kept = fields_of(schema, &pruned).with_named_fields(schema);
        let lost = all.difference(&kept.union(&owned.with_named_fields(schema)));
        let pruned = without(schema, merged, &lost).unwrap_or_default();
        // What no one owned any more, and was not this manager's either, dangles no longer below what was removed: it stays.
        let kept = fields_of(schema, &pruned).with_named_fields(schema);
        let lost = all.difference(&kept).intersection(&last);
        without(schema, merged, &lost).unwrap_or_default()
    }

    /// Paths whose live values are those that client-side apply wrote last.
    fn last_applied(&self, live: &Value) -> Vec<String> {
        let text = live["metadata"]["annotations"][LAST_APPLIED].as_str();
        let Some(last) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
            return Vec::new();
        };
        let difference = compare(self.schema, &last, &bare(live));
        let set = fields_of(self.schema, &last)
            .difference(&difference.modified)
            .difference(&difference.added)
            .difference(&difference.removed);
        let text = |path: Vec<path::Step>| path.iter().map(ToString::to_string).collect();
        set.paths().into_iter().map(text).collect()
    }
}

/// A configuration as the annotation has it: without owners, itself, and annotations where there are no others.
fn last_applied(config: &Value) -> String {
    let mut config = bare(config);
    if let Some(metadata) = config["metadata"].as_object_mut()
        && let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
    {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    format!("{config}\n")
}

/// The object without its owners.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    strip(&mut object);
    object
}

fn strip(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

fn set_owners(object: &mut Value, owners: Owners) {
    match owners.encode() {
        Value::Array(entries) if entries.is_empty() => strip(object),
        entries => object["metadata"]["managedFields"] = entries,
    }
}
