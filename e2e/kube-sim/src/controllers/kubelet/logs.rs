//! What `kubectl logs` shows: a few lines that fit what became of the container, or the kubelet's refusal.

use serde_json::Value;

use super::fate;
use crate::controllers::object::{list, name, number, text};

/// The lines of a container's log, of its previous run if asked for; else why there is none
/// (`validateContainerLogStatus` of `k8s.io/kubernetes/pkg/kubelet`).
pub fn log(pod: &Value, container: &str, previous: bool) -> Result<Vec<String>, String> {
    let pod_name = name(pod);
    let statuses = ["/status/containerStatuses", "/status/initContainerStatuses"];
    let found = statuses
        .iter()
        .flat_map(|which| list(pod, which))
        .find(|status| status["name"] == container);
    let Some(status) = found else {
        return Err(format!(
            "container {container:?} in pod {pod_name:?} is not available"
        ));
    };
    let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
    if previous {
        let none =
            || format!("previous terminated container {container:?} in pod {pod_name:?} not found");
        return if last.is_object() {
            Ok(lines(pod, container, last))
        } else {
            Err(none())
        };
    }
    if state["running"].is_object() {
        return Ok(lines(pod, container, &Value::Null));
    }
    if state["terminated"].is_object() {
        return Ok(lines(pod, container, &state["terminated"]));
    }
    if last.is_object() {
        return Ok(lines(pod, container, last));
    }
    let why = match text(state, "/waiting/reason") {
        "" => {
            return Err(format!(
                "container {container:?} in pod {pod_name:?} is waiting to start - no logs yet"
            ));
        }
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        reason => reason,
    };
    Err(format!(
        "container {container:?} in pod {pod_name:?} is waiting to start: {why}"
    ))
}

fn lines(pod: &Value, container: &str, ended: &Value) -> Vec<String> {
    let mut lines = vec![format!("{container}: started")];
    match number(ended, "/exitCode") {
        None => {}
        Some(0) => lines.push(format!("{container}: done")),
        Some(code) => {
            lines.extend(fate::told(pod).map(str::to_owned));
            lines.push(format!("{container}: exits with code {code}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_log_for_every_state() {
        let pod = |state: Value, last: Value| {
            let status = json!({"name": "web", "state": state, "lastState": last});
            json!({"metadata": {"name": "p"}, "status": {"containerStatuses": [status]}})
        };
        let crashed = json!({"terminated": {"exitCode": 1}});
        for (state, last, previous, wanted) in [
            (json!({"running": {}}), json!({}), false, Ok(1)),
            (
                json!({"running": {}}),
                json!({}),
                true,
                Err("previous terminated container \"web\" in pod \"p\" not found"),
            ),
            (
                json!({"waiting": {"reason": "CrashLoopBackOff"}}),
                crashed.clone(),
                false,
                Ok(2),
            ),
            (json!({"running": {}}), crashed, true, Ok(2)),
            (
                json!({"waiting": {"reason": "ImagePullBackOff"}}),
                json!({}),
                false,
                Err(
                    "container \"web\" in pod \"p\" is waiting to start: trying and failing to pull image",
                ),
            ),
        ] {
            let found = log(&pod(state, last), "web", previous);
            assert_eq!(found.as_ref().map(Vec::len).map_err(String::as_str), wanted);
        }
        let none = log(&json!({"metadata": {"name": "p"}}), "web", false);
        assert_eq!(
            none.unwrap_err(),
            "container \"web\" in pod \"p\" is not available"
        );
    }
}
