//! Values that the real server fills in where a body says nothing.

use serde_json::{Value, json};

use super::pods;
use crate::discovery::Kind;
use crate::schema;

/// Fills them in.
pub fn set_defaults(kind: &Kind, object: &mut Value) {
    if kind.is_custom() {
        schema::set_defaults(kind.schema(), object);
        return;
    }
    match kind.kind.as_str() {
        "Deployment" => deployment(object),
        "ReplicaSet" => {
            default(&mut object["spec"], "replicas", 1);
            pods::template_defaults(&mut object["spec"]["template"]);
        }
        "Pod" => pods::pod_defaults(object),
        "Service" => service(object),
        "Secret" => default(object, "type", "Opaque"),
        "PersistentVolumeClaim" => {
            default(&mut object["spec"], "volumeMode", "Filesystem");
            default(&mut object["status"], "phase", "Pending");
        }
        "PersistentVolume" => {
            if object["spec"]["hostPath"].is_object() {
                default(&mut object["spec"]["hostPath"], "type", "");
            }
            default(&mut object["spec"], "volumeMode", "Filesystem");
            default(
                &mut object["spec"],
                "persistentVolumeReclaimPolicy",
                "Retain",
            );
            default(&mut object["status"], "phase", "Pending");
        }
        "HorizontalPodAutoscaler" => autoscaler(object),
        "NetworkPolicy" => network_policy(object),
        "LimitRange" => each(&mut object["spec"]["limits"], limits),
        "RoleBinding" | "ClusterRoleBinding" => binding(object),
        "StorageClass" => {
            default(object, "reclaimPolicy", "Delete");
            default(object, "volumeBindingMode", "Immediate");
        }
        "PriorityClass" => default(object, "preemptionPolicy", "PreemptLowerPriority"),
        "Namespace" => {
            let name = object["metadata"]["name"].clone();
            if name.is_string() {
                object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
            }
        }
        "EndpointSlice" | "Endpoints" => endpoints(object),
        "CustomResourceDefinition" => definition(object),
        _ => {}
    }
    // Looking at absent members leaves `null`s.
    if object.get("spec").is_some() {
        pods::clean(&mut object["spec"]);
    }
}

/// Sets a member that is absent.
pub(super) fn default(object: &mut Value, member: &str, value: impl Into<Value>) {
    if object.is_null() || object.is_object() {
        let member = &mut object[member];
        if member.is_null() {
            *member = value.into();
        }
    }
}

/// Does something to each item of a list that may be absent.
pub(super) fn each(list: &mut Value, change: impl Fn(&mut Value)) {
    if let Value::Array(items) = list {
        items.iter_mut().for_each(change);
    }
}

fn deployment(object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "replicas", 1);
    default(spec, "strategy", json!({}));
    let strategy = &mut spec["strategy"];
    default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "maxUnavailable", "25%");
        default(&mut strategy["rollingUpdate"], "maxSurge", "25%");
    }
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "progressDeadlineSeconds", 600);
    pods::template_defaults(&mut spec["template"]);
}

fn service(object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "sessionAffinity", "None");
    default(spec, "type", "ClusterIP");
    each(&mut spec["ports"], |port| {
        default(port, "protocol", "TCP");
        let number = port["port"].clone();
        if port["targetPort"].is_null() || port["targetPort"] == 0 || port["targetPort"] == "" {
            port["targetPort"] = number;
        }
    });
    if spec["sessionAffinity"] == "ClientIP" {
        default(
            &mut spec["sessionAffinityConfig"]["clientIP"],
            "timeoutSeconds",
            10_800,
        );
    } else if let Some(spec) = spec.as_object_mut() {
        spec.remove("sessionAffinityConfig");
    }
    let kind = spec["type"].as_str().unwrap_or_default().to_owned();
    if kind != "ExternalName" {
        default(spec, "internalTrafficPolicy", "Cluster");
    }
    if kind == "NodePort" || kind == "LoadBalancer" {
        default(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", true);
    }
}

fn autoscaler(object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "minReplicas", 1);
    if spec["metrics"].as_array().is_none_or(Vec::is_empty) {
        spec["metrics"] = json!([{
            "type": "Resource",
            "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 80 } },
        }]);
    }
    if !spec["behavior"].is_object() {
        return;
    }
    let percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
    let pods = json!({ "type": "Pods", "value": 4, "periodSeconds": 15 });
    let behavior = &mut spec["behavior"];
    default(behavior, "scaleUp", json!({}));
    default(behavior, "scaleDown", json!({}));
    let up = &mut behavior["scaleUp"];
    default(up, "stabilizationWindowSeconds", 0);
    default(up, "selectPolicy", "Max");
    default(up, "policies", json!([pods, percent]));
    let down = &mut behavior["scaleDown"];
    default(down, "selectPolicy", "Max");
    default(down, "policies", json!([percent]));
}

fn network_policy(object: &mut Value) {
    let spec = &mut object["spec"];
    for direction in ["ingress", "egress"] {
        each(&mut spec[direction], |rule| {
            each(&mut rule["ports"], |port| default(port, "protocol", "TCP"));
        });
        if spec[direction].is_null() {
            spec.as_object_mut().map(|spec| spec.remove(direction));
        }
    }
    let mut kinds = vec!["Ingress"];
    if spec["egress"]
        .as_array()
        .is_some_and(|rules| !rules.is_empty())
    {
        kinds.push("Egress");
    }
    default(spec, "policyTypes", kinds);
}

fn limits(item: &mut Value) {
    if item["type"] != "Container" {
        return;
    }
    for (from, to) in [
        ("max", "default"),
        ("default", "defaultRequest"),
        ("min", "defaultRequest"),
    ] {
        for (resource, amount) in item[from].as_object().cloned().unwrap_or_default() {
            default(&mut item[to], &resource, amount);
        }
    }
    if let Some(members) = item.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
}

fn binding(object: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let role = &mut object["roleRef"];
    if role["apiGroup"].as_str().unwrap_or_default().is_empty() {
        role["apiGroup"] = GROUP.into();
    }
    each(&mut object["subjects"], |subject| {
        let is_person = subject["kind"] == "User" || subject["kind"] == "Group";
        if is_person && subject["apiGroup"].as_str().unwrap_or_default().is_empty() {
            subject["apiGroup"] = GROUP.into();
        }
    });
    if object["subjects"].is_null() {
        object
            .as_object_mut()
            .map(|object| object.remove("subjects"));
    }
}

fn endpoints(object: &mut Value) {
    each(&mut object["ports"], |port| {
        default(port, "protocol", "TCP");
        default(port, "name", "");
    });
    each(&mut object["subsets"], |subset| {
        each(&mut subset["ports"], |port| {
            default(port, "protocol", "TCP");
        });
    });
    for list in ["ports", "subsets"] {
        if object[list].is_null() {
            object.as_object_mut().map(|object| object.remove(list));
        }
    }
}

fn definition(object: &mut Value) {
    let spec = &mut object["spec"];
    default(spec, "conversion", json!({ "strategy": "None" }));
    let kind = spec["names"]["kind"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    default(&mut spec["names"], "singular", kind.to_lowercase());
    default(&mut spec["names"], "listKind", format!("{kind}List"));
}
