//! Time and memory of a cluster: a stepped clock makes ten minutes pass in milliseconds, and a saved cluster goes on where it was.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a trial that cannot go on has failed

use std::sync::Arc;
use std::time::Duration;

use seedling_kube_sim::api::Door;
use seedling_kube_sim::clock::{Clock, SteppedClock};
use seedling_kube_sim::controllers::{Act, Client, Runner, Write, Writer};
use seedling_kube_sim::store::{Happened, Key, Resource};
use seedling_kube_sim::{Cluster, ClusterOptions};
use serde_json::{Value, json};
use time::macros::datetime;

const DEPLOYMENTS: Resource = Resource::new("apps", "deployments");
const PODS: Resource = Resource::new("", "pods");

/// A cluster whose time stands still.
struct Stepped {
    clock: SteppedClock,
    cluster: Cluster,
    controllers: Runner,
}

impl Stepped {
    fn new() -> Stepped {
        let clock = SteppedClock::at(datetime!(2026-01-01 00:00 UTC));
        let cluster = Cluster::new(options(&clock));
        Stepped::of(clock, cluster)
    }

    /// A cluster as it was saved, at a moment.
    fn load(saved: &str, moment: time::OffsetDateTime) -> Stepped {
        let clock = SteppedClock::at(moment);
        let cluster = Cluster::load(options(&clock), saved).unwrap();
        Stepped::of(clock, cluster)
    }

    fn of(clock: SteppedClock, cluster: Cluster) -> Stepped {
        let controllers = cluster.controllers();
        let mut stepped = Stepped {
            clock,
            cluster,
            controllers,
        };
        stepped.settle();
        stepped
    }

    fn settle(&mut self) {
        assert!(
            self.controllers.settle(20_000),
            "the controllers do not come to rest"
        );
    }

    /// Lets time pass, from one moment at which something is due to the next, until something holds; tells when that was.
    fn until(
        &mut self,
        longest: Duration,
        what: &str,
        holds: impl Fn(&Stepped) -> bool,
    ) -> Duration {
        let start = self.clock.now();
        loop {
            self.settle();
            let passed: Duration = (self.clock.now() - start).try_into().unwrap();
            if holds(self) {
                return passed;
            }
            assert!(
                passed < longest,
                "not {what} after {passed:?}: {:#}",
                self.deployment()["status"]
            );
            let due = self.controllers.next_wake().expect("something to wait for");
            self.clock.step(
                (due - self.clock.now())
                    .try_into()
                    .unwrap_or(Duration::ZERO),
            );
        }
    }

    fn write(&self, resource: &Resource, act: impl Fn(Value) -> Act, object: Value) {
        let write = Write {
            client: Client::ControllerManager,
            key: Key::of(resource, &object),
            act: act(object),
        };
        Door(self.cluster.server().clone()).write(&write).unwrap();
    }

    fn create(&self, resource: &Resource, object: Value) {
        self.write(resource, Act::Create, object);
    }

    fn deployment(&self) -> Value {
        let key = Key::new(&DEPLOYMENTS, "default", "web");
        Value::clone(&self.cluster.server().store().get(&key).unwrap())
    }

    /// Changes the image of the deployment, with annotations for its pods.
    fn release(&self, image: &str, annotations: Value) {
        let mut deployment = self.deployment();
        deployment["spec"]["template"]["metadata"]["annotations"] = annotations;
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
        let update = |object| Act::Update {
            subresource: None,
            object,
        };
        self.write(&DEPLOYMENTS, update, deployment);
    }

    /// A node, and a deployment of four pods.
    fn furnish(&mut self) {
        let room = json!({ "cpu": "8", "memory": "32Gi", "pods": "250" });
        self.create(
            &Resource::new("", "nodes"),
            json!({
                "metadata": { "name": "node-0" },
                "status": { "capacity": room, "allocatable": room },
            }),
        );
        self.settle();
        self.create(
            &DEPLOYMENTS,
            json!({
                "metadata": { "name": "web", "namespace": "default" },
                "spec": {
                    "replicas": 4,
                    "progressDeadlineSeconds": 600,
                    "selector": { "matchLabels": { "app": "web" } },
                    "template": {
                        "metadata": { "labels": { "app": "web" } },
                        "spec": { "containers": [{ "name": "web", "image": "web:1" }] },
                    },
                },
            }),
        );
        self.until(Duration::from_mins(1), "rolled out", |stepped| {
            is_rolled_out(&stepped.deployment())
        });
    }
}

fn options(clock: &SteppedClock) -> ClusterOptions {
    ClusterOptions {
        clock: Arc::new(clock.clone()),
        ..ClusterOptions::default()
    }
}

fn is_rolled_out(deployment: &Value) -> bool {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    let is = |member: &str| status[member] == spec["replicas"];
    status["observedGeneration"] == deployment["metadata"]["generation"]
        && ["replicas", "updatedReplicas", "availableReplicas"]
            .into_iter()
            .all(is)
}

fn condition<'a>(object: &'a Value, kind: &str) -> &'a Value {
    let conditions = object["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten();
    conditions
        .into_iter()
        .find(|condition| condition["type"] == kind)
        .unwrap_or(&Value::Null)
}

#[test]
fn ten_minutes_pass_at_once() {
    let mut stepped = Stepped::new();
    stepped.furnish();
    stepped.release("web:2", json!({ "fail.seedling.dev/mode": "never-ready" }));
    let begin = std::time::Instant::now();
    let gives_up = |stepped: &Stepped| {
        condition(&stepped.deployment(), "Progressing")["reason"] == "ProgressDeadlineExceeded"
    };
    let passed = stepped.until(Duration::from_mins(15), "given up", gives_up);
    let minutes = Duration::from_mins(10)..Duration::from_mins(10) + Duration::from_secs(10);
    assert!(minutes.contains(&passed), "given up after {passed:?}");
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "took {:?}",
        begin.elapsed()
    );
    // What was available stays: a quarter may be missing, and one of four is.
    assert_eq!(stepped.deployment()["status"]["availableReplicas"], 3);
}

#[test]
fn a_saved_cluster_goes_on_in_the_middle_of_a_rollout() {
    let mut before = Stepped::new();
    before.furnish();
    before.release("web:2", json!({}));
    let half = |stepped: &Stepped| stepped.deployment()["status"]["updatedReplicas"] == 2;
    before.until(Duration::from_mins(1), "half rolled", half);
    assert!(!is_rolled_out(&before.deployment()));

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), before.cluster.server().store().save()).unwrap();
    let seen = before.cluster.server().store().revision();
    let names = |stepped: &Stepped| -> Vec<String> {
        let pods = stepped
            .cluster
            .server()
            .store()
            .list(&PODS, Some("default"))
            .0;
        pods.iter()
            .map(|pod| pod["metadata"]["uid"].to_string())
            .collect()
    };
    let pods = names(&before);

    let saved = std::fs::read_to_string(file.path()).unwrap();
    let mut after = Stepped::load(&saved, before.clock.now());
    let store = after.cluster.server().store().clone();
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
