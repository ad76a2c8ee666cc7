//! What the two steps of damage have in common: each root plans, its plan is judged, it is applied, and everything
//! is as it was.

use std::collections::BTreeSet;
use std::time::Instant;

use super::empty_plan::must_be_empty;
use serde_json::Value;

use crate::driver::documents::{ResourceChange, StateResource};
use crate::driver::root::{Plan, PlanMode};
use crate::proof::cluster::compare::{self, Snapshot};
use crate::proof::cluster::objects::{self, Live};
use crate::proof::cluster::owners;
use crate::proof::{Proof, ProofError};

/// What a plan says about an object.
pub(super) enum Noticed {
    /// Its resource would be created anew, with all that belongs to it.
    Recreated,
    /// Its resource would be updated.
    Updated {
        /// The entries of the resource's `drift` list.
        drift: Vec<String>,
        /// Attributes that the refresh found changed.
        refreshed: Vec<String>,
    },
    /// Its resource would stay as it is, or no resource owns the object.
    Nothing,
}

/// What a plan says about an object. One that several resources share (a role of ours) may be named by any of them.
pub(super) fn noticed(plan: &Plan, resources: &[&StateResource], object: &Live) -> Noticed {
    let owners: Vec<&str> = owners::owners_of(resources, object)
        .map(|owner| owner.address.as_str())
        .collect();
    let its = |change: &&ResourceChange| owners.contains(&change.address.as_str());
    let changes: Vec<&ResourceChange> = plan.document.touched().filter(its).collect();
    if changes.is_empty() {
        return Noticed::Nothing;
    }
    if changes.iter().any(|change| change.change.before.is_null()) {
        return Noticed::Recreated;
    }
    let lists = changes
        .iter()
        .filter_map(|change| change.change.before.get("drift")?.as_array());
    let drift = lists
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let refreshed = plan
        .document
        .resource_drift
        .iter()
        .filter(its)
        .flat_map(ResourceChange::changed_attributes);
    Noticed::Updated {
        drift,
        refreshed: refreshed.collect(),
    }
}

impl Noticed {
    /// Whether a changed field is named: in the `drift` list, itself or by something that contains it, or as an
    /// attribute of its own name (`replicas`, `image`). What a Secret holds is shown by its digests instead.
    pub(super) fn names(&self, object: &Live, path: &str) -> bool {
        match self {
            Self::Recreated => true,
            Self::Nothing => false,
            Self::Updated { drift, refreshed } => {
                let is_content = path.starts_with("data") || path.contains("digest-key");
                let field = path.rsplit('.').next().unwrap_or(path);
                drift.iter().any(|entry| entry_names(entry, object, path))
                    || refreshed.iter().any(|attribute| attribute == field)
                    || (is_content && shows_secret(object, refreshed))
            }
        }
    }

    /// Whether the absence of the object is named.
    pub(super) fn misses(&self, object: &Live) -> bool {
        match self {
            Self::Recreated => true,
            Self::Nothing => false,
            Self::Updated { drift, refreshed } => {
                drift.iter().any(|entry| {
                    about(entry, object).is_some_and(|rest| rest.starts_with("is missing"))
                }) || shows_secret(object, refreshed)
            }
        }
    }
}

fn shows_secret(object: &Live, refreshed: &[String]) -> bool {
    object.resource.kind == "Secret" && refreshed.iter().any(|name| name.ends_with("_digests"))
}

/// Whether an entry of a `drift` list names a path of an object: itself, something that contains it, or a part of it.
fn entry_names(entry: &str, object: &Live, path: &str) -> bool {
    let Some(rest) = about(entry, object) else {
        return false;
    };
    let said = rest.split(", by ").next().unwrap_or_default();
    said == "is missing" || (!said.is_empty() && (is_within(path, said) || is_within(said, path)))
}

/// What an entry says about an object: resources with objects in several environments begin with the environment.
fn about<'a>(entry: &'a str, object: &Live) -> Option<&'a str> {
    let place = object
        .namespace()
        .and_then(|namespace| entry.strip_prefix(namespace)?.strip_prefix(": "));
    place
        .unwrap_or(entry)
        .strip_prefix(&object.short())?
        .strip_prefix(' ')
}

fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer)
        .is_some_and(|below| below.is_empty() || below.starts_with(['.', '[']))
}

/// Why a comparison with the state of things now would mean nothing: something is waiting to be done already.
pub(super) async fn unhealed(
    proof: &Proof<'_>,
    until: Instant,
) -> Result<Option<String>, ProofError> {
    for root in &proof.roots {
        if !root
            .plan("before-damage", PlanMode::Normal, until)
            .await?
            .is_empty
        {
            return Ok(Some(format!(
                "the plan of {} is not empty to begin with",
                root.name
            )));
        }
    }
    Ok(None)
}

/// Plans each root, lets `found` say which of the `damage` the plan shows, applies, and compares the objects with what
/// they were. Whatever no plan shows was not noticed.
pub(super) async fn heal(
    proof: &Proof<'_>,
    label: &str,
    before: &Snapshot,
    damage: &BTreeSet<String>,
    until: Instant,
    found: impl Fn(&Plan, &[&StateResource]) -> BTreeSet<String>,
) -> Result<(), ProofError> {
    let mut shown = BTreeSet::new();
    for root in &proof.roots {
        let state = root.state(until).await?;
        let plan = root.plan(label, PlanMode::Normal, until).await?;
        proof
            .artefacts
            .write(&format!("plans/{}-{label}.txt", root.name), &plan.text)?;
        shown.extend(found(&plan, &state.ours()));
        // Healed even if not all was noticed: the steps after this one have their own questions.
        root.apply(&plan, until).await?;
        let after = root
            .plan(&format!("{label}-healed"), PlanMode::Normal, until)
            .await?;
        must_be_empty(root, &after, "after it was healed")?;
    }
    let now = objects::of_projects(&proof.client).await?;
    let different = compare::differences(before, &compare::snapshot(&now));
    let unnoticed = damage
        .difference(&shown)
        .map(|line| format!("not noticed: {line}"));
    let missed: Vec<String> = unnoticed
        .chain(different.iter().map(|line| format!("not healed: {line}")))
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    let found = format!(
        "{} of what was changed went wrong:\n{}",
        missed.len(),
        missed.join("\n")
    );
    Err(ProofError::broken_with(
        found,
        format!("the plan is in plans/…-{label}.txt of the artefacts"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::api::{ApiResource, GroupVersionKind};

    #[test]
    fn entries_name_a_path_or_what_contains_it() {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("apps", "v1", "Deployment"));
        let json = serde_json::json!({"metadata": {"name": "api", "namespace": "dev"}});
        let object = Live { resource, json };
        let path = "spec.template.spec.containers[api].image";
        assert!(entry_names(
            "Deployment/api spec.template.spec.containers[api].image, by kubectl, 10:00",
            &object,
            path
        ));
        assert!(entry_names(
            "Deployment/api spec.template.spec.containers[api]",
            &object,
            path
        ));
        assert!(entry_names("Deployment/api is missing", &object, path));
        assert!(entry_names(
            "Deployment/api spec.template.spec.containers[api].image.x",
            &object,
            path
        ));
        assert!(!entry_names(
            "Deployment/api spec.template.spec.containers[api].ima",
            &object,
            path
        ));
        assert!(!entry_names("Deployment/api2 spec", &object, path));
        assert!(entry_names("dev: Deployment/api is missing", &object, path));
        assert!(!entry_names(
            "prod: Deployment/api is missing",
            &object,
            path
        ));
        assert!(!entry_names("Service/api spec", &object, path));
    }
}
