//! A Deployment's own account of its rollout.

use seedling_model::Object;
use serde_json::Value as Json;

/// How far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Every wanted pod runs the newest template and is available; no old pod is left.
    Complete,
    /// Not yet; the text says what is missing.
    Going(String),
    /// The Deployment's progress deadline passed.
    Stalled(String),
}

/// The numbers of a Deployment, absent ones as the API defaults them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    pub wanted: i64,
    pub total: i64,
    pub updated: i64,
    pub ready: i64,
    pub available: i64,
}

/// The numbers as the Deployment tells them now.
pub fn numbers(deployment: &Object) -> Numbers {
    let status = &deployment.0["status"];
    let count = |name: &str| status[name].as_i64().unwrap_or(0);
    Numbers {
        wanted: deployment.0["spec"]["replicas"].as_i64().unwrap_or(1),
        total: count("replicas"),
        updated: count("updatedReplicas"),
        ready: count("readyReplicas"),
        available: count("availableReplicas"),
    }
}

/// Whether the deployment controller has seen what was written last.
fn is_observed(deployment: &Object) -> bool {
    let generation = deployment.0["metadata"]["generation"].as_i64().unwrap_or(0);
    let observed = deployment.0["status"]["observedGeneration"].as_i64();
    observed.unwrap_or(0) >= generation
}

/// Complete by the conditions that `kubectl rollout status` uses, in its order.
pub fn progress(deployment: &Object) -> Progress {
    if !is_observed(deployment) {
        return Progress::Going("the deployment controller has not seen the change yet".to_owned());
    }
    if let Some(condition) = condition(deployment, "Progressing")
        && condition["reason"] == "ProgressDeadlineExceeded"
    {
        let message = condition["message"].as_str().unwrap_or("no progress");
        return Progress::Stalled(message.to_owned());
    }
    let n = numbers(deployment);
    if n.updated < n.wanted {
        Progress::Going(format!("{} of {} pods are new", n.updated, n.wanted))
    } else if n.total > n.updated {
        Progress::Going(format!("{} old pods are still to go", n.total - n.updated))
    } else if n.available < n.updated {
        Progress::Going(format!(
            "{} of {} new pods are available",
            n.available, n.updated
        ))
    } else {
        Progress::Complete
    }
}

/// Whether the last rollout ended well, whatever became of the pods since: a later crash or a
/// scaling is no unfinished rollout.
pub fn has_completed(deployment: &Object) -> bool {
    let done = condition(deployment, "Progressing")
        .is_some_and(|condition| condition["reason"] == "NewReplicaSetAvailable");
    done || matches!(progress(deployment), Progress::Complete)
}

/// A condition of the object's status by type.
pub fn condition<'a>(object: &'a Object, kind: &str) -> Option<&'a Json> {
    let conditions = object.0["status"]["conditions"].as_array()?;
    conditions
        .iter()
        .find(|condition| condition["type"] == kind)
}

#[cfg(test)]
#[allow(clippy::needless_pass_by_value)] // `json!` literals read better without `&`
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment(spec: i64, status: Json) -> Object {
        Object(json!({"metadata": {"generation": 2}, "spec": {"replicas": spec}, "status": status}))
    }

    #[test]
    fn completion_follows_kubectl() {
        let going = |text: &str| Progress::Going(text.to_owned());
        for (status, expected) in [
            (
                json!({"observedGeneration": 1}),
                going("the deployment controller has not seen the change yet"),
            ),
            (
                json!({"observedGeneration": 2, "updatedReplicas": 1}),
                going("1 of 2 pods are new"),
            ),
            (
                json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 3}),
                going("1 old pods are still to go"),
            ),
            (
                json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 1}),
                going("1 of 2 new pods are available"),
            ),
            (
                json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 2}),
                Progress::Complete,
            ),
            (
                json!({"observedGeneration": 2, "conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "late"}]}),
                Progress::Stalled("late".to_owned()),
            ),
        ] {
            assert_eq!(
                progress(&deployment(2, status.clone())),
                expected,
                "{status}"
            );
        }
    }
}
