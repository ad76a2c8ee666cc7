//! Claims and volumes find each other and let go of each other.

use serde_json::{Value, json};

use super::{CLAIM_PROTECTION, Claims, PROVISIONER, VOLUME_PROTECTION};
use crate::controllers::kinds::{CLAIM, STORAGE_CLASS, VOLUME};
use crate::controllers::object::{annotation, uid};
use crate::controllers::testing::Sim;

fn claim(class: &str) -> Value {
    json!({
        "metadata": {"name": "data", "namespace": "n", "finalizers": [CLAIM_PROTECTION]},
        "spec": {"storageClassName": class, "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    })
}

#[test]
fn a_volume_made_for_a_claim_is_bound_and_released() {
    let mut sim = Sim::with(vec![Box::new(Claims)]);
    sim.create(
        &STORAGE_CLASS,
        json!({"metadata": {"name": "fast"}, "provisioner": "x"}),
    );
    let claim = sim.create(&CLAIM, claim("fast"));
    sim.settle();
    assert_eq!(
        annotation(&sim.get(&CLAIM, "n", "data").unwrap(), PROVISIONER[1]),
        Some("x")
    );
    let reference = json!({"namespace": "n", "name": "data", "uid": uid(&claim)});
    sim.create(&VOLUME, json!({
        "metadata": {"name": "v", "finalizers": [VOLUME_PROTECTION]},
        "spec": {"claimRef": reference, "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "fast"},
    }));
    sim.settle();
    let bound = sim.get(&CLAIM, "n", "data").unwrap();
    assert_eq!(
        bound["status"],
        json!({"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}})
    );
    assert_eq!(
        sim.get(&VOLUME, "", "v").unwrap()["status"]["phase"],
        "Bound"
    );
    sim.delete(&CLAIM, "n", "data", "Background");
    sim.settle();
    assert_eq!(sim.get(&CLAIM, "n", "data"), None);
    assert_eq!(
        sim.get(&VOLUME, "", "v").unwrap()["status"]["phase"],
        "Released"
    );
    sim.delete(&VOLUME, "", "v", "Background");
    sim.settle();
    assert_eq!(sim.get(&VOLUME, "", "v"), None);
}

#[test]
fn people_are_told_what_a_claim_waits_for() {
    for (class, mode, wanted) in [
        (
            "",
            "",
            "Normal FailedBinding no persistent volumes available for this claim and no storage class is set",
        ),
        (
            "none",
            "",
            "Warning ProvisioningFailed storageclass.storage.k8s.io \"none\" not found",
        ),
        (
            "late",
            "WaitForFirstConsumer",
            "Normal WaitForFirstConsumer waiting for first consumer to be created before binding",
        ),
    ] {
        let mut sim = Sim::with(vec![Box::new(Claims)]);
        sim.create(
            &STORAGE_CLASS,
            json!({"metadata": {"name": "late"}, "provisioner": "x", "volumeBindingMode": mode}),
        );
        sim.create(&CLAIM, claim(class));
        sim.settle();
        assert_eq!(sim.told("data"), [wanted]);
    }
}
