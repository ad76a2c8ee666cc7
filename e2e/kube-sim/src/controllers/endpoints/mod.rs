//! Where a Service leads: the addresses of its pods, as EndpointSlices and, as ever, as Endpoints.
//! After `k8s.io/kubernetes/pkg/controller/{endpointslice,endpoint}` 1.36; one slice holds all.

mod slice;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::kinds::{ENDPOINT_SLICE, ENDPOINTS, POD, SERVICE};
use super::object::{self, text};
use super::{Controller, Plan, World};
use crate::store::{Change, Happened, Key};

/// The controllers of EndpointSlices and Endpoints.
pub struct Endpoints;

impl Controller for Endpoints {
    fn concerns(&self, world: &World, change: &Change) -> Vec<Key> {
        let namespace = &change.key.namespace;
        let resource = &change.key.resource;
        if *resource == SERVICE.resource {
            return vec![change.key.clone()];
        }
        if *resource == ENDPOINTS.resource && change.happened == Happened::Deleted {
            return vec![Key::new(&SERVICE.resource, namespace, &change.key.name)];
        }
        if *resource == ENDPOINT_SLICE.resource && change.happened != Happened::Added {
            let service =
                change.object["metadata"]["labels"]["kubernetes.io/service-name"].as_str();
            return service
                .map(|name| Key::new(&SERVICE.resource, namespace, name))
                .into_iter()
                .collect();
        }
        if *resource != POD.resource || !matters(change) {
            return Vec::new();
        }
        let before = change
            .previous
            .as_ref()
            .map(|pod| world.selecting(&SERVICE.resource, pod));
        let services = world
            .selecting(&SERVICE.resource, &change.object)
            .into_iter();
        let services = services.chain(before.into_iter().flatten());
        services
            .map(|service| Key::of(&SERVICE.resource, service))
            .collect()
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        let Some(service) = world
            .get(key)
            .filter(|service| !object::terminating(service))
        else {
            return Plan::nothing();
        };
        let selector = service["spec"]["selector"]
            .as_object()
            .filter(|selector| !selector.is_empty());
        let Some(selector) = selector.filter(|_| text(service, "/spec/type") != "ExternalName")
        else {
            return Plan::nothing();
        };
        let pods = world.labelled(&POD.resource, &key.namespace, selector);
        let pods: Vec<&Value> = pods.into_iter().filter(|pod| is_reachable(pod)).collect();
        let writes = slice::slices(world, service, &pods)
            .into_iter()
            .chain(slice::endpoints(world, service, &pods));
        writes.collect::<Vec<_>>().into()
    }
}

/// Whether a pod changed in a way that shows in endpoints.
fn matters(change: &Change) -> bool {
    let shown = |pod: &Value| {
        (
            text(pod, "/status/podIP").to_owned(),
            object::holds(pod, "Ready"),
            object::terminating(pod),
            object::labels(pod).cloned(),
            text(pod, "/status/phase").to_owned(),
        )
    };
    let before = change.previous.as_ref().map(|pod| shown(pod));
    change.happened == Happened::Deleted || before != Some(shown(&change.object))
}

/// Has an address and has not ended.
fn is_reachable(pod: &Value) -> bool {
    let ended = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    !ended && !text(pod, "/status/podIP").is_empty()
}
