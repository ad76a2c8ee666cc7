//! `ServiceAccount`, `DefaultTolerationSeconds` and `Priority`.

use serde_json::{Value, json};

use crate::api::{Call, Server, Status};
use crate::store::Resource;

const ACCOUNTS: Resource = Resource::new("", "serviceaccounts");
const CLASSES: Resource = Resource::new("scheduling.k8s.io", "priorityclasses");
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Every pod runs as an account, whose token is mounted.
pub(super) fn account(server: &Server, call: &Call, pod: &mut Value) -> Result<(), Status> {
    let spec = &mut pod["spec"];
    let name = spec["serviceAccountName"]
        .as_str()
        .filter(|name| !name.is_empty())
        .unwrap_or("default")
        .to_owned();
    spec["serviceAccountName"] = name.as_str().into();
    spec["serviceAccount"] = name.as_str().into();
    let Some(account) = server.look(&ACCOUNTS, &call.namespace, &name) else {
        let why = format!(
            "error looking up service account {}/{name}: serviceaccount {name:?} not found",
            call.namespace
        );
        return Err(Status::forbidden(&call.kind.resource, &call.name, &why));
    };
    if spec["imagePullSecrets"].is_null() {
        match account.get("imagePullSecrets") {
            Some(secrets) => spec["imagePullSecrets"] = secrets.clone(),
            None => {
                spec.as_object_mut()
                    .map(|spec| spec.remove("imagePullSecrets"));
            }
        }
    }
    let own = spec
        .get("automountServiceAccountToken")
        .and_then(Value::as_bool);
    let mounts = own.or_else(|| {
        account
            .get("automountServiceAccountToken")
            .and_then(Value::as_bool)
    });
    if mounts != Some(false) {
        mount(server, spec);
    }
    Ok(())
}

fn mount(server: &Server, spec: &mut Value) {
    let volume = format!("kube-api-access-{}", server.store().suffix(5));
    let mut used = false;
    for list in ["initContainers", "containers"] {
        for container in spec
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let mut mounts = container["volumeMounts"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            if mounts.iter().all(|mount| mount["mountPath"] != TOKEN_PATH) {
                mounts.push(json!({ "name": volume, "readOnly": true, "mountPath": TOKEN_PATH }));
                container["volumeMounts"] = mounts.into();
                used = true;
            }
        }
    }
    if !used {
        return;
    }
    let mut volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
    volumes.push(json!({
        "name": volume,
        "projected": {
            "defaultMode": 420,
            "sources": [
                { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                { "configMap": { "name": "kube-root-ca.crt", "items": [{ "key": "ca.crt", "path": "ca.crt" }] } },
                { "downwardAPI": { "items": [{ "path": "namespace", "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" } }] } },
            ],
        },
    }));
    spec["volumes"] = volumes.into();
}

/// A pod stays for five minutes on a node that is lost.
pub(super) fn tolerations(pod: &mut Value) {
    let mut tolerations = pod["spec"]["tolerations"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for key in [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ] {
        let has = tolerations.iter().any(|one| {
            let same_key = one["key"] == key || one["key"].as_str().unwrap_or_default().is_empty();
            same_key
                && (one["effect"] == "NoExecute"
                    || one["effect"].as_str().unwrap_or_default().is_empty())
        });
        if !has {
            tolerations.push(json!({ "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 }));
        }
    }
    pod["spec"]["tolerations"] = tolerations.into();
}

/// A pod's priority is a number, by the name of its class.
pub(super) fn priority(server: &Server, call: &Call, pod: &mut Value) -> Result<(), Status> {
    let name = pod["spec"]
        .get("priorityClassName")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let (value, policy) = if name.is_empty() {
        (json!(0), json!("PreemptLowerPriority"))
    } else {
        let Some(class) = server.look(&CLASSES, "", &name) else {
            let why = format!("no PriorityClass with name {name} was found");
            return Err(Status::forbidden(&call.kind.resource, &call.name, &why));
        };
        (class["value"].clone(), class["preemptionPolicy"].clone())
    };
    pod["spec"]["priority"] = value;
    pod["spec"]["preemptionPolicy"] = policy;
    Ok(())
}
