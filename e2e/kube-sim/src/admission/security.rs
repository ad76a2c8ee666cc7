//! `PodSecurity`: the levels `baseline` and `restricted`, in the words of `k8s.io/pod-security-admission/policy`.

mod checks;
mod levels;

use serde_json::Value;

use crate::api::{Call, Server, Status};
use crate::store::Resource;

const NAMESPACES: Resource = Resource::new("", "namespaces");

/// Refuses pods that violate the namespace's level; warns of pods and templates that violate the level of warnings.
pub(super) fn check(
    server: &Server,
    call: &Call,
    live: Option<&Value>,
    object: &Value,
) -> Result<(), Status> {
    if call.kind.kind == "Namespace" {
        return levels::check(server, call, live, object);
    }
    let is_pod = call.kind.kind == "Pod";
    let template = &object["spec"]["template"];
    if !is_pod && !["Deployment", "ReplicaSet"].contains(&call.kind.kind.as_str()) {
        return Ok(());
    }
    let Some(namespace) = server.look(&NAMESPACES, "", &call.namespace) else {
        return Ok(());
    };
    let level = |mode: &str| {
        let label = |suffix: &str| {
            let key = format!("pod-security.kubernetes.io/{mode}{suffix}");
            namespace["metadata"]["labels"][key.as_str()]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let version = Some(label("-version")).filter(|version| !version.is_empty());
        (label(""), version.unwrap_or_else(|| "latest".to_owned()))
    };
    let spec = if is_pod {
        &object["spec"]
    } else {
        &template["spec"]
    };
    // A pod that is there already only changes in ways that are safe.
    if live.is_some_and(|live| is_pod || live["spec"]["template"] == *template) {
        return Ok(());
    }
    let violations = |(level, version): &(String, String)| {
        let found = checks::violations(level, spec);
        (!found.is_empty()).then(|| {
            format!(
                "violate PodSecurity \"{level}:{version}\": {}",
                found.join(", ")
            )
        })
    };
    if is_pod && let Some(found) = violations(&level("enforce")) {
        return Err(Status::forbidden(
            &call.kind.resource,
            &call.name,
            &found.replacen("violate", "violates", 1),
        ));
    }
    let warning = violations(&level("warn"));
    if let Some(found) = warning {
        call.warn(format!("would {found}"));
    }
    Ok(())
}
