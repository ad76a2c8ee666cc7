//! Pods.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Faults, items, text};
use crate::api::Cause;
use crate::kinds::names::{dns_label, dns_subdomain};
use crate::kinds::quantity::Quantity;

pub(super) fn validate(live: Option<&Value>, object: &Value, faults: &mut Faults) {
    spec("spec", &object["spec"], faults);
    let Some(live) = live else { return };
    if changes_forbidden(&live["spec"], &object["spec"]) {
        let why = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        faults.push(Cause::forbidden("spec", why));
    }
}

fn changes_forbidden(live: &Value, new: &Value) -> bool {
    let fixed = |spec: &Value| {
        let mut spec = spec.clone();
        for list in ["containers", "initContainers"] {
            for container in spec[list].as_array_mut().into_iter().flatten() {
                container
                    .as_object_mut()
                    .map(|container| container.remove("image"));
            }
        }
        if let Some(members) = spec.as_object_mut() {
            // Binding and admission write these.
            for member in [
                "activeDeadlineSeconds",
                "tolerations",
                "nodeName",
                "terminationGracePeriodSeconds",
            ] {
                members.remove(member);
            }
            members.retain(|_, member| !member.is_null());
        }
        spec
    };
    fixed(live) != fixed(new)
}

/// The specification of a pod, at a path.
pub(super) fn spec(path: &str, spec: &Value, faults: &mut Faults) {
    let mut volumes = BTreeSet::new();
    for (index, volume) in items(&spec["volumes"]) {
        let field = format!("{path}.volumes[{index}].name");
        let name = text(&volume["name"]);
        if name.is_empty() {
            faults.push(Cause::required(field, ""));
        } else {
            faults.text(field.clone(), &volume["name"], dns_label(name));
            if !volumes.insert(name) {
                faults.push(Cause::duplicate(field, &volume["name"]));
            }
        }
    }
    if items(&spec["containers"]).next().is_none() {
        faults.push(Cause::required(format!("{path}.containers"), ""));
    }
    let mut names = BTreeSet::new();
    for list in ["initContainers", "containers"] {
        for (index, one) in items(&spec[list]) {
            let at = format!("{path}.{list}[{index}]");
            if !text(&one["name"]).is_empty() && !names.insert(text(&one["name"])) {
                faults.push(Cause::duplicate(format!("{at}.name"), &one["name"]));
            }
            container(&at, one, &volumes, faults);
        }
    }
    let account = &spec["serviceAccountName"];
    if !text(account).is_empty() {
        faults.text(
            format!("{path}.serviceAccountName"),
            account,
            dns_subdomain(text(account)),
        );
    }
}

fn container(path: &str, container: &Value, volumes: &BTreeSet<&str>, faults: &mut Faults) {
    let name = &container["name"];
    if text(name).is_empty() {
        faults.push(Cause::required(format!("{path}.name"), ""));
    } else {
        faults.text(format!("{path}.name"), name, dns_label(text(name)));
    }
    let image = text(&container["image"]);
    if image.is_empty() {
        faults.push(Cause::required(format!("{path}.image"), ""));
    } else if image.trim() != image {
        let why = "must not have leading or trailing whitespace";
        faults.push(Cause::invalid(
            format!("{path}.image"),
            &container["image"],
            why,
        ));
    }
    for (index, port) in items(&container["ports"]) {
        let number = &port["containerPort"];
        if !number
            .as_i64()
            .is_some_and(|number| (1..=65_535).contains(&number))
        {
            let field = format!("{path}.ports[{index}].containerPort");
            if number.is_null() {
                faults.push(Cause::required(field, ""));
            } else {
                faults.push(Cause::invalid(
                    field,
                    number,
                    "must be between 1 and 65535, inclusive",
                ));
            }
        }
    }
    let mut paths = BTreeSet::new();
    for (index, mount) in items(&container["volumeMounts"]) {
        let at = format!("{path}.volumeMounts[{index}]");
        if !volumes.contains(text(&mount["name"])) {
            faults.push(Cause::not_found(format!("{at}.name"), &mount["name"]));
        }
        if text(&mount["mountPath"]).is_empty() {
            faults.push(Cause::required(format!("{at}.mountPath"), ""));
        } else if !paths.insert(text(&mount["mountPath"])) {
            let why = "must be unique";
            faults.push(Cause::invalid(
                format!("{at}.mountPath"),
                &mount["mountPath"],
                why,
            ));
        }
    }
    for (index, variable) in items(&container["env"]) {
        let at = format!("{path}.env[{index}]");
        if text(&variable["name"]).is_empty() {
            faults.push(Cause::required(format!("{at}.name"), ""));
        }
        let from = variable["valueFrom"].as_object();
        if from.is_some() && !text(&variable["value"]).is_empty() {
            let why = "may not be specified when `value` is not empty";
            faults.push(Cause::invalid(format!("{at}.valueFrom"), &"".into(), why));
        }
    }
    resources(
        &format!("{path}.resources"),
        &container["resources"],
        faults,
    );
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let found = &container[probe];
        if found.is_object()
            && ["exec", "httpGet", "tcpSocket", "grpc"]
                .iter()
                .all(|kind| found[kind].is_null())
        {
            faults.push(Cause::required(
                format!("{path}.{probe}"),
                "must specify a handler type",
            ));
        }
    }
}

fn resources(path: &str, resources: &Value, faults: &mut Faults) {
    for side in ["limits", "requests"] {
        for (name, amount) in resources[side].as_object().into_iter().flatten() {
            let field = format!("{path}.{side}[{name}]");
            match amount.as_str().and_then(Quantity::parse) {
                Some(amount_read) if amount_read.is_negative() => {
                    faults.push(Cause::invalid(
                        field,
                        amount,
                        "must be greater than or equal to 0",
                    ));
                }
                _ => {}
            }
        }
    }
    for (name, asked) in resources["requests"].as_object().into_iter().flatten() {
        let limit = &resources["limits"][name];
        let read = |amount: &Value| amount.as_str().and_then(Quantity::parse);
        if let (Some(asked_amount), Some(limit_amount)) = (read(asked), read(limit))
            && asked_amount > limit_amount
        {
            let why = format!(
                "must be less than or equal to {name} limit of {}",
                text(limit)
            );
            faults.push(Cause::invalid(format!("{path}.requests"), asked, &why));
        }
    }
}
