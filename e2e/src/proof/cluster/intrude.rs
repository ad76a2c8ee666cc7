//! Changes every field of an object that the provider owns, behind its back, as another manager would.

use kube::api::{DynamicObject, PostParams};
use serde_json::Value;

use super::fields::{FieldPath, owned};
use super::mutate::candidates;
use super::objects::Live;
use crate::proof::ProofError;

/// The manager under whose name the changes are made.
pub const INTRUDER: &str = "proof-intruder";

/// How often a write is tried when a controller writes to the object at the same time.
const TRIES: usize = 8;

/// What became of one object.
pub struct Intrusion {
    /// The object as it was.
    pub before: Live,
    /// The fields that were changed.
    pub changed: Vec<FieldPath>,
    /// The fields that the API server does not let change, with its last refusal.
    pub refused: Vec<(FieldPath, String)>,
}

/// Finds by dry runs which fields can be changed together, then changes them in one write.
pub async fn intrude(
    client: &kube::Client,
    object: Live,
    left_out: &[&str],
) -> Result<Intrusion, ProofError> {
    let mut last = String::new();
    for _ in 0..TRIES {
        let Some(now) = object.again(client).await? else {
            return Err(ProofError::broken(format!(
                "{object} went away while its fields were being changed"
            )));
        };
        let attempt = prepare(client, &now, left_out).await?;
        match write(client, &now, &attempt.body, false).await {
            Ok(_) => {
                return Ok(Intrusion {
                    before: object,
                    changed: attempt.changed,
                    refused: attempt.refused,
                });
            }
            Err(Refusal::Conflict(text)) => last = text,
            Err(Refusal::Other(text)) => {
                return Err(ProofError::broken(format!(
                    "{object}: a change that a dry run allowed was refused: {text}"
                )));
            }
        }
    }
    Err(ProofError::broken(format!(
        "{object} is written to so often that it could not be changed: {last}"
    )))
}

struct Attempt {
    body: Value,
    changed: Vec<FieldPath>,
    refused: Vec<(FieldPath, String)>,
}

/// Changes one field after the other, keeping each change that the server accepts together with the earlier ones.
async fn prepare(
    client: &kube::Client,
    object: &Live,
    left_out: &[&str],
) -> Result<Attempt, ProofError> {
    let mut attempt = Attempt {
        body: object.json.clone(),
        changed: Vec::new(),
        refused: Vec::new(),
    };
    for path in owned(&object.json) {
        let Some(old) = path.get(&object.json).cloned() else {
            continue;
        };
        if left_out.iter().any(|name| path.to_string().contains(name)) {
            continue;
        }
        if let Some(why) = beyond_repair(object, &path.to_string()) {
            attempt.refused.push((path, why.to_owned()));
            continue;
        }
        match change(client, object, &attempt.body, &path, &old).await {
            Ok(body) => {
                attempt.body = body;
                attempt.changed.push(path);
            }
            Err(refusal) => attempt.refused.push((path, refusal)),
        }
    }
    Ok(attempt)
}

/// Why nobody could put a change of this field back, where the API server lets it happen.
fn beyond_repair(object: &Live, path: &str) -> Option<&'static str> {
    match (object.resource.kind.as_str(), path) {
        ("PersistentVolumeClaim", "spec.resources.requests.storage") => {
            Some("a claim grows and never shrinks")
        }
        // `isScalingEvent` in k8s.io/kubernetes/pkg/controller/deployment stays true for ever when the number of
        // pods changes in the middle of a rollout that then becomes Recreate: only proportional scaling, which
        // Recreate does not have, would settle it.
        ("Deployment", "spec.strategy.type")
            if object.json["spec"]["strategy"]["type"] == "Recreate" =>
        {
            Some(
                "the deployment controller never finishes a rollout that becomes Recreate while it is scaled",
            )
        }
        _ => None,
    }
}

async fn change(
    client: &kube::Client,
    object: &Live,
    body: &Value,
    path: &FieldPath,
    old: &Value,
) -> Result<Value, String> {
    let mut refusal = String::from("no other value is known");
    for candidate in candidates(path, old) {
        let mut next = body.clone();
        path.set(&mut next, candidate);
        match write(client, object, &next, true).await {
            // Defaulting may have put the old value back: then nothing would have changed.
            Ok(answer) if path.get(&answer) != Some(old) => return Ok(next),
            Ok(_) => refusal = String::from("the server puts the old value back"),
            Err(Refusal::Conflict(text) | Refusal::Other(text)) => refusal = text,
        }
    }
    Err(refusal)
}

enum Refusal {
    Conflict(String),
    Other(String),
}

async fn write(
    client: &kube::Client,
    object: &Live,
    body: &Value,
    dry_run: bool,
) -> Result<Value, Refusal> {
    let mut body = body.clone();
    if dry_run {
        // Controllers write on; what matters here is only whether the values are allowed.
        body["metadata"]["resourceVersion"] = object.json["metadata"]["resourceVersion"].clone();
    }
    let parameters = PostParams {
        dry_run,
        field_manager: Some(INTRUDER.to_owned()),
    };
    let typed: DynamicObject =
        serde_json::from_value(body).map_err(|error| Refusal::Other(error.to_string()))?;
    match object
        .api(client)
        .replace(object.name(), &parameters, &typed)
        .await
    {
        Ok(answer) => {
            serde_json::to_value(answer).map_err(|error| Refusal::Other(error.to_string()))
        }
        Err(kube::Error::Api(status)) if status.code == 409 && status.reason == "Conflict" => {
            Err(Refusal::Conflict(status.message))
        }
        Err(kube::Error::Api(status)) => Err(Refusal::Other(status.message)),
        Err(error) => Err(Refusal::Other(error.to_string())),
    }
}
