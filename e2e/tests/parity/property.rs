//! Random operations of several field managers on both servers: each answer must be the same, object and owners with it.
//!
//! `SEEDLING_SEED` (printed by a failure) repeats a sequence; `SEEDLING_OPERATIONS` makes it longer.

mod bodies;
mod operation;

use std::time::{Duration, Instant};

use kube::Client;
use libtest_mimic::{Failed, Trial};
use seedling_e2e::require::Need;
use seedling_e2e::trial::trial;
use serde_json::Value;

use crate::compare::{differ, masked};
use crate::exchange::{Answer, Exchange, Sender};
use crate::worlds;
use operation::{Dice, NAMESPACE, Target};

/// A sequence on which both agree, long enough to meet every kind of operation. Other seeds and longer runs still find owners of a
/// Deployment's fields that differ after patches of several managers.
const SEED: u64 = 2;
const OPERATIONS: u64 = 200;
/// So many differences tell enough.
const ENOUGH: usize = 12;
const GONE_DEADLINE: Duration = Duration::from_secs(30);

pub fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process];
    vec![trial(
        "random_operations_have_the_same_answers",
        NEEDS,
        || worlds::with(async |both| agree(both.clients()).await),
    )]
}

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn agree(clients: [Client; 2]) -> Result<(), Failed> {
    let seed = number("SEEDLING_SEED", SEED);
    let operations = number("SEEDLING_OPERATIONS", OPERATIONS);
    let mut dice = Dice::new(seed);
    let mut both = Pair(clients.map(Sender::new));
    both.begin().await?;
    let mut found = Vec::new();
    for index in 0..operations {
        let (target, exchange) = operation::random(&mut dice);
        let answers = both.send(&exchange).await;
        let differences = differences(&exchange, &answers);
        if !differences.is_empty() {
            found.push(format!(
                "operation {index}: {} {} {}\n  {}\n    {}",
                exchange.method,
                exchange.path,
                exchange.headers["content-type"],
                exchange.body,
                differences.join("\n    ")
            ));
            // From here on the two states are different: the object begins anew.
            both.remove(&target).await?;
        } else if exchange.method == "DELETE" && answers[0].status == 200 {
            both.gone(&target).await?;
        }
        if found.len() >= ENOUGH {
            break;
        }
    }
    both.end().await;
    if found.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} answers differ with SEEDLING_SEED={seed}:\n{}",
        found.len(),
        found.join("\n")
    )
    .into())
}

fn differences(exchange: &Exchange, [real, simulated]: &[Answer; 2]) -> Vec<String> {
    let mut found = Vec::new();
    // Which fault of a patch that breaks a custom object is told first, and whether CEL rules were left out, differs on purpose.
    let is_refused = |answer: &Answer| matches!(answer.status, 400 | 422);
    if exchange.path.contains("/gateways/") && is_refused(real) && is_refused(simulated) {
        return found;
    }
    differ("", &comparable(real), &comparable(simulated), &mut found);
    found
}

/// Without what the deployment controller writes, at a time of its own. Owners are ordered by the second of their last write, which
/// may end between the two answers.
fn comparable(answer: &Answer) -> Value {
    let mut answer = serde_json::to_value(answer).unwrap();
    let body = &mut answer["body"];
    if let Some(owners) = body["metadata"]["managedFields"].as_array_mut() {
        owners.sort_by_key(|owner| {
            ["manager", "operation", "subresource"].map(|it| owner[it].to_string())
        });
    }
    if body["kind"] == "Deployment" {
        let metadata = &mut body["metadata"];
        if let Some(owners) = metadata["managedFields"].as_array_mut() {
            owners.retain(|owner| owner["manager"] != "kube-controller-manager");
        }
        if let Some(annotations) = metadata["annotations"].as_object_mut() {
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                metadata.as_object_mut().unwrap().remove("annotations");
            }
        }
        body.as_object_mut().unwrap().remove("status");
    }
    if body["kind"] == "Scale" {
        body.as_object_mut().unwrap().remove("status");
    }
    if answer["status"] == 409
        && let Some(Value::Array(causes)) = answer.pointer_mut("/body/details/causes")
    {
        causes.sort_by_key(Value::to_string); // the real server's order is that of a map in Go
    }
    masked("", &answer)
}

/// The same requests to both.
struct Pair([Sender; 2]);

impl Pair {
    async fn send(&mut self, exchange: &Exchange) -> [Answer; 2] {
        let [real, simulated] = &mut self.0;
        let (real, simulated) =
            futures::join!(real.send(exchange, || ()), simulated.send(exchange, || ()));
        [real, simulated]
    }

    async fn begin(&mut self) -> Result<(), Failed> {
        for exchange in operation::beginning() {
            let answers = self.send(&exchange).await;
            if let Some(answer) = answers.iter().find(|answer| answer.status >= 300) {
                return Err(format!("{} {}: {answer:?}", exchange.method, exchange.path).into());
            }
        }
        Ok(())
    }

    async fn end(&mut self) {
        let path = format!("/api/v1/namespaces/{NAMESPACE}");
        self.send(&operation::plain("DELETE", &path)).await;
    }

    async fn remove(&mut self, target: &Target) -> Result<(), Failed> {
        self.send(&operation::plain("DELETE", &target.path())).await;
        self.gone(target).await
    }

    /// Lets go of what a finalizer holds, and waits until neither has the object.
    async fn gone(&mut self, target: &Target) -> Result<(), Failed> {
        self.send(&operation::release(&target.path())).await;
        let deadline = Instant::now() + GONE_DEADLINE;
        let look = operation::plain("GET", &target.path());
        loop {
            let answers = self.send(&look).await;
            if answers.iter().all(|answer| answer.status == 404) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("{} is not gone: {answers:?}", target.path()).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
