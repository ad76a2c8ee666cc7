//! Labels of namespaces: which levels there are, and which pods a new level would not let in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::checks;
use crate::api::{Call, Cause, Server, Status};
use crate::store::Resource;

const PODS: Resource = Resource::new("", "pods");
const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

pub(super) fn check(
    server: &Server,
    call: &Call,
    live: Option<&Value>,
    object: &Value,
) -> Result<(), Status> {
    let mut faults = Vec::new();
    for mode in ["enforce", "audit", "warn"] {
        let key = format!("pod-security.kubernetes.io/{mode}");
        let level = &object["metadata"]["labels"][key.as_str()];
        if level.as_str().is_some_and(|level| !LEVELS.contains(&level)) {
            faults.push(Cause::invalid(
                format!("metadata.labels[{key}]"),
                level,
                &format!("must be one of {}", LEVELS.join(", ")),
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Status::invalid("", "Namespace", &call.name, &faults));
    }
    let label = |object: &Value, suffix: &str| {
        let key = format!("pod-security.kubernetes.io/enforce{suffix}");
        let value = object["metadata"]["labels"][key.as_str()].as_str();
        value.unwrap_or_default().to_owned()
    };
    let level = label(object, "");
    let Some(live) = live.filter(|live| label(live, "") != level) else {
        return Ok(());
    };
    let rank = |level: &str| LEVELS.iter().position(|one| *one == level);
    if rank(&level) > rank(&label(live, "")).or(Some(0)) {
        warn_of_pods(server, call, &level, &label(object, "-version"));
    }
    Ok(())
}

/// Pods that are there stay; the reply says which of them could not be made again, those with the same reasons together.
fn warn_of_pods(server: &Server, call: &Call, level: &str, version: &str) {
    let (pods, _) = server.store().list(&PODS, Some(&call.name));
    let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pod in &pods {
        let found = checks::violations(level, &pod["spec"]);
        if found.is_empty() {
            continue;
        }
        // Without the containers, which stand in brackets.
        let reasons: Vec<_> = found
            .iter()
            .map(|reason| reason.split(" (").next().unwrap_or(reason))
            .collect();
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        by_reason
            .entry(reasons.join(", "))
            .or_default()
            .push(name.to_owned());
    }
    if by_reason.is_empty() {
        return;
    }
    let version = if version.is_empty() {
        "latest"
    } else {
        version
    };
    call.warn(format!(
        "existing pods in namespace \"{}\" violate the new PodSecurity enforce level \"{level}:{version}\"",
        call.name
    ));
    let mut lines: Vec<String> = by_reason
        .into_iter()
        .map(|(reasons, mut names)| {
            names.sort();
            let others = names.len() - 1;
            let first = names.swap_remove(0);
            match others {
                0 => format!("{first}: {reasons}"),
                1 => format!("{first} (and 1 other pod): {reasons}"),
                others => format!("{first} (and {others} other pods): {reasons}"),
            }
        })
        .collect();
    lines.sort();
    for line in lines {
        call.warn(line);
    }
}
