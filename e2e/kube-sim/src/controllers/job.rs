//! Jobs: pods that run to their end. One after another for as many as are wanted, again after a failure as often
//! as the job allows. After `k8s.io/kubernetes/pkg/controller/job` 1.36, without indexes, suspension and policies.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::event::{Event, Teller};
use super::kinds::{JOB, POD};
use super::object::{self, condition, holds, list, number, text, unless_zero, without_nulls};
use super::write::{Act, Client, Write};
use super::{Answer, Controller, Plan, World};
use crate::clock::{parse, seconds};
use crate::store::{Change, Key};

const CLIENT: Client = Client::ControllerManager;
const TELLER: Teller<'static> = Teller::controller(CLIENT, "job-controller");

/// The job controller.
pub struct Jobs;

impl Controller for Jobs {
    fn concerns(&self, _world: &World, change: &Change) -> Vec<Key> {
        if change.key.resource == JOB.resource {
            return vec![change.key.clone()];
        }
        let owner =
            object::controller(&change.object).filter(|_| change.key.resource == POD.resource);
        let owner = owner.filter(|owner| owner["kind"] == JOB.title);
        let key =
            |owner: &Value| Key::new(&JOB.resource, &change.key.namespace, text(owner, "/name"));
        owner.map(key).into_iter().collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(job) = world.get(key).filter(|job| !object::terminating(job)) else {
            return Plan::nothing();
        };
        if holds(job, "Complete") || holds(job, "Failed") {
            return forget(world, job);
        }
        let run = Run::of(world, job);
        let mut writes: Vec<Write> = Vec::new();
        let outcome = run.outcome(world.now);
        match outcome {
            None => writes.extend(std::iter::repeat_with(|| new_pod(job)).take(run.missing())),
            Some(_) => writes.extend(
                run.active
                    .iter()
                    .map(|pod| Write::delete(CLIENT, &POD.resource, pod)),
            ),
        }
        let changed = run.status(world, outcome);
        if changed != *job {
            writes.push(Write::status(CLIENT, &JOB.resource, changed));
            writes.extend(outcome.map(|outcome| tell(world, job, outcome)));
        }
        Plan {
            writes,
            again: run.deadline(),
        }
    }

    fn answered(&self, world: &World, key: &Key, write: &Write, answer: &Answer) -> Vec<Write> {
        let (Act::Create(_), Ok(pod), Some(job)) = (&write.act, answer, world.get(key)) else {
            return Vec::new();
        };
        let message = format!("Created pod: {}", object::name(pod));
        let event = Event {
            about: job,
            kind: &JOB,
            severity: "Normal",
            reason: "SuccessfulCreate",
            message: &message,
        };
        vec![event.told_by(TELLER, world)]
    }
}

/// How a job ends: the condition, its reason and its message.
type Outcome = (&'static str, &'static str, &'static str);

struct Run<'a> {
    job: &'a Value,
    active: Vec<&'a Value>,
    ready: i64,
    succeeded: i64,
    failed: i64,
}

impl<'a> Run<'a> {
    fn of(world: &'a World, job: &'a Value) -> Run<'a> {
        let pods = world.controlled_by(object::uid(job), &POD.resource);
        let count = |phase: &str| {
            length(
                pods.iter()
                    .filter(|pod| text(pod, "/status/phase") == phase)
                    .count(),
            )
        };
        let active: Vec<&Value> = pods
            .iter()
            .copied()
            .filter(|pod| {
                !matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
                    && !object::terminating(pod)
            })
            .collect();
        Run {
            job,
            ready: length(active.iter().filter(|pod| holds(pod, "Ready")).count()),
            active,
            succeeded: count("Succeeded"),
            failed: count("Failed"),
        }
    }

    fn wanted(&self) -> i64 {
        number(self.job, "/spec/completions").unwrap_or(1)
    }

    fn missing(&self) -> usize {
        if self.job["spec"]["suspend"] == true {
            return 0;
        }
        let parallel = number(self.job, "/spec/parallelism").unwrap_or(1);
        let left = (self.wanted() - self.succeeded).min(parallel);
        usize::try_from(left - length(self.active.len())).unwrap_or(0)
    }

    fn outcome(&self, now: OffsetDateTime) -> Option<Outcome> {
        if self.succeeded >= self.wanted() {
            return Some((
                "Complete",
                "CompletionsReached",
                "Reached expected number of succeeded pods",
            ));
        }
        if self.failed > number(self.job, "/spec/backoffLimit").unwrap_or(6) {
            return Some((
                "Failed",
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
            ));
        }
        let late = self.deadline().is_some_and(|deadline| deadline <= now);
        late.then_some((
            "Failed",
            "DeadlineExceeded",
            "Job was active longer than specified deadline",
        ))
    }

    fn deadline(&self) -> Option<OffsetDateTime> {
        let seconds = number(self.job, "/spec/activeDeadlineSeconds")?;
        Some(parse(text(self.job, "/status/startTime"))? + Duration::seconds(seconds))
    }

    fn status(&self, world: &World, outcome: Option<Outcome>) -> Value {
        let now = seconds(world.now);
        let active = if outcome.is_some() {
            0
        } else {
            length(self.active.len() + self.missing())
        };
        let mut status = json!({
            "active": unless_zero(active),
            "ready": if outcome.is_some() { 0 } else { self.ready },
            "succeeded": unless_zero(self.succeeded),
            "failed": unless_zero(self.failed),
            "terminating": 0,
            "uncountedTerminatedPods": {},
            "startTime": self.job["status"]["startTime"],
            "conditions": self.job["status"]["conditions"],
        });
        if status["startTime"].is_null() {
            status["startTime"] = now.clone().into();
        }
        if let Some((kind, reason, message)) = outcome {
            // The first says that it will end so, the second that all its pods have.
            let first = if kind == "Complete" {
                "SuccessCriteriaMet"
            } else {
                "FailureTarget"
            };
            let conditions = [first, kind].map(|kind| {
                json!({
                    "type": kind,
                    "status": "True",
                    "lastProbeTime": now,
                    "lastTransitionTime": now,
                    "reason": reason,
                    "message": message,
                })
            });
            status["conditions"] = conditions.to_vec().into();
            if kind == "Complete" {
                status["completionTime"] = now.into();
            }
        }
        let mut changed = self.job.clone();
        changed["status"] = without_nulls(status);
        changed
    }
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn new_pod(job: &Value) -> Write {
    let template = &job["spec"]["template"];
    let pod = json!({
        "metadata": without_nulls(json!({
            "generateName": format!("{}-", object::name(job)),
            "namespace": object::namespace(job),
            "labels": template["metadata"]["labels"],
            "annotations": template["metadata"]["annotations"],
            "ownerReferences": [object::owned_by(job, &JOB)],
        })),
        "spec": template["spec"],
    });
    Write::create(CLIENT, &POD, pod)
}

fn tell(world: &World, job: &Value, (kind, reason, message): Outcome) -> Write {
    let done = kind == "Complete";
    let event = Event {
        about: job,
        kind: &JOB,
        severity: if done { "Normal" } else { "Warning" },
        reason: if done { "Completed" } else { reason },
        message: if done { "Job completed" } else { message },
    };
    event.told_by(TELLER, world)
}

/// A finished job is deleted after `ttlSecondsAfterFinished`.
fn forget(world: &World, job: &Value) -> Plan {
    let Some(seconds) = number(job, "/spec/ttlSecondsAfterFinished") else {
        return Plan::nothing();
    };
    let ended = condition(job, "Complete").or_else(|| condition(job, "Failed"));
    let Some(ended) = ended.and_then(|ended| parse(text(ended, "/lastTransitionTime"))) else {
        return Plan::nothing();
    };
    let end = ended + Duration::seconds(seconds);
    if world.now < end || !list(job, "/metadata/finalizers").is_empty() {
        return Plan::wait(end);
    }
    let mut write = Write::delete(CLIENT, &JOB.resource, job);
    if let Act::Delete { propagation, .. } = &mut write.act {
        *propagation = Some("Foreground");
    }
    vec![write].into()
}
