//! The status of a pod after each step of its life.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::condition::{self, Said};
use super::life::Step;
use super::{address, fate};
use crate::clock::seconds;
use crate::controllers::World;
use crate::controllers::object::{list, name, namespace, number, text, uid, without_nulls};

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
    condition::set_ready(&mut changed, ready, world.now);
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
    condition::set_ready(&mut changed, true, now);
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
    condition::set_ready(&mut changed, false, now);
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
    for kind in ["ContainersReady", "Ready"] {
        condition::set(&mut changed, kind, Said::No("PodCompleted", ""), now);
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
    condition::set_ready(&mut changed, false, world.now);
    if matches!(step, Step::MountFails(..)) {
        condition::set(
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
        condition::set(pod, kind, Said::Yes, world.now);
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

fn containers(pod: &mut Value) -> impl Iterator<Item = &mut Value> {
    pod["status"]["containerStatuses"]
        .as_array_mut()
        .into_iter()
        .flatten()
}
