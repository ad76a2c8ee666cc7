//! The status of a pod after each step of its life.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::life::Step;
use super::{address, fate};
use crate::clock::seconds;
use crate::controllers::World;
use crate::controllers::object::{
    list, name, namespace, number, text, uid, unless_zero, without_nulls,
};

/// The containers run, for the first time or again.
pub fn running(world: &World, pod: &Value, ready: bool) -> Value {
    let now = seconds(world.now);
    let mut changed = pod.clone();
    started(&mut changed, world);
    changed["status"]["phase"] = "Running".into();
    with_addresses(&mut changed, world);
    let containers = list(pod, "/spec/containers").iter();
    let statuses = containers.map(|container| running_container(pod, container, ready, &now));
    changed["status"]["containerStatuses"] = statuses.collect();
    let init = list(pod, "/spec/initContainers");
    if !init.is_empty() {
        let statuses = init
            .iter()
            .map(|container| finished_init(pod, container, &now));
        changed["status"]["initContainerStatuses"] = statuses.collect();
    }
    set_ready(&mut changed, ready, world.now);
    changed
}

fn running_container(pod: &Value, container: &Value, ready: bool, now: &str) -> Value {
    let before = status_of(pod, text(container, "/name"));
    // A container that never started does not start again.
    let has_run = !text(before, "/containerID").is_empty();
    let restarts = if has_run {
        number(before, "/restartCount").unwrap_or(0) + 1
    } else {
        0
    };
    let last = if before["lastState"].is_object() {
        before["lastState"].clone()
    } else {
        json!({})
    };
    json!({
        "name": container["name"],
        "image": container["image"],
        "imageID": container["image"],
        "containerID": container_id(pod, container, restarts),
        "ready": ready,
        "started": true,
        "restartCount": restarts,
        "state": {"running": {"startedAt": now}},
        "lastState": last,
    })
}

fn finished_init(pod: &Value, container: &Value, now: &str) -> Value {
    let sidecar = container["restartPolicy"] == "Always";
    let id = container_id(pod, container, 0);
    let state = if sidecar {
        json!({"running": {"startedAt": now}})
    } else {
        json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now, "containerID": id}})
    };
    json!({
        "name": container["name"],
        "image": container["image"],
        "imageID": container["image"],
        "containerID": id,
        "ready": true,
        "started": sidecar,
        "restartCount": 0,
        "state": state,
        "lastState": {},
    })
}

fn container_id(pod: &Value, container: &Value, restarts: i64) -> String {
    format!(
        "kube-sim://{}/{}/{restarts}",
        uid(pod),
        text(container, "/name")
    )
}

fn status_of<'a>(pod: &'a Value, container: &str) -> &'a Value {
    let statuses = list(pod, "/status/containerStatuses");
    let found = statuses.iter().find(|status| status["name"] == container);
    found.unwrap_or(&Value::Null)
}

/// The probe succeeds at last.
pub fn ready(pod: &Value, now: OffsetDateTime) -> Value {
    let mut changed = pod.clone();
    for container in containers(&mut changed) {
        container["ready"] = true.into();
    }
    set_ready(&mut changed, true, now);
    changed
}

/// The containers have exited with code 1.
pub fn exited(pod: &Value, now: OffsetDateTime) -> Value {
    let mut changed = pod.clone();
    let for_good = text(pod, "/spec/restartPolicy") == "Never";
    let message = |container: &Value| {
        let place = format!("{}_{}({})", name(pod), namespace(pod), uid(pod));
        format!(
            "back-off 10s restarting failed container={} pod={place}",
            text(container, "/name")
        )
    };
    for container in containers(&mut changed) {
        let terminated = json!({"terminated": ended(container, 1, "Error", now)});
        if for_good {
            container["state"] = terminated;
        } else {
            let waiting = json!({"reason": "CrashLoopBackOff", "message": message(container)});
            container["state"] = json!({"waiting": waiting});
            container["lastState"] = terminated;
        }
        container["ready"] = false.into();
        container["started"] = false.into();
    }
    if for_good {
        changed["status"]["phase"] = "Failed".into();
    }
    set_ready(&mut changed, false, now);
    changed
}

/// The containers of a job have done their work.
pub fn completed(pod: &Value, now: OffsetDateTime) -> Value {
    let mut changed = pod.clone();
    changed["status"]["phase"] = "Succeeded".into();
    for container in containers(&mut changed) {
        container["state"] = json!({"terminated": ended(container, 0, "Completed", now)});
        container["ready"] = false.into();
        container["started"] = false.into();
    }
    for kind in ["Ready", "ContainersReady"] {
        set_condition(&mut changed, kind, Said::No("PodCompleted", ""), now);
    }
    changed
}

fn ended(container: &Value, code: i64, reason: &str, now: OffsetDateTime) -> Value {
    json!({
        "exitCode": code,
        "reason": reason,
        "startedAt": container["state"]["running"]["startedAt"],
        "finishedAt": seconds(now),
        "containerID": container["containerID"],
    })
}

/// The containers do not start.
pub fn waiting(world: &World, pod: &Value, step: &Step) -> Value {
    let mut changed = pod.clone();
    started(&mut changed, world);
    changed["status"]["phase"] = "Pending".into();
    let statuses = list(pod, "/spec/containers").iter().map(|container| {
        let (reason, message) = complaint(pod, container, step);
        let waiting = without_nulls(json!({"reason": reason, "message": message}));
        json!({
            "name": container["name"],
            "image": container["image"],
            "imageID": "",
            "ready": false,
            "started": false,
            "restartCount": 0,
            "state": {"waiting": waiting},
            "lastState": {},
        })
    });
    changed["status"]["containerStatuses"] = statuses.collect();
    set_ready(&mut changed, false, world.now);
    if matches!(step, Step::MountFails(..)) {
        set_condition(
            &mut changed,
            "PodReadyToStartContainers",
            Said::No("", ""),
            world.now,
        );
    }
    changed
}

fn complaint(pod: &Value, container: &Value, step: &Step) -> (&'static str, Option<String>) {
    let image = text(container, "/image");
    match step {
        Step::PullFails => ("ErrImagePull", Some(pull_error(pod, image))),
        Step::PullBacksOff => {
            let error = pull_error(pod, image);
            (
                "ImagePullBackOff",
                Some(format!(
                    "Back-off pulling image {image:?}: ErrImagePull: {error}"
                )),
            )
        }
        Step::NameFails => ("InvalidImageName", Some(name_error(image))),
        Step::ConfigFails(words) => ("CreateContainerConfigError", Some(words.clone())),
        _ => ("ContainerCreating", None),
    }
}

/// The registry's words.
pub fn pull_error(pod: &Value, image: &str) -> String {
    if let Some(told) = fate::told(pod) {
        return told.to_owned();
    }
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image {image:?}: failed to resolve reference {image:?}: {image}: not found"
    )
}

/// The kubelet's words about a name that is none.
pub fn name_error(image: &str) -> String {
    format!(
        "Failed to apply default image tag {image:?}: couldn't parse image name {image:?}: invalid reference format"
    )
}

fn started(pod: &mut Value, world: &World) {
    if pod["status"]["startTime"].is_null() {
        pod["status"]["startTime"] = seconds(world.now).into();
    }
    for kind in ["PodReadyToStartContainers", "Initialized"] {
        set_condition(pod, kind, Said::Yes, world.now);
    }
    pod["status"]["hostIP"] = world.settings.node_address.clone().into();
    pod["status"]["hostIPs"] = json!([{"ip": world.settings.node_address}]);
}

fn with_addresses(pod: &mut Value, world: &World) {
    if !text(pod, "/status/podIP").is_empty() {
        return;
    }
    let own = address::free(world, uid(pod));
    let address = if pod["spec"]["hostNetwork"] == true {
        world.settings.node_address.clone()
    } else {
        own
    };
    pod["status"]["podIPs"] = json!([{"ip": address}]);
    pod["status"]["podIP"] = address.into();
}

fn set_ready(pod: &mut Value, ready: bool, now: OffsetDateTime) {
    let names: Vec<&str> = list(pod, "/spec/containers")
        .iter()
        .map(|container| text(container, "/name"))
        .collect();
    let message = format!("containers with unready status: [{}]", names.join(" "));
    let gates: Vec<String> = list(pod, "/spec/readinessGates")
        .iter()
        .map(|gate| text(gate, "/conditionType").to_owned())
        .collect();
    for kind in ["Ready", "ContainersReady"] {
        let said = if ready {
            Said::Yes
        } else {
            Said::No("ContainersNotReady", &message)
        };
        set_condition(pod, kind, said, now);
    }
    for gate in gates.iter().filter(|_| ready) {
        set_condition(pod, gate, Said::Yes, now);
    }
}

/// What a condition says.
#[derive(Clone, Copy)]
enum Said<'a> {
    Yes,
    /// Reason and message.
    No(&'a str, &'a str),
}

fn set_condition(pod: &mut Value, kind: &str, said: Said<'_>, now: OffsetDateTime) {
    let (status, reason, message) = match said {
        Said::Yes => ("True", "", ""),
        Said::No(reason, message) => ("False", reason, message),
    };
    let generation = number(pod, "/metadata/generation").unwrap_or(0);
    let mut conditions = list(pod, "/status/conditions").to_vec();
    let before = conditions
        .iter()
        .position(|condition| condition["type"] == kind);
    let since = before
        .and_then(|at| conditions.get(at))
        .filter(|before| before["status"] == status);
    let mut condition = json!({
        "type": kind,
        "status": status,
        "lastProbeTime": null,
        "lastTransitionTime": since.map_or_else(|| seconds(now).into(), |before| before["lastTransitionTime"].clone()),
        "observedGeneration": unless_zero(generation),
    });
    if let Some(members) = condition.as_object_mut() {
        members.retain(|member, value| member == "lastProbeTime" || !value.is_null());
    }
    for (member, words) in [("reason", reason), ("message", message)] {
        if !words.is_empty() {
            condition[member] = words.into();
        }
    }
    match before.and_then(|at| conditions.get_mut(at)) {
        Some(before) => *before = condition,
        None => conditions.push(condition),
    }
    pod["status"]["conditions"] = conditions.into();
}

fn containers(pod: &mut Value) -> impl Iterator<Item = &mut Value> {
    pod["status"]["containerStatuses"]
        .as_array_mut()
        .into_iter()
        .flatten()
}
