//! `scale`, `log`, `eviction`, `token`, `binding`, `finalize`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::delete::DeleteOptions;
use super::options::LogOptions;
use super::status::{Cause, Status};
use super::write::New;
use super::{Call, Server};
use crate::controllers;
use crate::patch;
use crate::store::Resource;

const BUDGETS: Resource = Resource::new("policy", "poddisruptionbudgets");

impl Server {
    /// `autoscaling/v1` `Scale` of an object.
    pub fn scale(&self, call: &Call) -> Result<Value, Status> {
        let object = self.get(&Call {
            subresource: String::new(),
            ..call.clone()
        })?;
        Ok(scale_of(&object))
    }

    /// Changes the number of replicas: `change` makes the new scale from the present one.
    pub fn set_scale(
        &self,
        call: &Call,
        change: impl FnOnce(&Value) -> Result<Value, Status>,
    ) -> Result<Value, Status> {
        let object = self.change(call, |live| {
            let scale = change(&scale_of(live))?;
            let Some(replicas) = scale["spec"]["replicas"]
                .as_i64()
                .or(scale["spec"]["replicas"].is_null().then_some(0))
            else {
                return Err(Status::bad_request("spec.replicas of a Scale is a number"));
            };
            if replicas < 0 {
                let why = "must be greater than or equal to 0";
                let cause = Cause::invalid("spec.replicas", &replicas.into(), why);
                return Err(Status::invalid(
                    "autoscaling",
                    "Scale",
                    &call.name,
                    &[cause],
                ));
            }
            let version = scale["metadata"]["resourceVersion"]
                .as_str()
                .unwrap_or_default();
            if !version.is_empty() && live["metadata"]["resourceVersion"] != version {
                return Err(Status::stale(&call.kind.resource, &call.name));
            }
            let mut object = live.clone();
            object["spec"]["replicas"] = replicas.into();
            Ok(New::Written(object))
        })?;
        Ok(scale_of(&object))
    }

    /// A merge patch of a scale.
    pub fn patch_scale(&self, call: &Call, patch: &Value) -> Result<Value, Status> {
        self.set_scale(call, |scale| Ok(patch::merge(scale, patch)))
    }

    /// The log of a container.
    pub fn log(&self, call: &Call) -> Result<String, Status> {
        let pod = self.get(&Call {
            subresource: String::new(),
            ..call.clone()
        })?;
        let options = &call.options.log;
        let names: Vec<_> = ["containers", "initContainers"]
            .iter()
            .flat_map(|list| pod["spec"][list].as_array().into_iter().flatten())
            .filter_map(|container| container["name"].as_str())
            .collect();
        let container = match options.container.as_str() {
            "" if names.len() == 1 => names[0],
            "" => {
                let message = format!(
                    "a container name must be specified for pod {}, choose one of: [{}]",
                    call.name,
                    names.join(" ")
                );
                return Err(Status::bad_request(message));
            }
            name if names.contains(&name) => name,
            name => {
                let message = format!("container {name} is not valid for pod {}", call.name);
                return Err(Status::bad_request(message));
            }
        };
        if pod["spec"]["nodeName"]
            .as_str()
            .unwrap_or_default()
            .is_empty()
        {
            return Ok(String::new()); // not scheduled: the server has nobody to ask
        }
        let lines =
            controllers::log(&pod, container, options.previous).map_err(Status::bad_request)?;
        Ok(cut(&lines, options))
    }

    /// Deletes a pod if its budgets allow that.
    pub fn evict(&self, call: &Call, body: &Value) -> Result<Value, Status> {
        let pod = self.get(&Call {
            subresource: String::new(),
            ..call.clone()
        })?;
        let (budgets, _) = self.store.list(&BUDGETS, Some(&call.namespace));
        let labels = &pod["metadata"]["labels"];
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        let guards = |budget: &&Arc<Value>| {
            crate::kinds::selector_matches(&budget["spec"]["selector"], labels)
        };
        if phase == "Running" || phase == "Pending" {
            for budget in budgets.iter().filter(guards) {
                if budget["status"]["disruptionsAllowed"].as_i64().unwrap_or(0) < 1 {
                    let name = budget["metadata"]["name"].as_str().unwrap_or_default();
                    let needs = budget["status"]["desiredHealthy"].as_i64().unwrap_or(0);
                    let has = budget["status"]["currentHealthy"].as_i64().unwrap_or(0);
                    let cause = Cause {
                        reason: "DisruptionBudget",
                        message: format!(
                            "The disruption budget {name} needs {needs} healthy pods and has {has} currently"
                        ),
                        field: String::new(),
                    };
                    let message =
                        "Cannot evict pod as it would violate the pod's disruption budget.";
                    return Err(Status::too_many_requests(message, &[cause]));
                }
            }
        }
        let options = DeleteOptions::read(&body["deleteOptions"], &call.options);
        self.delete(
            &Call {
                subresource: String::new(),
                ..call.clone()
            },
            &options,
        )?;
        Ok(
            json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 }),
        )
    }

    /// Puts a pod on a node.
    pub fn bind(&self, call: &Call, body: &Value) -> Result<Value, Status> {
        let node = body["target"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let now = self.now();
        self.change(
            &Call {
                subresource: "binding".to_owned(),
                ..call.clone()
            },
            |live| {
                let mut pod = live.clone();
                let uid = body["metadata"]["uid"].as_str().unwrap_or_default();
                if !uid.is_empty() && live["metadata"]["uid"] != uid {
                    let why = format!(
                        "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                        live["metadata"]["uid"]
                    );
                    return Err(Status::conflict(&call.kind.resource, &call.name, &why));
                }
                if let Some(bound) = live["spec"]["nodeName"]
                    .as_str()
                    .filter(|name| !name.is_empty())
                {
                    let why = format!("pod {} is already assigned to node {bound:?}", call.name);
                    return Err(Status::conflict(
                        &Resource::new("", "pods/binding"),
                        &call.name,
                        &why,
                    ));
                }
                pod["spec"]["nodeName"] = node.as_str().into();
                set_condition(&mut pod, "PodScheduled", &now);
                Ok(New::Applied(pod))
            },
        )?;
        Ok(
            json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 }),
        )
    }

    /// Writes a namespace's own finalizers.
    pub fn finalize(&self, call: &Call, body: &Value) -> Result<Arc<Value>, Status> {
        self.change(call, |live| {
            let mut namespace = live.clone();
            namespace["spec"]["finalizers"] = body["spec"]["finalizers"].clone();
            if namespace["spec"]["finalizers"].is_null() {
                namespace["spec"] = json!({});
            }
            Ok(New::Applied(namespace))
        })
    }

    /// A token of a service account.
    pub fn token(&self, call: &Call, body: &Value) -> Result<Value, Status> {
        if !body["spec"].is_object() {
            return Err(Status::bad_request(
                "the body of the request is no TokenRequest with a spec",
            ));
        }
        let account = self.get(&Call {
            subresource: String::new(),
            ..call.clone()
        })?;
        let seconds = body["spec"]["expirationSeconds"].as_i64().unwrap_or(3600);
        if seconds < 600 {
            let why = "may not specify a duration less than 10 minutes";
            let cause = Cause::invalid("spec.expirationSeconds", &seconds.into(), why);
            return Err(Status::invalid(
                "authentication.k8s.io",
                "TokenRequest",
                "",
                &[cause],
            ));
        }
        let uid = account["metadata"]["uid"].as_str().unwrap_or_default();
        let until = self.store.clock().now() + time::Duration::seconds(seconds);
        let token = self
            .tokens
            .issue(&self.store, &call.namespace, &call.name, uid, until);
        let mut answer = body.clone();
        answer["kind"] = "TokenRequest".into();
        answer["apiVersion"] = "authentication.k8s.io/v1".into();
        answer["metadata"] = json!({
            "name": call.name,
            "namespace": call.namespace,
            "uid": self.store.uid(),
            "creationTimestamp": self.now(),
        });
        let sent: serde_json::Map<_, _> = body["spec"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| (format!("f:{name}"), json!({})))
            .collect();
        answer["metadata"]["managedFields"] = json!([{
            "manager": call.manager(),
            "operation": "Update",
            "apiVersion": "authentication.k8s.io/v1",
            "time": self.now(),
            "fieldsType": "FieldsV1",
            "fieldsV1": { "f:spec": sent },
            "subresource": "token",
        }]);
        answer["spec"]["expirationSeconds"] = seconds.into();
        if answer["spec"]["boundObjectRef"].is_null() {
            answer["spec"]["boundObjectRef"] = Value::Null; // written even where there is none
        }
        if answer["spec"]["audiences"].is_null() {
            answer["spec"]["audiences"] = json!(["https://kubernetes.default.svc"]);
        }
        answer["status"] =
            json!({ "token": token, "expirationTimestamp": crate::clock::seconds(until) });
        Ok(answer)
    }
}

fn set_condition(pod: &mut Value, kind: &str, now: &str) {
    let condition =
        json!({ "type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": now });
    let mut conditions = pod["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    conditions.retain(|one| one["type"] != kind);
    conditions.push(condition);
    pod["status"]["conditions"] = conditions.into();
}

fn scale_of(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let labels = object["spec"]["selector"]["matchLabels"].as_object();
    let selector: Vec<_> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    let replicas = object["spec"]["replicas"].as_i64();
    // Its field has `omitempty`.
    let spec = match replicas {
        None | Some(0) => json!({}),
        Some(replicas) => json!({ "replicas": replicas }),
    };
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
            "creationTimestamp": metadata["creationTimestamp"],
        },
        "spec": spec,
        "status": { "replicas": object["status"]["replicas"].as_i64().unwrap_or(0), "selector": selector.join(",") },
    })
}

fn cut(lines: &[String], options: &LogOptions) -> String {
    let first = options
        .tail
        .map_or(0, |tail| lines.len().saturating_sub(tail));
    let mut out: String = lines[first..]
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect();
    if let Some(limit) = options.limit_bytes {
        out = out.chars().take(limit).collect();
    }
    out
}
