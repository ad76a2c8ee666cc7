//! What the watch of one rollout has seen so far.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use seedling_model::Object;
use serde_json::Value as Json;

use super::progress::{Numbers, numbers};

/// Everything seen of one Deployment. Times are since the watch began, so that decisions are pure.
#[derive(Debug, Default)]
pub struct Scene {
    /// The Deployment, once seen.
    pub deployment: Option<Object>,
    /// Its ReplicaSets by name.
    pub replica_sets: BTreeMap<String, Object>,
    /// Its pods by name, old and new.
    pub pods: BTreeMap<String, Object>,
    /// Events of the Deployment, its ReplicaSets and its pods, by name.
    pub events: BTreeMap<String, Object>,
    /// When the numbers last changed.
    pub last_progress: Duration,
    /// When an unschedulable pod was first seen, while one still is.
    pub unschedulable_since: Option<Duration>,
    /// How often each pod's image was seen failing to pull.
    pulls: HashMap<String, u32>,
    /// The last waiting reason of each pod, to count its changes.
    waiting: HashMap<String, String>,
    last_numbers: Option<Numbers>,
    /// Failures of each pod from before [`Scene::begin`].
    before: HashMap<String, Failures>,
}

/// How often a pod has failed.
#[derive(Debug, Default, Clone, Copy)]
struct Failures {
    restarts: u64,
    pulls: u32,
}

impl Scene {
    /// Takes in a new version of the Deployment.
    pub fn see_deployment(&mut self, deployment: Object, now: Duration) {
        let present = numbers(&deployment);
        if self.last_numbers != Some(present) {
            self.last_numbers = Some(present);
            self.last_progress = now;
        }
        self.deployment = Some(deployment);
        self.note_scheduling(now);
    }

    /// Takes in a new version of a ReplicaSet.
    pub fn see_replica_set(&mut self, set: Object, now: Duration) {
        self.replica_sets.insert(set.name().to_owned(), set);
        self.note_scheduling(now);
    }

    /// Takes in a new version of a pod.
    pub fn see_pod(&mut self, pod: Object, now: Duration) {
        let name = pod.name().to_owned();
        let reason = waiting(&pod)
            .map(|(_, reason, _)| reason.to_owned())
            .unwrap_or_default();
        let before = self.waiting.insert(name.clone(), reason.clone());
        let is_first_sight_in_back_off = before.is_none() && reason == "ImagePullBackOff";
        let is_new_failure = reason == "ErrImagePull" && before.as_deref() != Some("ErrImagePull");
        if is_new_failure || is_first_sight_in_back_off {
            *self.pulls.entry(name.clone()).or_default() += 1;
        }
        self.pods.insert(name, pod);
        self.note_scheduling(now);
    }

    /// A pod is gone.
    pub fn lose_pod(&mut self, name: &str, now: Duration) {
        self.pods.remove(name);
        self.waiting.remove(name);
        self.note_scheduling(now);
    }

    fn note_scheduling(&mut self, now: Duration) {
        if self.new_pods().any(|pod| unschedulable(pod).is_some()) {
            self.unschedulable_since.get_or_insert(now);
        } else {
            self.unschedulable_since = None;
        }
    }

    /// How often the pod's image failed to pull: seen by us, or counted in the kubelet's event.
    pub fn failed_pulls(&self, pod: &str) -> u32 {
        let counted = self
            .events
            .values()
            .filter(|event| {
                event.0["involvedObject"]["name"] == pod
                    && event.0["reason"] == "Failed"
                    && text(&event.0["message"]).starts_with("Failed to pull image")
            })
            .map(count)
            .sum();
        self.pulls
            .get(pod)
            .copied()
            .unwrap_or_default()
            .max(counted)
    }

    /// From now on a pod must fail once more to count as failing: what made it fail before may be
    /// mended, while the kubelet waits for minutes before it tries again.
    pub fn begin(&mut self) {
        let pods = self.pods.values();
        self.before = pods
            .map(|pod| (pod.name().to_owned(), self.failures(pod)))
            .collect();
    }

    /// Whether the pod's image failed to pull since [`Scene::begin`].
    pub fn failed_to_pull_again(&self, pod: &Object) -> bool {
        self.failures(pod).pulls > self.failures_before(pod).pulls
    }

    /// Whether a container of the pod was restarted since [`Scene::begin`].
    pub fn crashed_again(&self, pod: &Object) -> bool {
        self.failures(pod).restarts > self.failures_before(pod).restarts
    }

    fn failures(&self, pod: &Object) -> Failures {
        let restarts = containers(pod).filter_map(|container| container["restartCount"].as_u64());
        Failures {
            restarts: restarts.sum(),
            pulls: self.failed_pulls(pod.name()),
        }
    }

    fn failures_before(&self, pod: &Object) -> Failures {
        self.before.get(pod.name()).copied().unwrap_or_default()
    }

    /// Pods of the newest template. Before the newest ReplicaSet is known, none.
    pub fn new_pods(&self) -> impl Iterator<Item = &Object> {
        let newest = self.newest_hash();
        self.pods.values().filter(move |pod| {
            newest.is_some() && pod.0["metadata"]["labels"][HASH].as_str() == newest
        })
    }

    /// The hash of the ReplicaSet that has the Deployment's present template, as the controller
    /// itself finds it (`FindNewReplicaSet` in k8s.io/kubernetes/pkg/controller/deployment/util).
    /// Its revision would not do: while it is scaled, a Deployment counts as observed before the
    /// ReplicaSet of its newest template exists.
    fn newest_hash(&self) -> Option<&str> {
        let template = self.deployment.as_ref()?.at("/spec/template");
        let same = self
            .replica_sets
            .values()
            .filter(|set| without_hash(set.at("/spec/template")) == *template);
        let newest = same.min_by_key(|set| text(set.at("/metadata/creationTimestamp")))?;
        newest.0["metadata"]["labels"][HASH].as_str()
    }

    /// Whether an event is about this Deployment, its ReplicaSets or its pods. They share a name
    /// up to the suffix that Kubernetes appends.
    pub fn concerns(&self, event: &Object) -> bool {
        let about = &event.0["involvedObject"];
        let Some(deployment) = &self.deployment else {
            return false;
        };
        let suffixes = match text(&about["kind"]) {
            "Deployment" | "HorizontalPodAutoscaler" => 0,
            "ReplicaSet" => 1,
            "Pod" => 2,
            _ => return false,
        };
        let name = text(&about["name"]).rsplitn(suffixes + 1, '-').last();
        name == Some(deployment.name())
    }

    /// Whether an event of this reason was seen for one of the new pods.
    pub fn has_pod_event(&self, reason: &str) -> bool {
        self.new_pods().any(|pod| {
            self.events.values().any(|event| {
                event.0["reason"] == reason && event.0["involvedObject"]["name"] == pod.name()
            })
        })
    }

    /// The last warnings, newest first, each once.
    pub fn warnings(&self, most: usize) -> Vec<&Object> {
        let mut warnings: Vec<&Object> = self
            .events
            .values()
            .filter(|event| event.0["type"] == "Warning")
            .collect();
        warnings.sort_by_key(|event| std::cmp::Reverse(event_time(event).to_owned()));
        let mut said = HashSet::new();
        warnings.retain(|event| {
            let about = &event.0["involvedObject"]["name"];
            said.insert((about.to_string(), event.0["message"].to_string()))
        });
        warnings.truncate(most);
        warnings
    }
}

/// The label by which pods know their ReplicaSet.
const HASH: &str = "pod-template-hash";

/// A ReplicaSet's template as it stood in the Deployment.
fn without_hash(template: &Json) -> Json {
    let mut template = template.clone();
    let labels = template.pointer_mut("/metadata/labels");
    if let Some(labels) = labels.and_then(Json::as_object_mut) {
        labels.remove(HASH);
    }
    template
}

/// The first container of the pod that waits with a reason: its name, reason and message.
pub fn waiting(pod: &Object) -> Option<(&str, &str, &str)> {
    containers(pod).find_map(|container| {
        let state = &container["state"]["waiting"];
        let reason = state["reason"].as_str()?;
        Some((text(&container["name"]), reason, text(&state["message"])))
    })
}

/// Status of init containers, then of containers.
pub fn containers(pod: &Object) -> impl Iterator<Item = &Json> {
    let of = |name: &str| pod.0["status"][name].as_array().into_iter().flatten();
    of("initContainerStatuses").chain(of("containerStatuses"))
}

/// The scheduler's message, while it finds no node for the pod.
pub fn unschedulable(pod: &Object) -> Option<&str> {
    let condition = super::progress::condition(pod, "PodScheduled")?;
    let is = condition["status"] == "False" && condition["reason"] == "Unschedulable";
    is.then(|| text(&condition["message"]))
}

/// Whether the pod's Ready condition holds.
pub fn is_ready(pod: &Object) -> bool {
    super::progress::condition(pod, "Ready").is_some_and(|ready| ready["status"] == "True")
}

/// A JSON string's text, or nothing.
pub fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

/// When the event last happened; both event APIs are understood.
pub fn event_time(event: &Object) -> &str {
    ["lastTimestamp", "eventTime", "firstTimestamp"]
        .iter()
        .map(|name| text(&event.0[*name]))
        .find(|time| !time.is_empty())
        .unwrap_or_default()
}

fn count(event: &Object) -> u32 {
    let times = event.0["series"]["count"]
        .as_u64()
        .or_else(|| event.0["count"].as_u64());
    times
        .and_then(|times| u32::try_from(times).ok())
        .unwrap_or(1)
}
