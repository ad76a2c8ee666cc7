//! A cluster whose time stands still unless it is told to go on.

use std::sync::Arc;
use std::time::Duration;

use seedling_kube_sim::api::Door;
use seedling_kube_sim::clock::{Clock, SteppedClock};
use seedling_kube_sim::controllers::{Act, Client, Runner, Write, Writer};
use seedling_kube_sim::store::{Key, Resource, Store};
use seedling_kube_sim::{Cluster, ClusterOptions};
use serde_json::{Value, json};
use time::macros::datetime;

pub const DEPLOYMENTS: Resource = Resource::new("apps", "deployments");
pub const PODS: Resource = Resource::new("", "pods");

/// A cluster whose time stands still.
pub struct Stepped {
    pub clock: SteppedClock,
    pub cluster: Cluster,
    controllers: Runner,
}

impl Stepped {
    pub fn new() -> Stepped {
        let clock = SteppedClock::at(datetime!(2026-01-01 00:00 UTC));
        let cluster = Cluster::new(options(&clock));
        Stepped::of(clock, cluster)
    }

    /// A cluster as it was saved, at a moment.
    pub fn load(saved: &str, moment: time::OffsetDateTime) -> Stepped {
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

    pub fn settle(&mut self) {
        assert!(
            self.controllers.settle(20_000),
            "the controllers do not come to rest"
        );
    }

    /// Lets time pass, from one moment at which something is due to the next, until something holds; tells when that was.
    pub fn until(
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

    pub fn create(&self, resource: &Resource, object: Value) {
        self.write(resource, Act::Create, object);
    }

    pub fn deployment(&self) -> Value {
        let key = Key::new(&DEPLOYMENTS, "default", "web");
        Value::clone(&self.store().get(&key).unwrap())
    }

    /// Changes the image of the deployment, with annotations for its pods.
    pub fn release(&self, image: &str, annotations: Value) {
        let mut deployment = self.deployment();
        deployment["spec"]["template"]["metadata"]["annotations"] = annotations;
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
        let update = |object| Act::Update {
            subresource: None,
            object,
        };
        self.write(&DEPLOYMENTS, update, deployment);
    }

    /// What the cluster holds.
    pub fn store(&self) -> &Store {
        self.cluster.server().store()
    }

    /// A node, and a deployment of four pods.
    pub fn furnish(&mut self) {
        self.deploy(4, &Value::Null);
    }

    /// A node, and a deployment.
    pub fn deploy(&mut self, replicas: i64, strategy: &Value) {
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
                    "replicas": replicas,
                    "strategy": strategy,
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

pub fn options(clock: &SteppedClock) -> ClusterOptions {
    ClusterOptions {
        clock: Arc::new(clock.clone()),
        ..ClusterOptions::default()
    }
}

pub fn is_rolled_out(deployment: &Value) -> bool {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    let is = |member: &str| status[member] == spec["replicas"];
    status["observedGeneration"] == deployment["metadata"]["generation"]
        && ["replicas", "updatedReplicas", "availableReplicas"]
            .into_iter()
            .all(is)
}
