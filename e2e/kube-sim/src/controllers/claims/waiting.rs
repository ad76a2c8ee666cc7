//! A claim that has no volume yet: whose turn it is.

use serde_json::Value;

use super::{CLIENT, PROVISIONER, SELECTED_NODE, TELLER};
use crate::controllers::World;
use crate::controllers::event::Event;
use crate::controllers::kinds::{CLAIM, STORAGE_CLASS};
use crate::controllers::object::{annotation, text};
use crate::controllers::write::Write;

/// Tells the provisioner that it is its turn, and people what is waited for.
pub fn wait(world: &World, claim: &Value) -> Vec<Write> {
    let class = world.find(
        &STORAGE_CLASS.resource,
        "",
        text(claim, "/spec/storageClassName"),
    );
    let Some(class) = class else {
        let (severity, reason, words) = match text(claim, "/spec/storageClassName") {
            "" => (
                "Normal",
                "FailedBinding",
                "no persistent volumes available for this claim and no storage class is set"
                    .to_owned(),
            ),
            class => (
                "Warning",
                "ProvisioningFailed",
                format!("storageclass.storage.k8s.io {class:?} not found"),
            ),
        };
        return tell_once(world, claim, severity, reason, &words);
    };
    let for_pod = class["volumeBindingMode"] == "WaitForFirstConsumer"
        && annotation(claim, SELECTED_NODE).is_none();
    if for_pod {
        let words = "waiting for first consumer to be created before binding";
        return tell_once(world, claim, "Normal", "WaitForFirstConsumer", words);
    }
    let provisioner = text(class, "/provisioner");
    let mut changed = claim.clone();
    for name in PROVISIONER {
        changed["metadata"]["annotations"][name] = provisioner.into();
    }
    let words = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    let mut writes = tell_once(world, claim, "Normal", "ExternalProvisioning", &words);
    if changed != *claim {
        writes.push(Write::update(CLIENT, &CLAIM.resource, changed));
    }
    writes
}

/// Not again for every change of the claim, as the real one does every 15 seconds.
fn tell_once(
    world: &World,
    claim: &Value,
    severity: &'static str,
    reason: &str,
    message: &str,
) -> Vec<Write> {
    let event = Event {
        about: claim,
        kind: &CLAIM,
        severity,
        reason,
        message,
    };
    if event.told_before(&TELLER, world).is_some() {
        return Vec::new();
    }
    vec![event.told_by(TELLER, world)]
}
