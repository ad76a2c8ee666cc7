//! A cluster as one JSON file.

use std::sync::Arc;
use std::time::Duration;

use seedling_kube_sim::Cluster;
use seedling_kube_sim::clock::{Clock, SteppedClock};
use seedling_kube_sim::store::Happened;
use serde_json::{Value, json};
use time::macros::datetime;

use crate::stepped::{PODS, Stepped, is_rolled_out, options};

#[test]
fn a_saved_cluster_goes_on_in_the_middle_of_a_rollout() {
    let mut before = Stepped::new();
    before.furnish();
    before.release("web:2", json!({}));
    let half = |stepped: &Stepped| stepped.deployment()["status"]["updatedReplicas"] == 2;
    before.until(Duration::from_mins(1), "half rolled", half);
    assert!(!is_rolled_out(&before.deployment()));

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), before.store().save()).unwrap();
    let seen = before.store().revision();
    let names = |stepped: &Stepped| -> Vec<String> {
        let pods = stepped.store().list(&PODS, Some("default")).0;
        pods.iter()
            .map(|pod| pod["metadata"]["uid"].to_string())
            .collect()
    };
    let pods = names(&before);

    let saved = std::fs::read_to_string(file.path()).unwrap();
    let mut after = Stepped::load(&saved, before.clock.now());
    let store = after.store().clone();
    assert!(
        pods.iter().all(|pod| names(&after).contains(pod)),
        "a pod is lost"
    );
    after.until(Duration::from_mins(1), "rolled out", |stepped| {
        is_rolled_out(&stepped.deployment())
    });
    let images = store.list(&PODS, Some("default")).0;
    let is_new = |pod: &Arc<Value>| pod["spec"]["containers"][0]["image"] == "web:2";
    assert!(
        images
            .iter()
            .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
            .all(is_new)
    );

    // Revisions go on, uids do not come again, and who watched before must list anew.
    assert!(store.revision() > seen);
    let gone = store.changes(seen).unwrap_err();
    assert!(gone.oldest > seen);
    let all = store.changes(gone.oldest).unwrap();
    let new: Vec<_> = all
        .iter()
        .filter(|record| record.key.resource == PODS && record.happened == Happened::Added)
        .collect();
    assert!(!new.is_empty());
    assert!(
        new.iter()
            .all(|record| !pods.contains(&record.object.tree()["metadata"]["uid"].to_string()))
    );
}

#[test]
fn what_is_no_saved_cluster_is_refused() {
    let clock = SteppedClock::at(datetime!(2026-01-01 00:00 UTC));
    for text in [
        "",
        "{}",
        "[]",
        "{\"revision\":1,\"names\":1,\"objects\":{\"pods\":3}}",
    ] {
        let error = Cluster::load(options(&clock), text).err().expect(text);
        assert!(
            error.to_string().starts_with("this is no saved cluster: "),
            "{error}"
        );
    }
}
