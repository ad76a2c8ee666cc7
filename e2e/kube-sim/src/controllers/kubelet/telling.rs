//! The kubelet's events about the steps of a pod's life.

use std::time::Duration;

use serde_json::Value;

use super::life::Step;
use super::{first_container, probe, status};
use crate::clock;
use crate::controllers::World;
use crate::controllers::event::{Event, Teller};
use crate::controllers::kinds::POD;
use crate::controllers::object::{name, namespace, text, uid};
use crate::controllers::write::{Client, Write};
use crate::store::Key;

/// Severity, reason and message.
type Told = (&'static str, &'static str, String);

/// What is told before the status changes.
pub fn before(world: &World, pod: &Value, step: &Step) -> Vec<Write> {
    let image = text(first_container(pod), "/image");
    match step {
        Step::PullFails => tell(
            world,
            pod,
            &[("Normal", "Pulling", format!("Pulling image {image:?}"))],
        ),
        _ => Vec::new(),
    }
}

/// What is told after it.
pub fn after(world: &World, pod: &Value, step: &Step) -> Vec<Write> {
    tell(world, pod, &words(pod, step))
}

fn words(pod: &Value, step: &Step) -> Vec<Told> {
    let container = first_container(pod);
    let image = text(container, "/image");
    match step {
        Step::PullFails => {
            let error = status::pull_error(pod, image);
            vec![
                (
                    "Warning",
                    "Failed",
                    format!("Failed to pull image {image:?}: {error}"),
                ),
                ("Warning", "Failed", "Error: ErrImagePull".to_owned()),
            ]
        }
        Step::PullBacksOff => vec![
            (
                "Normal",
                "BackOff",
                format!("Back-off pulling image {image:?}"),
            ),
            ("Warning", "Failed", "Error: ImagePullBackOff".to_owned()),
        ],
        Step::NameFails => vec![
            ("Warning", "InspectFailed", status::name_error(image)),
            ("Warning", "Failed", "Error: InvalidImageName".to_owned()),
        ],
        Step::ConfigFails(words) => vec![("Warning", "Failed", format!("Error: {words}"))],
        Step::MountFails(volume, words) => {
            vec![("Warning", "FailedMount", mount_error(volume, words))]
        }
        Step::Crashes if text(pod, "/spec/restartPolicy") != "Never" => {
            let place = format!("{}_{}({})", name(pod), namespace(pod), uid(pod));
            let words = format!(
                "Back-off restarting failed container {} in pod {place}",
                text(container, "/name")
            );
            vec![("Warning", "BackOff", words)]
        }
        Step::ProbeFails => vec![("Warning", "Unhealthy", probe::words(pod))],
        _ => Vec::new(),
    }
}

fn mount_error(volume: &str, words: &str) -> String {
    format!("MountVolume.SetUp failed for volume {volume:?} : {words}")
}

/// From when the pod has been as it is until a mount is tried again.
pub fn next_mount(world: &World, pod: &Value, step: &Step) -> Duration {
    let Step::MountFails(volume, words) = step else {
        return Duration::ZERO;
    };
    let message = mount_error(volume, words);
    next_time(
        world,
        pod,
        ("Warning", "FailedMount", message),
        step.period(),
    )
}

/// From when the pod has been as it is until it is time to say something again that is said every so often.
pub fn next_time(
    world: &World,
    pod: &Value,
    (severity, reason, message): Told,
    period: Duration,
) -> Duration {
    let since = world.since(&Key::of(&POD.resource, pod));
    let field = field(pod, reason);
    let event = event(pod, severity, reason, &message);
    let told = event.told_before(&teller(pod, &field), world);
    let last = told.and_then(|told| clock::parse(text(told, "/lastTimestamp")));
    last.map_or(Duration::ZERO, |last| {
        (last + period - since).try_into().unwrap_or(Duration::ZERO)
    })
}

fn tell(world: &World, pod: &Value, told: &[Told]) -> Vec<Write> {
    let write = |(severity, reason, message): &Told| {
        let field = field(pod, reason);
        event(pod, severity, reason, message).told_by(teller(pod, &field), world)
    };
    told.iter().map(write).collect()
}

fn event<'a>(
    pod: &'a Value,
    severity: &'static str,
    reason: &'a str,
    message: &'a str,
) -> Event<'a> {
    Event {
        about: pod,
        kind: &POD,
        severity,
        reason,
        message,
    }
}

fn teller<'a>(pod: &'a Value, field: &'a str) -> Teller<'a> {
    Teller {
        client: Client::Kubelet,
        component: "kubelet",
        host: text(pod, "/spec/nodeName"),
        field,
    }
}

/// Volumes concern the whole pod.
fn field(pod: &Value, reason: &str) -> String {
    if reason == "FailedMount" {
        return String::new();
    }
    format!("spec.containers{{{}}}", text(first_container(pod), "/name"))
}
