//! Revisions: which is new, how a new one is made and numbered, and which old ones are forgotten.

use serde_json::{Value, json};

use super::arithmetic::new_size;
use super::rollout::Rollout;
use super::template::{HASH_LABEL, hash, labelled, same};
use super::view::{
    DESIRED_REPLICAS, Deployment, MAX_REPLICAS, REVISION, REVISION_HISTORY, Revision, total,
};
use super::{CLIENT, status};
use crate::controllers::kinds::{DEPLOYMENT, REPLICA_SET};
use crate::controllers::object::{self, annotation, members, number};
use crate::controllers::write::Write;

/// Annotations of the deployment that its revisions do not get (`annotationsToSkip`).
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

/// Longer lists of former numbers lose their beginning (`maxRevHistoryLengthInChars`).
const LONGEST_HISTORY: usize = 2000;

/// Names are at most so long (`DNS1123SubdomainMaxLength`).
const LONGEST_NAME: usize = 253;

/// Whether a revision has the deployment's template.
pub fn is_new(deployment: Deployment<'_>, revision: &Revision<'_>) -> bool {
    same(
        &deployment.0["spec"]["template"],
        &revision.object["spec"]["template"],
    )
}

impl<'a> Rollout<'a> {
    fn next_number(&self) -> i64 {
        self.old.iter().map(Revision::revision).max().unwrap_or(0) + 1
    }

    /// First half of `getNewReplicaSet`: an existing revision gets the deployment's annotations and number.
    /// True if it had to be written, so that the rest is for the next call.
    pub fn note_revision(&mut self) -> bool {
        let Some(new) = self.new.clone() else {
            return false;
        };
        let mut object = new.object.clone();
        copy_annotations(self.deployment.0, &mut object);
        renumber(&mut object, self.next_number());
        let min_ready = self.deployment.min_ready_seconds();
        if number(&object, "/spec/minReadySeconds").unwrap_or(0) != min_ready {
            object["spec"]["minReadySeconds"] = min_ready.into();
        }
        if object != *new.object {
            self.writes
                .push(Write::update(CLIENT, &REPLICA_SET.resource, object));
            return true;
        }
        if let Some(revision) = annotation(new.object, REVISION) {
            self.changed["metadata"]["annotations"][REVISION] = revision.into();
        }
        let known = object::condition(&self.changed, "Progressing").is_some();
        if self.deployment.progress_deadline().is_some() && !known {
            let message = format!("Found new replica set \"{}\"", new.name());
            let found = status::condition(
                "Progressing",
                "True",
                "FoundNewReplicaSet",
                &message,
                self.world.now,
            );
            status::set(&mut self.changed["status"], found);
        }
        false
    }

    /// Second half of `getNewReplicaSet`: makes a revision if there is none. True if it did.
    pub fn create_revision(&mut self) -> bool {
        if self.new.is_some() {
            return false;
        }
        let deployment = self.deployment;
        let collisions = number(&self.changed, "/status/collisionCount");
        let hash = hash(&deployment.0["spec"]["template"], collisions);
        let name = revision_name(object::name(deployment.0), &hash);
        let size = if deployment.rolls() {
            new_size(deployment.wanted(), deployment.surge(), total(&self.old), 0)
        } else {
            deployment.wanted()
        };
        let set = self.new_set(&name, &hash, size);
        self.writes.push(Write::create(CLIENT, &REPLICA_SET, set));
        if size > 0 {
            self.tell(
                "ScalingReplicaSet",
                &format!("Scaled up replica set {name} from 0 to {size}"),
            );
        }
        self.changed["metadata"]["annotations"][REVISION] = self.next_number().to_string().into();
        if deployment.progress_deadline().is_some() {
            let message = format!("Created new replica set \"{name}\"");
            let created = status::condition(
                "Progressing",
                "True",
                "NewReplicaSetCreated",
                &message,
                self.world.now,
            );
            status::set(&mut self.changed["status"], created);
        }
        true
    }

    fn new_set(&self, name: &str, hash: &str, size: i64) -> Value {
        let deployment = self.deployment.0;
        let template = labelled(&deployment["spec"]["template"], hash);
        let mut selector = deployment["spec"]["selector"].clone();
        selector["matchLabels"][HASH_LABEL] = hash.into();
        let mut set = json!({
            "metadata": {
                "name": name,
                "namespace": object::namespace(deployment),
                "labels": template["metadata"]["labels"],
                "ownerReferences": [object::owned_by(deployment, &DEPLOYMENT)],
            },
            "spec": {"replicas": size, "selector": selector, "template": template},
        });
        if self.deployment.min_ready_seconds() > 0 {
            set["spec"]["minReadySeconds"] = self.deployment.min_ready_seconds().into();
        }
        copy_annotations(deployment, &mut set);
        let (desired, most) = self.bounds();
        let annotations = &mut set["metadata"]["annotations"];
        annotations[DESIRED_REPLICAS] = desired.into();
        annotations[MAX_REPLICAS] = most.into();
        annotations[REVISION] = self.next_number().to_string().into();
        set
    }

    /// `cleanupDeployment`: the oldest revisions beyond the limit, as far as nothing is left of them.
    pub fn clean_up(&mut self) {
        let Some(limit) = self.deployment.history_limit() else {
            return;
        };
        let alive = self
            .old
            .iter()
            .filter(|old| !object::terminating(old.object));
        let mut kept: Vec<Revision<'a>> = alive.cloned().collect();
        kept.sort_by_key(Revision::revision);
        let surplus = kept.len().saturating_sub(limit);
        for old in kept.iter().take(surplus).filter(|old| is_over(old)) {
            self.writes
                .push(Write::delete(CLIENT, &REPLICA_SET.resource, old.object));
        }
    }
}

fn is_over(revision: &Revision<'_>) -> bool {
    let generation = number(revision.object, "/metadata/generation").unwrap_or(0);
    revision.size == 0
        && revision.count("replicas") == 0
        && generation <= revision.count("observedGeneration")
}

/// `generateReplicaSetName`.
fn revision_name(deployment: &str, hash: &str) -> String {
    let room = LONGEST_NAME.saturating_sub(hash.len() + 1);
    format!("{}-{hash}", deployment.get(..room).unwrap_or(deployment))
}

/// `copyDeploymentAnnotationsToReplicaSet`.
fn copy_annotations(deployment: &Value, set: &mut Value) {
    for (name, value) in members(deployment, "/metadata/annotations") {
        if !NOT_COPIED.contains(&name.as_str()) {
            set["metadata"]["annotations"][name] = value.clone();
        }
    }
}

/// Second half of `SetNewReplicaSetAnnotations`: a revision that is rolled back to gets a new number and
/// remembers the former ones.
fn renumber(set: &mut Value, number: i64) {
    let former = annotation(set, REVISION).map(str::to_owned);
    let current = former
        .as_deref()
        .map_or(Some(0), |former| former.parse().ok());
    if current.is_none_or(|current: i64| current >= number) {
        return;
    }
    if let Some(former) = former {
        let history = annotation(set, REVISION_HISTORY)
            .unwrap_or_default()
            .to_owned();
        let mut numbers: Vec<&str> = history
            .split(',')
            .filter(|number| !number.is_empty())
            .collect();
        numbers.push(&former);
        while numbers.join(",").len() > LONGEST_HISTORY {
            numbers.remove(0);
        }
        set["metadata"]["annotations"][REVISION_HISTORY] = numbers.join(",").into();
    }
    set["metadata"]["annotations"][REVISION] = number.to_string().into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_that_comes_back_remembers_its_numbers() {
        let mut set = json!({"metadata": {"annotations": {REVISION: "1"}}});
        renumber(&mut set, 1);
        assert_eq!(annotation(&set, REVISION_HISTORY), None);
        renumber(&mut set, 3);
        renumber(&mut set, 5);
        assert_eq!(annotation(&set, REVISION), Some("5"));
        assert_eq!(annotation(&set, REVISION_HISTORY), Some("1,3"));
    }
}
