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
        let attempt = prepare(client, &now, left_out).await;
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

/// Changes as many fields as the server lets change together.
async fn prepare(client: &kube::Client, object: &Live, left_out: &[&str]) -> Attempt {
    let mut attempt = Attempt {
        body: object.json.clone(),
        changed: Vec::new(),
        refused: Vec::new(),
    };
    let mut fields = Vec::new();
    for path in owned(&object.json) {
        let Some(old) = path.get(&object.json).cloned() else {
            continue;
        };
        let shown = path.to_string();
        if left_out.iter().any(|name| shown.contains(name)) {
            continue;
        }
        match beyond_repair(object, &shown) {
            Some(why) => attempt.refused.push((path, why.to_owned())),
            None => fields.push((path, old)),
        }
    }
    change_all(client, object, &mut attempt, &fields).await;
    attempt
}

/// All at once if the server accepts that, else each half by itself: most fields can be changed, and a question for
/// each would take ten times as many.
async fn change_all(
    client: &kube::Client,
    object: &Live,
    attempt: &mut Attempt,
    fields: &[(FieldPath, Value)],
) {
    match fields {
        [] => {}
        [(path, old)] => match change(client, object, &attempt.body, path, old).await {
            Ok(body) => {
                attempt.body = body;
                attempt.changed.push(path.clone());
            }
            Err(refusal) => attempt.refused.push((path.clone(), refusal)),
        },
        _ => {
            if let Some(body) = change_together(client, object, &attempt.body, fields).await {
                attempt.body = body;
                let paths = fields.iter().map(|(path, _)| path.clone());
                attempt.changed.extend(paths);
                return;
            }
            let (first, second) = fields.split_at(fields.len() / 2);
            Box::pin(change_all(client, object, attempt, first)).await;
            Box::pin(change_all(client, object, attempt, second)).await;
        }
    }
}

async fn change_together(
    client: &kube::Client,
    object: &Live,
    body: &Value,
    fields: &[(FieldPath, Value)],
) -> Option<Value> {
    let mut next = body.clone();
    for (path, old) in fields {
        path.set(&mut next, candidates(path, old).into_iter().next()?);
    }
    let answer = write(client, object, &next, true).await.ok()?;
    let is_changed = |(path, old): &(FieldPath, Value)| path.get(&answer) != Some(old);
    fields.iter().all(is_changed).then_some(next)
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
