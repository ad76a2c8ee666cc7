//! Whether a rollout is worth waiting for, as a pure function of what was seen.
//!
//! A rollout ends early only on causes that waiting cannot mend. A pod that finds no node is
//! not such a cause where nodes can still come.

use std::time::Duration;

use seedling_model::Object;

use super::{
    progress::{Progress, condition, progress},
    scene::{Scene, containers, is_ready, text, unschedulable, waiting},
};

/// Pulls after which an image counts as not to be had.
const PULLS: u32 = 2;
/// Restarts after which a container counts as crashing for good, while no new pod is ready.
const RESTARTS: u64 = 3;
/// How long a refusal or a missing foreign reference may stand without progress.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an autoscaler may find no node group before its word is final.
const AUTOSCALER_PATIENCE: Duration = Duration::from_mins(1);

/// What the cluster can do about a pod that finds no node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nodes {
    /// Not looked at yet.
    Unknown,
    /// An autoscaler acts on this cluster, or an existing node could hold the pod once it has room.
    MayFit,
    /// Nothing adds nodes here and no existing node could ever hold the pod.
    NeverFit,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Done.
    Complete,
    /// Go on; the text says what is waited for.
    Wait(String),
    /// Waiting cannot mend this.
    Doomed(Cause),
}

/// Why a rollout cannot succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Pod that shows it, if one does.
    pub pod: Option<String>,
    /// Container whose log may tell more.
    pub container: Option<String>,
    /// The reason as Kubernetes names it: `ImagePullBackOff`, `Unschedulable`.
    pub reason: String,
    /// What Kubernetes says.
    pub message: String,
    /// What the user can do.
    pub next_step: &'static str,
}

/// Names that the service's own pods refer to: missing keys in these are ours to mend.
#[derive(Debug, Default, Clone)]
pub struct Ours {
    /// ConfigMaps and Secrets that this apply wrote.
    pub references: Vec<String>,
}

/// Decides. `now` is the time since the watch began.
pub fn judge(scene: &Scene, ours: &Ours, nodes: Nodes, now: Duration) -> Judgement {
    let Some(deployment) = &scene.deployment else {
        return Judgement::Wait("the deployment to appear".to_owned());
    };
    let state = progress(deployment);
    if state == Progress::Complete {
        return Judgement::Complete;
    }
    let stuck_for = now.saturating_sub(scene.last_progress);
    if let Some(cause) = scene
        .new_pods()
        .find_map(|pod| hopeless_pod(scene, pod, ours, stuck_for))
    {
        return Judgement::Doomed(cause);
    }
    if let Some(cause) = refused(deployment, stuck_for) {
        return Judgement::Doomed(cause);
    }
    if let Some(cause) = homeless(scene, nodes, now) {
        return Judgement::Doomed(cause);
    }
    match state {
        Progress::Stalled(message) => Judgement::Doomed(Cause {
            pod: None,
            container: None,
            reason: "ProgressDeadlineExceeded".to_owned(),
            message,
            next_step: "Look at the pods and events below for what holds the new pods up.",
        }),
        Progress::Going(what) => Judgement::Wait(describe_wait(scene, what)),
        Progress::Complete => Judgement::Complete,
    }
}

fn describe_wait(scene: &Scene, what: String) -> String {
    let homeless = scene.new_pods().find_map(unschedulable);
    let waiting = scene
        .new_pods()
        .find_map(waiting)
        .map(|(_, reason, _)| reason);
    match (homeless, waiting) {
        (Some(message), _) => format!("{what}; a pod waits for a node: {message}"),
        (None, Some(reason)) => format!("{what}; a pod waits: {reason}"),
        (None, None) => what,
    }
}

fn hopeless_pod(scene: &Scene, pod: &Object, ours: &Ours, stuck_for: Duration) -> Option<Cause> {
    if let Some((container, reason, message)) = waiting(pod) {
        let next_step = match reason {
            "InvalidImageName" => "Correct `image`.",
            "ErrImagePull" | "ImagePullBackOff"
                if scene.failed_pulls(pod.name()) >= PULLS && scene.failed_to_pull_again(pod) =>
            {
                "Check that the image and its tag exist and that the nodes may pull it (`image_pull` of the environment holds credentials)."
            }
            "CreateContainerConfigError" if is_ours(message, ours) || stuck_for >= PATIENCE => {
                "Create the ConfigMap, Secret or key that the message names, or remove the reference to it."
            }
            "CreateContainerError" | "RunContainerError" if stuck_for >= PATIENCE => {
                "Check `command`, `args` and mounts: the container cannot be started as configured."
            }
            _ => return crashing(scene, pod),
        };
        return Some(Cause {
            pod: Some(pod.name().to_owned()),
            container: Some(container.to_owned()),
            reason: reason.to_owned(),
            message: message.to_owned(),
            next_step,
        });
    }
    crashing(scene, pod)
}

fn is_ours(message: &str, ours: &Ours) -> bool {
    ours.references
        .iter()
        .any(|name| message.contains(name.as_str()))
}

fn crashing(scene: &Scene, pod: &Object) -> Option<Cause> {
    if scene.new_pods().any(is_ready) || !scene.crashed_again(pod) {
        return None;
    }
    let container = containers(pod)
        .find(|container| container["restartCount"].as_u64().unwrap_or(0) >= RESTARTS)?;
    let last = &container["lastState"]["terminated"];
    let state = &container["state"]["terminated"];
    let ended = if state.is_null() { last } else { state };
    let restarts = container["restartCount"].as_u64().unwrap_or(0);
    Some(Cause {
        pod: Some(pod.name().to_owned()),
        container: Some(text(&container["name"]).to_owned()),
        reason: "CrashLoopBackOff".to_owned(),
        message: format!(
            "container {} ended {restarts} times, last with exit code {} ({})",
            text(&container["name"]),
            ended["exitCode"].as_i64().unwrap_or(-1),
            text(&ended["reason"]),
        ),
        next_step: "The program ends by itself: its last log lines below say why. Correct the image, `command`, `config` or `secrets`.",
    })
}

/// Quota, limit ranges, Pod Security and webhooks refuse pods, not Deployments.
fn refused(deployment: &Object, stuck_for: Duration) -> Option<Cause> {
    let failure = condition(deployment, "ReplicaFailure").filter(|it| it["status"] == "True")?;
    (stuck_for >= PATIENCE).then(|| Cause {
        pod: None,
        container: None,
        reason: text(&failure["reason"]).to_owned(),
        message: text(&failure["message"]).to_owned(),
        next_step: "The API server refuses the pods: raise the environment's quota, or change what the message objects to.",
    })
}

fn homeless(scene: &Scene, nodes: Nodes, now: Duration) -> Option<Cause> {
    let since = scene.unschedulable_since?;
    let (pod, message) = scene
        .new_pods()
        .find_map(|pod| unschedulable(pod).map(|message| (pod, message)))?;
    let autoscaler_gave_up = scene.has_pod_event("NotTriggerScaleUp")
        && !scene.has_pod_event("TriggeredScaleUp")
        && now.saturating_sub(since) >= AUTOSCALER_PATIENCE;
    (autoscaler_gave_up || nodes == Nodes::NeverFit).then(|| Cause {
        pod: Some(pod.name().to_owned()),
        container: None,
        reason: "Unschedulable".to_owned(),
        message: message.to_owned(),
        next_step: "No node can hold the pod and none is coming: lower `resources`, correct `node_pool`, or add a node pool that fits.",
    })
}

/// Whether something is under way that deserves more time than the time-out gives.
pub fn is_under_way(scene: &Scene) -> bool {
    let pulling = scene.new_pods().any(|pod| {
        let events = |reason: &str| {
            scene
                .events
                .values()
                .filter(|event| {
                    event.0["reason"] == reason && event.0["involvedObject"]["name"] == pod.name()
                })
                .count()
        };
        events("Pulling") > events("Pulled") + events("Failed")
    });
    pulling || (scene.unschedulable_since.is_some() && scene.has_pod_event("TriggeredScaleUp"))
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value)] // `json!` literals read better without `&`
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    const HASH: &str = "abc";

    fn scene(status: Json, pod: Json) -> Scene {
        let template = json!({"metadata": {"labels": {"app": "api"}}});
        let mut scene = Scene::default();
        scene.see_deployment(
            Object(json!({
                "metadata": {"name": "api", "generation": 1},
                "spec": {"replicas": 1, "template": template},
                "status": status,
            })),
            Duration::ZERO,
        );
        let set = json!({
            "metadata": {"name": "api-abc", "labels": {"pod-template-hash": HASH}},
            "spec": {"template": {"metadata": {"labels": {"app": "api", "pod-template-hash": HASH}}}},
        });
        scene.replica_sets.insert("api-abc".to_owned(), Object(set));
        let pod = json!({
            "metadata": {"name": "api-abc-1", "labels": {"pod-template-hash": HASH}},
            "status": pod,
        });
        scene.see_pod(Object(pod), Duration::ZERO);
        scene
    }

    fn waits(reason: &str, message: &str) -> Json {
        json!({"containerStatuses": [{"name": "api", "restartCount": 0, "state": {"waiting": {"reason": reason, "message": message}}}]})
    }

    fn going() -> Json {
        json!({"observedGeneration": 1, "updatedReplicas": 1, "replicas": 1})
    }

    fn reason(judgement: Judgement) -> Option<String> {
        match judgement {
            Judgement::Doomed(cause) => Some(cause.reason),
            _ => None,
        }
    }

    #[test]
    fn causes_end_a_rollout_at_their_moment() {
        let ours = Ours {
            references: vec!["api-12345678".to_owned()],
        };
        let crash = json!({"containerStatuses": [{"name": "api", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}]});
        let homeless = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}]});
        let quota = json!({"observedGeneration": 1, "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}]});
        let missing = "couldn't find key A in Secret prod/api-12345678";
        for (name, status, pod, nodes, seconds, expected) in [
            (
                "invalid image",
                going(),
                waits("InvalidImageName", ""),
                Nodes::Unknown,
                0,
                Some("InvalidImageName"),
            ),
            (
                "one failed pull",
                going(),
                waits("ErrImagePull", ""),
                Nodes::Unknown,
                0,
                None,
            ),
            (
                "our key is missing",
                going(),
                waits("CreateContainerConfigError", missing),
                Nodes::Unknown,
                0,
                Some("CreateContainerConfigError"),
            ),
            (
                "foreign reference, early",
                going(),
                waits("CreateContainerConfigError", "secret \"x\" not found"),
                Nodes::Unknown,
                29,
                None,
            ),
            (
                "foreign reference, late",
                going(),
                waits("CreateContainerConfigError", "secret \"x\" not found"),
                Nodes::Unknown,
                30,
                Some("CreateContainerConfigError"),
            ),
            (
                "crash loop",
                going(),
                crash,
                Nodes::Unknown,
                0,
                Some("CrashLoopBackOff"),
            ),
            (
                "quota, early",
                quota.clone(),
                json!({}),
                Nodes::Unknown,
                29,
                None,
            ),
            (
                "quota, late",
                quota,
                json!({}),
                Nodes::Unknown,
                30,
                Some("FailedCreate"),
            ),
            (
                "no node yet",
                going(),
                homeless.clone(),
                Nodes::MayFit,
                600,
                None,
            ),
            (
                "no node ever",
                going(),
                homeless,
                Nodes::NeverFit,
                0,
                Some("Unschedulable"),
            ),
        ] {
            let judgement = judge(
                &scene(status, pod),
                &ours,
                nodes,
                Duration::from_secs(seconds),
            );
            assert_eq!(reason(judgement).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn pods_of_the_template_before_say_nothing() {
        let mut scene = scene(going(), waits("InvalidImageName", ""));
        if let Some(deployment) = &mut scene.deployment {
            deployment.0["spec"]["template"]["metadata"]["labels"]["app"] = "next".into();
        }
        let judgement = judge(&scene, &Ours::default(), Nodes::Unknown, Duration::ZERO);
        assert_eq!(reason(judgement), None);
    }

    #[test]
    fn the_second_failed_pull_is_the_end() {
        let mut scene = scene(going(), waits("ErrImagePull", "not found"));
        let pod = |status: Json| {
            Object(
                json!({"metadata": {"name": "api-abc-1", "labels": {"pod-template-hash": HASH}}, "status": status}),
            )
        };
        scene.see_pod(pod(waits("ImagePullBackOff", "")), Duration::ZERO);
        scene.see_pod(pod(waits("ErrImagePull", "not found")), Duration::ZERO);
        let judgement = judge(&scene, &Ours::default(), Nodes::Unknown, Duration::ZERO);
        assert_eq!(reason(judgement).as_deref(), Some("ErrImagePull"));
    }

    #[test]
    fn what_failed_before_must_fail_again() {
        let crashed = |restarts: u64| {
            let ended = json!({"exitCode": 1, "reason": "Error"});
            let container = json!({"name": "api", "restartCount": restarts, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": ended}});
            json!({"containerStatuses": [container]})
        };
        let mut scene = scene(going(), crashed(5));
        scene.begin();
        let now = |scene: &Scene| {
            reason(judge(
                scene,
                &Ours::default(),
                Nodes::Unknown,
                Duration::ZERO,
            ))
        };
        assert_eq!(now(&scene), None);
        let labels = json!({"pod-template-hash": HASH});
        let pod =
            json!({"metadata": {"name": "api-abc-1", "labels": labels}, "status": crashed(6)});
        scene.see_pod(Object(pod), Duration::ZERO);
        assert_eq!(now(&scene).as_deref(), Some("CrashLoopBackOff"));
    }

    #[test]
    fn an_autoscaler_is_given_its_time() {
        let homeless = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}]});
        let mut scene = scene(going(), homeless);
        let event = |reason: &str| {
            Object(json!({"reason": reason, "involvedObject": {"name": "api-abc-1"}}))
        };
        scene
            .events
            .insert("a".to_owned(), event("NotTriggerScaleUp"));
        let at = |scene: &Scene, seconds| {
            reason(judge(
                scene,
                &Ours::default(),
                Nodes::MayFit,
                Duration::from_secs(seconds),
            ))
        };
        assert_eq!(at(&scene, 59), None);
        assert_eq!(at(&scene, 60).as_deref(), Some("Unschedulable"));
        scene
            .events
            .insert("b".to_owned(), event("TriggeredScaleUp"));
        assert_eq!(at(&scene, 600), None);
    }
}
