//! Pods over stepped time, by how they are told to fail.

use std::time::Duration;

use serde_json::{Value, json};

use crate::controllers::kinds::{CONFIG_MAP, POD, SECRET};
use crate::controllers::object::{self, condition, holds, number, text};
use crate::controllers::testing::Sim;

const MILLISECOND: Duration = Duration::from_millis(1);

fn pod(image: &str, annotations: impl Into<Value>) -> Value {
    let annotations = annotations.into();
    json!({
        "metadata": {"name": "p", "namespace": "prod", "annotations": annotations},
        "spec": {"containers": [{"name": "web", "image": image}], "restartPolicy": "Always"},
    })
}

fn sim(pod: Value) -> Sim {
    let mut sim = Sim::new();
    sim.furnish();
    sim.create(&POD, pod);
    sim.settle();
    sim
}

fn the_pod(sim: &Sim) -> Value {
    sim.get(&POD, "prod", "p").unwrap()
}

/// What the container waits for or does, how often it was restarted, and whether the pod is ready.
fn looks(sim: &Sim) -> (String, i64, bool) {
    let pod = the_pod(sim);
    let status = &pod["status"]["containerStatuses"][0];
    let state = match text(status, "/state/waiting/reason") {
        "" => status["state"]
            .as_object()
            .and_then(|state| state.keys().next())
            .cloned()
            .unwrap_or_default(),
        reason => reason.to_owned(),
    };
    (
        state,
        number(status, "/restartCount").unwrap_or(0),
        holds(&pod, "Ready"),
    )
}

fn shows(state: &str, restarts: i64, ready: bool) -> (String, i64, bool) {
    (state.to_owned(), restarts, ready)
}

#[test]
fn a_pod_becomes_ready_after_a_while_and_goes_after_a_while() {
    let mut sim = sim(pod("app:1", json!({})));
    sim.pass(299 * MILLISECOND);
    assert_eq!(looks(&sim), shows("", 0, false));
    sim.pass(MILLISECOND);
    assert_eq!(looks(&sim), shows("running", 0, true));
    let pod = the_pod(&sim);
    assert!(text(&pod, "/status/podIP").starts_with("10.244."));
    assert_eq!(text(&pod, "/spec/nodeName"), "workloads-0");
    sim.delete(&POD, "prod", "p", "Background");
    sim.pass(299 * MILLISECOND);
    assert!(object::terminating(&the_pod(&sim)));
    sim.pass(MILLISECOND);
    assert_eq!(sim.get(&POD, "prod", "p"), None);
}

#[test]
fn an_image_that_is_not_there_is_pulled_again_and_again() {
    let mut sim = sim(pod("app:not-found", json!({})));
    for (pass, state) in [
        (300, "ErrImagePull"),
        (500, "ImagePullBackOff"),
        (1500, "ErrImagePull"),
        (500, "ImagePullBackOff"),
    ] {
        sim.pass(pass * MILLISECOND);
        assert_eq!(looks(&sim), shows(state, 0, false));
    }
    let told = sim.told("p");
    let error = "rpc error: code = NotFound desc = failed to pull and unpack image \"app:not-found\": failed to resolve reference \"app:not-found\": app:not-found: not found";
    for wanted in [
        "Normal Pulling Pulling image \"app:not-found\"",
        &format!("Warning Failed Failed to pull image \"app:not-found\": {error}"),
        "Warning Failed Error: ErrImagePull",
        "Normal BackOff Back-off pulling image \"app:not-found\"",
        "Warning Failed Error: ImagePullBackOff",
    ] {
        assert!(
            told.iter().any(|told| told == wanted),
            "{wanted} is not in {told:#?}"
        );
    }
    let message = text(
        &the_pod(&sim),
        "/status/containerStatuses/0/state/waiting/message",
    )
    .to_owned();
    assert_eq!(
        message,
        format!("Back-off pulling image \"app:not-found\": ErrImagePull: {error}")
    );
}

#[test]
fn a_crash_loop_counts_its_restarts() {
    let mut sim = sim(pod("app:crash", json!({})));
    sim.pass(300 * MILLISECOND);
    assert_eq!(looks(&sim), shows("running", 0, false));
    sim.pass(300 * MILLISECOND);
    assert_eq!(looks(&sim), shows("CrashLoopBackOff", 0, false));
    sim.pass(Duration::from_secs(5));
    assert_eq!(looks(&sim).1, 4);
    let pod = the_pod(&sim);
    let last = &pod["status"]["containerStatuses"][0]["lastState"]["terminated"];
    assert_eq!(
        (&last["exitCode"], &last["reason"]),
        (&json!(1), &json!("Error"))
    );
    let place = format!("p_prod({})", object::uid(&pod));
    assert!(sim.told("p").contains(&format!(
        "Warning BackOff Back-off restarting failed container web in pod {place}"
    )));
}

#[test]
fn each_mode() {
    let mode = |mode: &str| json!({"fail.seedling.dev/mode": mode});
    for (pod_given, after, wanted) in [
        (
            pod("app:1", mode("invalid-image")),
            300,
            shows("InvalidImageName", 0, false),
        ),
        (
            pod("No Image", json!({})),
            300,
            shows("InvalidImageName", 0, false),
        ),
        (
            pod("app:1", mode("never-ready")),
            60_000,
            shows("running", 0, false),
        ),
        (
            pod("app:1", mode("slow")),
            5_299,
            shows("running", 0, false),
        ),
        (pod("app:1", mode("slow")), 5_300, shows("running", 0, true)),
        (
            pod("app:slow", json!({"fail.seedling.dev/after": "1s"})),
            1_300,
            shows("running", 0, true),
        ),
        (
            pod(
                "app:1",
                json!({"fail.seedling.dev/mode": "crash-loop", "fail.seedling.dev/after": "2s"}),
            ),
            1_900,
            shows("", 0, false),
        ),
        (
            pod("app:crash", mode("none")),
            300,
            shows("running", 0, true),
        ),
    ] {
        let mut sim = sim(pod_given.clone());
        sim.pass(after * MILLISECOND);
        assert_eq!(looks(&sim), wanted, "{pod_given}");
    }
}

#[test]
fn a_failing_probe_is_told_again_and_counted() {
    let mut sim = sim(pod("app:never-ready", json!({})));
    sim.pass(Duration::from_secs(25));
    let events = sim.list(&crate::controllers::kinds::EVENT, "prod");
    let unhealthy = events
        .iter()
        .find(|event| event["reason"] == "Unhealthy")
        .unwrap();
    assert_eq!(
        unhealthy["message"],
        "Readiness probe failed: HTTP probe failed with statuscode: 503"
    );
    assert_eq!(unhealthy["count"], 3);
    let message = condition(&the_pod(&sim), "Ready").unwrap()["message"].clone();
    assert_eq!(message, "containers with unready status: [web]");
}

#[test]
fn what_is_missing_is_waited_for() {
    let mut needy = pod("app:1", json!({}));
    let reference = json!({"secretKeyRef": {"name": "db", "key": "URL"}});
    needy["spec"]["containers"][0]["env"] = json!([{"name": "URL", "valueFrom": reference}]);
    let mut sim = sim(needy);
    let says = |sim: &Sim| {
        text(
            &the_pod(sim),
            "/status/containerStatuses/0/state/waiting/message",
        )
        .to_owned()
    };
    sim.pass(Duration::from_secs(1));
    assert_eq!(
        (looks(&sim).0.as_str(), says(&sim).as_str()),
        ("CreateContainerConfigError", "secret \"db\" not found")
    );
    sim.create(
        &SECRET,
        json!({"metadata": {"name": "db", "namespace": "prod"}, "data": {}}),
    );
    sim.pass(Duration::from_secs(1));
    assert_eq!(says(&sim), "couldn't find key URL in Secret prod/db");
    assert!(
        sim.told("p")
            .contains(&"Warning Failed Error: couldn't find key URL in Secret prod/db".to_owned())
    );
    sim.change(&SECRET, "prod", "db", |secret| {
        secret["data"] = json!({"URL": "eA=="});
    });
    sim.pass(Duration::from_secs(1));
    assert_eq!(looks(&sim), shows("running", 0, true));
}

#[test]
fn a_volume_that_is_missing_is_waited_for() {
    let mut needy = pod("app:1", json!({}));
    needy["spec"]["volumes"] = json!([{"name": "config", "configMap": {"name": "web"}}]);
    let mut sim = sim(needy);
    sim.pass(Duration::from_secs(5));
    assert_eq!(looks(&sim), shows("ContainerCreating", 0, false));
    let wanted = "Warning FailedMount MountVolume.SetUp failed for volume \"config\" : configmap \"web\" not found";
    assert_eq!(
        sim.told("p").iter().filter(|told| *told == wanted).count(),
        1
    );
    sim.create(
        &CONFIG_MAP,
        json!({"metadata": {"name": "web", "namespace": "prod"}, "data": {}}),
    );
    sim.pass(Duration::from_secs(1));
    assert_eq!(looks(&sim), shows("running", 0, true));
}

#[test]
fn addresses_are_not_given_twice() {
    let mut sim = Sim::new();
    sim.furnish();
    for number in 0..200 {
        let mut pod = pod("app:1", json!({}));
        pod["metadata"]["name"] = format!("p{number}").into();
        sim.create(&POD, pod);
    }
    sim.pass(Duration::from_secs(1));
    let addresses: std::collections::BTreeSet<String> = sim
        .list(&POD, "prod")
        .iter()
        .map(|pod| text(pod, "/status/podIP").to_owned())
        .collect();
    assert_eq!(addresses.len(), 200);
}
