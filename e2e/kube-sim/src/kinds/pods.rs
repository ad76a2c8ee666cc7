//! Pods and their templates.

use serde_json::{Value, json};

use super::defaults::{default, each};

/// Defaults of `spec.template` of a controller.
pub(super) fn template_defaults(template: &mut Value) {
    if template.is_object() {
        spec_defaults(&mut template["spec"]);
    }
}

/// Defaults of a pod, which are more than a template's.
pub(super) fn pod_defaults(pod: &mut Value) {
    let spec = &mut pod["spec"];
    spec_defaults(spec);
    default(spec, "enableServiceLinks", true);
    for list in ["containers", "initContainers"] {
        each(&mut spec[list], |container| {
            let limits = container["resources"]["limits"].as_object().cloned();
            for (resource, amount) in limits.unwrap_or_default() {
                default(&mut container["resources"]["requests"], &resource, amount);
            }
            if let Some(resources) = container["resources"].as_object_mut() {
                resources.retain(|_, member| !member.is_null());
            }
        });
    }
    clean(spec);
}

fn spec_defaults(spec: &mut Value) {
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "restartPolicy", "Always");
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "schedulerName", "default-scheduler");
    default(spec, "securityContext", json!({}));
    // The old name of the field says the same.
    match (
        spec["serviceAccountName"].clone(),
        spec["serviceAccount"].clone(),
    ) {
        (Value::String(name), _) => spec["serviceAccount"] = name.into(),
        (_, Value::String(name)) => spec["serviceAccountName"] = name.into(),
        _ => {}
    }
    let host_network = spec["hostNetwork"] == true;
    for list in ["containers", "initContainers"] {
        each(&mut spec[list], |container| {
            container_defaults(container, host_network);
        });
    }
    each(&mut spec["volumes"], volume_defaults);
    clean(spec);
}

/// Looking at absent members leaves `null`s.
pub(super) fn clean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

fn container_defaults(container: &mut Value, host_network: bool) {
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    default(container, "resources", json!({}));
    let image = container["image"].as_str().unwrap_or_default();
    let policy = if is_latest(image) {
        "Always"
    } else {
        "IfNotPresent"
    };
    default(container, "imagePullPolicy", policy);
    each(&mut container["ports"], |port| {
        default(port, "protocol", "TCP");
        if host_network {
            let number = port["containerPort"].clone();
            default(port, "hostPort", number);
        }
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if container[probe].is_object() {
            probe_defaults(&mut container[probe]);
        }
    }
    for hook in ["postStart", "preStop"] {
        http_defaults(&mut container["lifecycle"][hook]);
    }
    if container["lifecycle"]["postStart"].is_null() && container["lifecycle"]["preStop"].is_null()
    {
        container
            .as_object_mut()
            .map(|container| container.remove("lifecycle"));
    }
    each(&mut container["env"], |variable| {
        if variable["valueFrom"]["fieldRef"].is_object() {
            default(&mut variable["valueFrom"]["fieldRef"], "apiVersion", "v1");
        }
        if variable["value"] == "" {
            variable
                .as_object_mut()
                .map(|variable| variable.remove("value"));
        }
    });
}

/// A tag `latest` or none; a digest is never the latest.
fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn probe_defaults(probe: &mut Value) {
    for (member, value) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        if probe[member] == 0 {
            probe[member] = Value::Null;
        }
        default(probe, member, value);
    }
    http_defaults(probe);
    if probe["grpc"].is_object() {
        default(&mut probe["grpc"], "service", "");
    }
}

fn http_defaults(handler: &mut Value) {
    if handler["httpGet"].is_object() {
        default(&mut handler["httpGet"], "path", "/");
        default(&mut handler["httpGet"], "scheme", "HTTP");
    }
}

fn volume_defaults(volume: &mut Value) {
    for source in ["configMap", "secret", "projected", "downwardAPI"] {
        if volume[source].is_object() {
            default(&mut volume[source], "defaultMode", 420);
        }
    }
    each(&mut volume["projected"]["sources"], |source| {
        if source["serviceAccountToken"].is_object() {
            default(
                &mut source["serviceAccountToken"],
                "expirationSeconds",
                3600,
            );
        }
        if source["downwardAPI"].is_object() {
            each(&mut source["downwardAPI"]["items"], field_reference);
        }
    });
    each(&mut volume["downwardAPI"]["items"], field_reference);
    if volume["hostPath"].is_object() {
        default(&mut volume["hostPath"], "type", "");
    }
    clean_sources(volume);
    let has_source = volume.as_object().is_some_and(|volume| volume.len() > 1);
    if !has_source {
        volume["emptyDir"] = json!({});
    }
}

fn field_reference(item: &mut Value) {
    if item["fieldRef"].is_object() {
        default(&mut item["fieldRef"], "apiVersion", "v1");
    }
}

fn clean_sources(volume: &mut Value) {
    if let Some(members) = volume.as_object_mut() {
        members.retain(|name, member| {
            let made_here = ["projected", "downwardAPI"].contains(&name.as_str())
                && member.as_object().is_some_and(|member| {
                    member.values().all(Value::is_null) && !member.is_empty()
                });
            !member.is_null() && !made_here
        });
    }
}
