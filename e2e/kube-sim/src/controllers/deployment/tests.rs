//! Rollouts over stepped time: what is there in the end, and that on the way there are never too few pods, nor too many.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::view::Deployment;
use crate::controllers::kinds::{DEPLOYMENT, POD, REPLICA_SET};
use crate::controllers::object::{self, condition, holds, list, number, text};
use crate::controllers::testing::Sim;

const SECOND: Duration = Duration::from_secs(1);

fn deployment(replicas: i64, image: &str) -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "prod"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": image}], "restartPolicy": "Always"},
            },
        },
    })
}

fn sim(deployment: Value) -> Sim {
    let mut sim = Sim::new();
    sim.furnish();
    sim.create(&DEPLOYMENT, deployment);
    sim.pass(5 * SECOND);
    sim
}

fn change(sim: &Sim, change: impl FnOnce(&mut Value)) {
    sim.change(&DEPLOYMENT, "prod", "web", |object| {
        change(&mut object["spec"]);
    });
}

fn set_image(sim: &Sim, image: &str) {
    change(sim, |spec| {
        spec["template"]["spec"]["containers"][0]["image"] = image.into();
    });
}

fn web(sim: &Sim) -> Value {
    sim.get(&DEPLOYMENT, "prod", "web").unwrap()
}

fn says(sim: &Sim, kind: &str) -> (String, String, String) {
    let web = web(sim);
    let condition = condition(&web, kind).cloned().unwrap_or_default();
    let text = |member: &str| text(&condition, member).to_owned();
    (text("/status"), text("/reason"), text("/message"))
}

/// Sizes of the revisions by number, without those that have none.
fn revisions(sim: &Sim) -> Vec<(String, i64)> {
    let mut found: Vec<(String, i64)> = sim
        .list(&REPLICA_SET, "prod")
        .iter()
        .map(|set| {
            let revision = object::annotation(set, super::view::REVISION).unwrap_or_default();
            (revision.to_owned(), number(set, "/spec/replicas").unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_new_deployment_becomes_available() {
    let sim = sim(deployment(3, "app:1"));
    let name = object::name(&sim.list(&REPLICA_SET, "prod")[0]).to_owned();
    let status = web(&sim)["status"].clone();
    assert_eq!(number(&status, "/availableReplicas"), Some(3));
    assert_eq!(number(&status, "/observedGeneration"), Some(1));
    assert_eq!(number(&status, "/unavailableReplicas"), None);
    assert_eq!(number(&status, "/terminatingReplicas"), Some(0));
    let progressed = format!("ReplicaSet \"{name}\" has successfully progressed.");
    assert_eq!(
        says(&sim, "Progressing"),
        ("True".into(), "NewReplicaSetAvailable".into(), progressed)
    );
    let available = "Deployment has minimum availability.".to_owned();
    assert_eq!(
        says(&sim, "Available"),
        ("True".into(), "MinimumReplicasAvailable".into(), available)
    );
    assert_eq!(
        sim.told("web"),
        [format!(
            "Normal ScalingReplicaSet Scaled up replica set {name} from 0 to 3"
        )]
    );
    assert_eq!(
        object::annotation(&web(&sim), super::view::REVISION),
        Some("1")
    );
    let hash = name.strip_prefix("web-").unwrap();
    for pod in sim.list(&POD, "prod") {
        assert!(holds(&pod, "Ready") && object::name(&pod).starts_with(&format!("{name}-")));
        assert_eq!(pod["metadata"]["labels"]["pod-template-hash"], hash);
    }
}

#[test]
fn a_new_template_replaces_the_old_and_an_old_one_comes_back_with_a_new_number() {
    let mut sim = sim(deployment(4, "app:1"));
    set_image(&sim, "app:2");
    sim.pass(20 * SECOND);
    assert_eq!(revisions(&sim), [("1".into(), 0), ("2".into(), 4)]);
    set_image(&sim, "app:1");
    sim.pass(20 * SECOND);
    assert_eq!(revisions(&sim), [("2".into(), 0), ("3".into(), 4)]);
    assert_eq!(says(&sim, "Progressing").1, "NewReplicaSetAvailable");
}

#[test]
fn history_is_limited() {
    let mut object = deployment(1, "app:1");
    object["spec"]["revisionHistoryLimit"] = 1.into();
    let mut sim = sim(object);
    for image in ["app:2", "app:3", "app:4"] {
        set_image(&sim, image);
        sim.pass(10 * SECOND);
    }
    assert_eq!(revisions(&sim), [("3".into(), 0), ("4".into(), 1)]);
}

#[test]
fn without_progress_the_deadline_passes() {
    let mut sim = sim(deployment(4, "app:1"));
    set_image(&sim, "app:not-found");
    sim.pass(590 * SECOND);
    assert_eq!(says(&sim, "Progressing").1, "ReplicaSetUpdated");
    assert_eq!(says(&sim, "Available").0, "True");
    sim.pass(20 * SECOND);
    let (status, reason, message) = says(&sim, "Progressing");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("False", "ProgressDeadlineExceeded")
    );
    assert!(message.ends_with("has timed out progressing."), "{message}");
    assert_eq!(number(&web(&sim), "/status/availableReplicas"), Some(3));
    set_image(&sim, "app:3");
    sim.pass(20 * SECOND);
    assert_eq!(says(&sim, "Progressing").1, "NewReplicaSetAvailable");
}

#[test]
fn recreate_waits_for_the_end_of_the_old_pods() {
    let mut object = deployment(3, "app:1");
    object["spec"]["strategy"] = json!({"type": "Recreate"});
    let mut sim = sim(object);
    set_image(&sim, "app:2");
    sim.pass_watching(10 * SECOND, |sim| {
        let images: Vec<String> = sim
            .list(&POD, "prod")
            .iter()
            .map(|pod| text(pod, "/spec/containers/0/image").to_owned())
            .collect();
        assert!(images.iter().all(|image| *image == images[0]), "{images:?}");
    });
    assert_eq!(revisions(&sim), [("1".into(), 0), ("2".into(), 3)]);
    assert_eq!(number(&web(&sim), "/status/availableReplicas"), Some(3));
}

#[test]
fn paused_it_scales_but_does_not_roll() {
    let mut sim = sim(deployment(2, "app:1"));
    change(&sim, |spec| spec["paused"] = true.into());
    set_image(&sim, "app:2");
    change(&sim, |spec| spec["replicas"] = 3.into());
    sim.pass(5 * SECOND);
    assert_eq!(revisions(&sim), [("1".into(), 3)]);
    assert_eq!(
        says(&sim, "Progressing"),
        (
            "Unknown".into(),
            "DeploymentPaused".into(),
            "Deployment is paused".into()
        )
    );
    change(&sim, |spec| spec["paused"] = false.into());
    sim.pass(20 * SECOND);
    assert_eq!(revisions(&sim), [("1".into(), 0), ("2".into(), 3)]);
    assert_eq!(says(&sim, "Progressing").1, "NewReplicaSetAvailable");
}

#[test]
fn pods_are_available_only_after_they_have_been_ready_for_long_enough() {
    let mut object = deployment(2, "app:1");
    object["spec"]["minReadySeconds"] = 30.into();
    let mut sim = sim(object);
    assert_eq!(number(&web(&sim), "/status/readyReplicas"), Some(2));
    assert_eq!(number(&web(&sim), "/status/availableReplicas"), None);
    sim.pass(30 * SECOND);
    assert_eq!(number(&web(&sim), "/status/availableReplicas"), Some(2));
}

#[test]
fn scaled_in_the_middle_of_a_rollout_each_revision_gets_its_share() {
    let mut object = deployment(10, "app:1");
    object["spec"]["strategy"]["rollingUpdate"] = json!({"maxSurge": 3, "maxUnavailable": 2});
    let mut sim = sim(object);
    set_image(&sim, "app:never-ready");
    sim.pass(5 * SECOND);
    assert_eq!(revisions(&sim), [("1".into(), 8), ("2".into(), 5)]);
    change(&sim, |spec| spec["replicas"] = 15.into());
    sim.settle();
    // The example of the Kubernetes documentation, "Proportional scaling".
    assert_eq!(revisions(&sim), [("1".into(), 11), ("2".into(), 7)]);
}

#[test]
fn what_keeps_pods_from_being_made_shows() {
    let mut sim = Sim::new();
    sim.furnish();
    let words = "pods \"web-x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2";
    *sim.door.refuse.lock().unwrap() = Some(Box::new(move |write, store| {
        let full = store.list(&POD.resource, None).0.len() >= 2;
        let creates = matches!(write.act, crate::controllers::Act::Create(_))
            && write.key.resource == POD.resource;
        (creates && full).then(|| words.to_owned())
    }));
    sim.create(&DEPLOYMENT, deployment(3, "app:1"));
    sim.pass(5 * SECOND);
    assert_eq!(
        says(&sim, "ReplicaFailure"),
        ("True".into(), "FailedCreate".into(), words.into())
    );
    let set = object::name(&sim.list(&REPLICA_SET, "prod")[0]).to_owned();
    assert!(
        sim.told(&set)
            .contains(&format!("Warning FailedCreate Error creating: {words}"))
    );
    *sim.door.refuse.lock().unwrap() = None;
    sim.pass(30 * SECOND);
    assert_eq!(says(&sim, "ReplicaFailure").0, "");
    assert_eq!(number(&web(&sim), "/status/availableReplicas"), Some(3));
}

#[test]
fn a_name_that_is_taken_leads_to_another_hash() {
    let mut sim = Sim::new();
    sim.furnish();
    let first = deployment(1, "app:1");
    let hash = super::template::hash(&first["spec"]["template"], None);
    let other = json!({"metadata": {"name": format!("web-{hash}"), "namespace": "prod"}, "spec": {"replicas": 0}});
    sim.create(&REPLICA_SET, other);
    sim.create(&DEPLOYMENT, first);
    sim.pass(5 * SECOND);
    assert_eq!(number(&web(&sim), "/status/collisionCount"), Some(1));
    assert_eq!(number(&web(&sim), "/status/availableReplicas"), Some(1));
}

#[test]
fn foreground_deletion_takes_the_pods_first() {
    let mut sim = sim(deployment(2, "app:1"));
    sim.delete(&DEPLOYMENT, "prod", "web", "Foreground");
    sim.pass_watching(5 * SECOND, |sim| {
        let pods = sim.list(&POD, "prod").len();
        let owner = sim.get(&DEPLOYMENT, "prod", "web").is_some();
        assert!(owner || pods == 0, "the owner is gone, {pods} pods are not");
    });
    assert_eq!(sim.list(&REPLICA_SET, "prod").len(), 0);
    assert!(sim.get(&DEPLOYMENT, "prod", "web").is_none());
}

#[test]
fn orphans_are_adopted_by_the_next_of_the_same_name() {
    let mut sim = sim(deployment(2, "app:1"));
    sim.delete(&DEPLOYMENT, "prod", "web", "Orphan");
    sim.settle();
    assert!(
        list(
            &sim.list(&REPLICA_SET, "prod")[0],
            "/metadata/ownerReferences"
        )
        .is_empty()
    );
    let pods = sim.list(&POD, "prod");
    sim.create(&DEPLOYMENT, deployment(2, "app:1"));
    sim.pass(5 * SECOND);
    assert_eq!(revisions(&sim), [("1".into(), 2)]);
    let names = |pods: &[std::sync::Arc<Value>]| {
        pods.iter()
            .map(|pod| object::name(pod).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&sim.list(&POD, "prod")), names(&pods));
}

/// After every single call of a controller: enough pods are available, and not too many are there.
fn check(sim: &Sim) -> Result<(), TestCaseError> {
    let deployment = web(sim);
    let view = Deployment(&deployment);
    let pods = sim.list(&POD, "prod");
    let live: Vec<_> = pods
        .iter()
        .filter(|pod| !object::terminating(pod))
        .collect();
    let available = live.iter().filter(|pod| holds(pod, "Ready")).count();
    let (least, most) = (
        view.wanted() - view.unavailable(),
        view.wanted() + view.surge(),
    );
    prop_assert!(
        i64::try_from(available).unwrap() >= least,
        "{available} available, at least {least} wanted"
    );
    prop_assert!(
        i64::try_from(live.len()).unwrap() <= most,
        "{} pods, at most {most} wanted",
        live.len()
    );
    Ok(())
}

fn amount() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..4_i64).prop_map(Value::from),
        (0..=100_i64).prop_map(|percent| format!("{percent}%").into())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_rolling_update_keeps_its_promise(
        replicas in 1..12_i64,
        surge in amount(),
        unavailable in amount(),
        images in prop::collection::vec(prop::sample::select(vec!["app:2", "app:3", "app:never-ready", "app:crash", "app:not-found"]), 1..4),
        pauses in prop::collection::vec(0..40_u64, 3),
    ) {
        let mut object = deployment(replicas, "app:1");
        object["spec"]["strategy"]["rollingUpdate"] = json!({"maxSurge": surge, "maxUnavailable": unavailable});
        let mut sim = sim(object);
        check(&sim)?;
        for (image, pause) in images.iter().zip(pauses) {
            set_image(&sim, image);
            let end = Duration::from_millis(pause * 100);
            let mut passed = Duration::ZERO;
            while passed < end {
                while sim.turn() {
                    check(&sim)?;
                }
                sim.clock.step(Duration::from_millis(100));
                passed += Duration::from_millis(100);
            }
        }
        set_image(&sim, "app:9");
        for _ in 0..600 {
            while sim.turn() {
                check(&sim)?;
            }
            sim.clock.step(Duration::from_millis(100));
        }
        prop_assert_eq!(number(&web(&sim), "/status/availableReplicas"), Some(replicas));
        prop_assert_eq!(number(&web(&sim), "/status/updatedReplicas"), Some(replicas));
        prop_assert_eq!(says(&sim, "Progressing").1, "NewReplicaSetAvailable");
    }
}
