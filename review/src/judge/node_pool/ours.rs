//! `seedling_aks_node_pool`: what changes in place, what rotates, what stops.

use super::{
    pool::{Pool, Values},
    rotation, size,
};
use crate::{
    Kind,
    judge::{Judge, attributes},
    plan::Change,
};

/// What AKS cannot change on an existing pool, by the names of arguments: the provider rotates such a pool.
const ROTATES: [&str; 16] = [
    "vm_size",
    "zones",
    "os",
    "os_sku",
    "os_disk",
    "kubelet_disk",
    "disk",
    "disks",
    "max_pods",
    "spot",
    "gpu",
    "subnet_id",
    "pod_subnet_id",
    "subnets",
    "fips",
    "encryption_at_host",
];

/// What AKS changes node by node: each node goes and comes back.
const ROLLS: [&str; 4] = [
    "kubernetes_version",
    "version",
    "node_image",
    "node_image_version",
];

/// What changes without any node going. Sizes are judged apart.
const IN_PLACE: [&str; 15] = [
    "size",
    "labels",
    "taints",
    "dedicated",
    "tags",
    "mode",
    "upgrade",
    "upgrade_settings",
    "running",
    "drain",
    "on_immutable_change",
    "deletion_protection",
    "keep_failed",
    "timeouts",
    "adopt",
];

/// What an update does to a pool of ours.
pub fn update(judge: &mut Judge, change: &Change, subject: &str) {
    let changed = attributes::arguments_changed(change);
    let of = |names: &[&str]| -> Vec<String> {
        let these = changed.iter().filter(|name| names.contains(&name.as_str()));
        these.cloned().collect()
    };
    let unknown: Vec<String> = changed
        .iter()
        .filter(|name| {
            ![&ROTATES[..], &ROLLS, &IN_PLACE]
                .concat()
                .contains(&name.as_str())
        })
        .cloned()
        .collect();
    if !unknown.is_empty() {
        let sentence = format!(
            "changes attributes of which this version of seedling does not know whether the nodes stay: {}",
            unknown.join(", ")
        );
        judge.say(Kind::Unreadable, change, subject, sentence);
    }
    running(judge, change, subject);
    let rotates = of(&ROTATES);
    if !rotates.is_empty() {
        rotated(judge, change, subject, &rotates);
        return;
    }
    let rolls = of(&ROLLS);
    if !rolls.is_empty() {
        let mut finding = judge.finding(
            Kind::Restart,
            change,
            subject,
            format!(
                "its nodes are renewed one after the other, because {} changes; each pod on them restarts",
                rolls.join(", ")
            ),
        );
        finding
            .details
            .push("within disruption budgets, and as `upgrade` says how many at a time".into());
        judge.findings.push(finding);
    }
    let rest: Vec<String> = of(&IN_PLACE)
        .into_iter()
        .filter(|name| name != "running")
        .collect();
    if !rest.is_empty() {
        size::update(judge, change, subject, &rest);
    }
}

fn rotated(judge: &mut Judge, change: &Change, subject: &str, because: &[String]) {
    let (before, after) = (
        Pool::of(change, Values::Before),
        Pool::of(change, Values::After),
    );
    let sizes = match (&before, &after) {
        (Some(before), Some(after)) if before.words() != after.words() => {
            format!(": {} instead of {}", after.words(), before.words())
        }
        (Some(before), _) => format!(": all {} are renewed", before.words()),
        _ => String::new(),
    };
    let mut finding = judge.finding(
        Kind::Destroy,
        change,
        subject,
        format!(
            "is rotated, because {} cannot change in place{sizes}; roughly {}",
            because.join(", "),
            rotation::duration(before.as_ref(), after.as_ref())
        ),
    );
    finding
        .details
        .extend(rotation::steps(before.as_ref(), after.as_ref()));
    judge.findings.push(finding);
}

fn running(judge: &mut Judge, change: &Change, subject: &str) {
    match (
        change.values.before("running").as_bool(),
        change.values.after("running").as_bool(),
    ) {
        (Some(false), Some(true)) => judge.say(
            Kind::Change,
            change,
            subject,
            "is started: its nodes come back",
        ),
        (before, Some(false)) if before != Some(false) => judge.say(
            Kind::Downtime,
            change,
            subject,
            "is stopped: its nodes go, and pods on them wait until another pool takes them",
        ),
        _ => {}
    }
}
