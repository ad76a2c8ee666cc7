//! Kinds with a few rules each.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Faults, immutable, items, limits, text};
use crate::api::Cause;
use crate::discovery::Kind;
use crate::kinds::Quantity;

pub(super) fn validate(kind: &Kind, live: Option<&Value>, object: &Value, faults: &mut Faults) {
    match kind.kind.as_str() {
        "Service" => service(live, object, faults),
        "ConfigMap" => keys(live, object, &["data", "binaryData"], faults),
        "Secret" => {
            keys(live, object, &["data"], faults);
            immutable(live, object, &["type"], faults);
        }
        "PersistentVolumeClaim" => claim(live, object, faults),
        "RoleBinding" | "ClusterRoleBinding" => binding(live, object, faults),
        "Role" | "ClusterRole" => rules(object, faults),
        "HorizontalPodAutoscaler" => autoscaler(object, faults),
        "PodDisruptionBudget" => budget(object, faults),
        "StorageClass" => {
            for (member, why) in [
                ("parameters", "updates to parameters are forbidden."),
                ("provisioner", "updates to provisioner are forbidden."),
                ("reclaimPolicy", "updates to reclaimPolicy are forbidden."),
            ] {
                if live.is_some_and(|live| live[member] != object[member]) {
                    faults.push(Cause::forbidden(member, why));
                }
            }
        }
        "Ingress" => ingress(object, faults),
        "ResourceQuota" => limits::quota(object, faults),
        "LimitRange" => limits::ranges(object, faults),
        _ => {}
    }
}

fn service(live: Option<&Value>, object: &Value, faults: &mut Faults) {
    let spec = &object["spec"];
    let kind = text(&spec["type"]);
    let ports: Vec<_> = items(&spec["ports"]).collect();
    if ports.is_empty() && kind != "ExternalName" && text(&spec["clusterIP"]) != "None" {
        faults.push(Cause::required("spec.ports", ""));
    }
    let mut names = BTreeSet::new();
    for (index, port) in &ports {
        let at = format!("spec.ports[{index}]");
        let name = text(&port["name"]);
        if name.is_empty() && ports.len() > 1 {
            faults.push(Cause::required(format!("{at}.name"), ""));
        } else if !name.is_empty() && !names.insert(name) {
            faults.push(Cause::duplicate(format!("{at}.name"), &port["name"]));
        }
        for member in ["port", "targetPort"] {
            // An absent number is zero; a target may be a name.
            let zero = Value::from(0);
            let value = if port[member].is_null() {
                &zero
            } else {
                &port[member]
            };
            if value
                .as_i64()
                .is_some_and(|number| !(1..=65_535).contains(&number))
            {
                let why = "must be between 1 and 65535, inclusive";
                faults.push(Cause::invalid(format!("{at}.{member}"), value, why));
            }
        }
    }
    if !["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"].contains(&kind) {
        let allowed = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
        faults.push(Cause::unsupported("spec.type", &spec["type"], &allowed));
    }
    let was = live
        .map(|live| text(&live["spec"]["type"]))
        .unwrap_or_default();
    if !was.is_empty() && was != "ExternalName" && kind != "ExternalName" {
        let (old, new) = (
            live.map(|live| &live["spec"]["clusterIP"]),
            &spec["clusterIP"],
        );
        if old.is_some_and(|old| old != new) {
            faults.push(Cause::invalid(
                "spec.clusterIPs[0]",
                new,
                "may not change once set",
            ));
        }
    }
}

fn keys(live: Option<&Value>, object: &Value, lists: &[&str], faults: &mut Faults) {
    let mut size = 0;
    for list in lists {
        for (key, value) in object[*list].as_object().into_iter().flatten() {
            size += value.as_str().map_or(0, str::len);
            let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            if key.is_empty() || !key.chars().all(fits) {
                let why = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
                faults.push(Cause::invalid(
                    format!("{list}[{key}]"),
                    &key.as_str().into(),
                    why,
                ));
            }
        }
        if live.is_some_and(|live| live["immutable"] == true && live[*list] != object[*list]) {
            faults.push(Cause::forbidden(
                *list,
                "field is immutable when `immutable` is set",
            ));
        }
    }
    if live.is_some_and(|live| live["immutable"] == true) && object["immutable"] != true {
        faults.push(Cause::forbidden(
            "immutable",
            "field is immutable when `immutable` is set",
        ));
    }
    let limit = 1_048_576;
    if size
        > if lists.len() == 1 {
            limit / 3 * 4
        } else {
            limit
        }
    {
        faults.push(Cause {
            reason: "FieldValueTooLong",
            message: format!("Too long: may not be more than {limit} bytes"),
            field: if lists.len() == 1 { "data" } else { "" }.to_owned(),
        });
    }
}

fn claim(live: Option<&Value>, object: &Value, faults: &mut Faults) {
    let spec = &object["spec"];
    if items(&spec["accessModes"]).next().is_none() {
        faults.push(Cause::required(
            "spec.accessModes",
            "at least 1 access mode is required",
        ));
    }
    if spec["resources"]["requests"]["storage"].is_null() {
        faults.push(Cause::required("spec.resources[storage]", ""));
    }
    let Some(live) = live else { return };
    let fixed = |object: &Value| {
        let mut spec = object["spec"].clone();
        // Only a bound claim can ask for more.
        if live["status"]["phase"] == "Bound"
            && let Some(resources) = spec["resources"].as_object_mut()
        {
            resources.remove("requests");
        }
        if let Some(members) = spec.as_object_mut() {
            members.remove("volumeAttributesClassName");
            // A binder writes the volume once.
            if live["spec"]["volumeName"].is_null() {
                members.remove("volumeName");
            }
        }
        spec
    };
    if fixed(live) != fixed(object) {
        let why = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        faults.push(Cause::forbidden("spec", why));
        return;
    }
    let size =
        |object: &Value| text(&object["spec"]["resources"]["requests"]["storage"]).to_owned();
    let (old, new) = (Quantity::parse(&size(live)), Quantity::parse(&size(object)));
    if new < old {
        let why = "field can not be less than status.capacity";
        faults.push(Cause::forbidden("spec.resources.requests.storage", why));
    }
}

fn binding(live: Option<&Value>, object: &Value, faults: &mut Faults) {
    let role = &object["roleRef"];
    let cluster_only = object["kind"] == "ClusterRoleBinding";
    let allowed: &[&str] = if cluster_only {
        &["ClusterRole"]
    } else {
        &["ClusterRole", "Role"]
    };
    if !allowed.contains(&text(&role["kind"])) {
        faults.push(Cause::unsupported("roleRef.kind", &role["kind"], allowed));
    }
    if text(&role["name"]).is_empty() {
        faults.push(Cause::required("roleRef.name", ""));
    }
    for (index, subject) in items(&object["subjects"]) {
        let at = format!("subjects[{index}]");
        if text(&subject["name"]).is_empty() {
            faults.push(Cause::required(format!("{at}.name"), ""));
        }
        match text(&subject["kind"]) {
            "ServiceAccount" if text(&subject["namespace"]).is_empty() && cluster_only => {
                faults.push(Cause::required(format!("{at}.namespace"), ""));
            }
            "ServiceAccount" | "User" | "Group" => {}
            _ => {
                let allowed = ["Group", "ServiceAccount", "User"];
                faults.push(Cause::unsupported(
                    format!("{at}.kind"),
                    &subject["kind"],
                    &allowed,
                ));
            }
        }
    }
    if live.is_some_and(|live| live["roleRef"] != *role) {
        // Go prints the structure by the names of its fields.
        let shown = serde_json::json!({ "APIGroup": role["apiGroup"], "Kind": role["kind"], "Name": role["name"] });
        faults.push(Cause::invalid("roleRef", &shown, "cannot change roleRef"));
    }
}

fn rules(object: &Value, faults: &mut Faults) {
    for (index, rule) in items(&object["rules"]) {
        if items(&rule["verbs"]).next().is_none() {
            faults.push(Cause::required(
                format!("rules[{index}].verbs"),
                "verbs must contain at least one value",
            ));
        }
    }
}

fn autoscaler(object: &Value, faults: &mut Faults) {
    let spec = &object["spec"];
    let (least, most) = (
        spec["minReplicas"].as_i64().unwrap_or(1),
        spec["maxReplicas"].as_i64().unwrap_or(0),
    );
    if least < 1 {
        faults.push(Cause::invalid(
            "spec.minReplicas",
            &least.into(),
            "must be greater than or equal to 1",
        ));
    }
    if most < 1 {
        faults.push(Cause::invalid(
            "spec.maxReplicas",
            &most.into(),
            "must be greater than 0",
        ));
    }
    if most < least {
        let why = "must be greater than or equal to `minReplicas`";
        faults.push(Cause::invalid("spec.maxReplicas", &most.into(), why));
    }
}

fn budget(object: &Value, faults: &mut Faults) {
    let spec = &object["spec"];
    for member in ["minAvailable", "maxUnavailable"] {
        if spec[member].as_i64().is_some_and(i64::is_negative) {
            let why = "must be greater than or equal to 0";
            faults.push(Cause::invalid(format!("spec.{member}"), &spec[member], why));
        }
    }
    if !spec["minAvailable"].is_null() && !spec["maxUnavailable"].is_null() {
        let why = "minAvailable and maxUnavailable cannot be both set";
        faults.push(Cause::invalid("spec", &serde_json::json!({}), why));
    }
}

fn ingress(object: &Value, faults: &mut Faults) {
    for (index, rule) in items(&object["spec"]["rules"]) {
        for (number, path) in items(&rule["http"]["paths"]) {
            let at = format!("spec.rules[{index}].http.paths[{number}]");
            let kind = &path["pathType"];
            if text(kind).is_empty() {
                faults.push(Cause::required(
                    format!("{at}.pathType"),
                    "pathType must be specified",
                ));
            } else if ["Exact", "Prefix"].contains(&text(kind))
                && !text(&path["path"]).starts_with('/')
            {
                faults.push(Cause::invalid(
                    format!("{at}.path"),
                    &path["path"],
                    "must be an absolute path",
                ));
            }
        }
    }
}
