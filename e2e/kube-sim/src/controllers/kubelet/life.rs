//! The steps of a pod's life: which comes next, when, and what it does.

use std::time::Duration;

use serde_json::Value;

use super::fate::{self, Fate};
use super::{Next, is_made_by, probe, status, status_write, telling};
use crate::clock;
use crate::controllers::World;
use crate::controllers::kinds::POD;
use crate::controllers::object::{self, holds, list, number, text};
use crate::controllers::write::{Act, Client, Write};
use crate::store::Key;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The containers run; ready or not.
    Starts { ready: bool },
    /// The pull fails.
    PullFails,
    /// The next pull waits.
    PullBacksOff,
    /// The image's name cannot be read.
    NameFails,
    /// The containers cannot be created.
    ConfigFails(String),
    /// A volume cannot be mounted.
    MountFails(String, String),
    /// The containers run again, or for the first time, and will exit.
    CrashStarts,
    /// The containers have exited.
    Crashes,
    /// The readiness probe fails.
    ProbeFails,
    /// The readiness probe succeeds.
    BecomesReady,
    /// A job's pod has done its work.
    Completes,
    /// The pod is gone.
    Vanishes,
}

impl Step {
    /// Whether it happens again though the pod stays as it is.
    pub fn repeats(&self) -> bool {
        matches!(self, Step::ProbeFails | Step::MountFails(..))
    }

    /// After how long it happens again.
    pub fn period(&self) -> Duration {
        match self {
            Step::MountFails(..) => Duration::from_secs(2),
            _ => Duration::from_secs(10),
        }
    }
}

const CRASH_AFTER: Duration = Duration::from_millis(300);
const PULL_TAKES: Duration = Duration::from_millis(500);
const COMPLETE_AFTER: Duration = Duration::from_millis(500);
const SLOW: Duration = Duration::from_secs(5);

/// The next step and its moment; none for a pod that stays as it is.
pub fn next(world: &World, key: &Key, pod: &Value) -> Option<Next> {
    let since = world.since(key);
    let delay = world.settings.pod_delay;
    if object::terminating(pod) {
        return Some((since + delay, Step::Vanishes));
    }
    if matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") {
        return None;
    }
    let fate = fate::of(world, pod);
    let Some(container) = list(pod, "/status/containerStatuses").first() else {
        return Some((since + before_start(&fate, pod, delay), first_step(fate)));
    };
    let (wait, step) = later_step(world, pod, container, fate)?;
    Some((since + wait, step))
}

fn before_start(fate: &Fate, pod: &Value, delay: Duration) -> Duration {
    match fate {
        // Its annotation says when it is ready, not when it starts.
        Fate::Ready | Fate::Slow | Fate::NeverReady => delay,
        _ => fate::after(pod).unwrap_or(delay),
    }
}

fn first_step(fate: Fate) -> Step {
    match fate {
        Fate::Ready => Step::Starts { ready: true },
        Fate::Slow | Fate::NeverReady => Step::Starts { ready: false },
        Fate::ImageNotFound => Step::PullFails,
        Fate::InvalidImage => Step::NameFails,
        Fate::Crashes => Step::CrashStarts,
        Fate::Misconfigured(words) => Step::ConfigFails(words),
        Fate::Unmounted(volume, words) => Step::MountFails(volume, words),
    }
}

fn later_step(
    world: &World,
    pod: &Value,
    container: &Value,
    fate: Fate,
) -> Option<(Duration, Step)> {
    let waiting = text(container, "/state/waiting/reason");
    let runs = container["state"]["running"].is_object();
    match (fate, waiting) {
        (Fate::ImageNotFound, "ImagePullBackOff") => {
            Some((before_pull(world, pod), Step::PullFails))
        }
        (Fate::ImageNotFound, "ErrImagePull") => Some((PULL_TAKES, Step::PullBacksOff)),
        (Fate::Crashes, "CrashLoopBackOff") => Some((before_restart(container), Step::CrashStarts)),
        (Fate::Crashes, _) if runs => Some((CRASH_AFTER, Step::Crashes)),
        (Fate::NeverReady, _) if runs => Some((probe::next_failure(world, pod), Step::ProbeFails)),
        (Fate::Slow, _) if runs && !holds(pod, "Ready") => {
            Some((fate::after(pod).unwrap_or(SLOW), Step::BecomesReady))
        }
        (Fate::Ready, "CreateContainerConfigError" | "ContainerCreating") => {
            Some((world.settings.pod_delay, Step::Starts { ready: true }))
        }
        (Fate::Misconfigured(words), "CreateContainerConfigError") => {
            let says_so = text(container, "/state/waiting/message") == words;
            (!says_so).then_some((world.settings.pod_delay, Step::ConfigFails(words)))
        }
        (Fate::Unmounted(volume, words), "ContainerCreating") => {
            let step = Step::MountFails(volume, words);
            Some((telling::next_mount(world, pod, &step), step))
        }
        (Fate::Ready, _) if holds(pod, "Ready") && is_made_by(pod, "Job") => {
            Some((COMPLETE_AFTER, Step::Completes))
        }
        _ => None,
    }
}

/// Pulls are frequent in the first 20 seconds, so that a missing image is recognised soon.
fn before_pull(world: &World, pod: &Value) -> Duration {
    let started = clock::parse(text(pod, "/status/startTime"));
    let young = started.is_some_and(|started| world.now - started < Duration::from_secs(20));
    if young {
        Duration::from_millis(1500)
    } else {
        Duration::from_secs(30)
    }
}

/// Restarts are frequent four times, so that a loop is recognised soon.
fn before_restart(container: &Value) -> Duration {
    let restarts = number(container, "/restartCount").unwrap_or(0);
    if restarts < 4 {
        Duration::from_secs(1)
    } else {
        Duration::from_secs(30)
    }
}

/// Does a step.
pub fn take(world: &World, pod: &Value, step: &Step) -> Vec<Write> {
    let now = world.now;
    let mut writes = telling::before(world, pod, step);
    let changed = match step {
        Step::Vanishes => return vec![vanish(pod)],
        Step::ProbeFails => None,
        Step::Starts { ready } => Some(status::running(world, pod, *ready)),
        Step::CrashStarts => Some(status::running(world, pod, false)),
        Step::BecomesReady => Some(status::ready(pod, now)),
        Step::Crashes => Some(status::exited(pod, now)),
        Step::Completes => Some(status::completed(pod, now)),
        Step::PullFails
        | Step::PullBacksOff
        | Step::NameFails
        | Step::ConfigFails(_)
        | Step::MountFails(..) => Some(status::waiting(world, pod, step)),
    };
    if let Some(changed) = changed.filter(|changed| changed != pod) {
        writes.push(status_write(changed));
    }
    writes.extend(telling::after(world, pod, step));
    writes
}

fn vanish(pod: &Value) -> Write {
    Write {
        client: Client::Kubelet,
        key: Key::of(&POD.resource, pod),
        act: Act::Delete {
            uid: object::uid(pod).to_owned(),
            propagation: None,
            grace: Some(0),
        },
    }
}
