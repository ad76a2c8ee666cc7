//! What every namespace has from its beginning: the service account `default` and the cluster's root certificates.

use serde_json::json;

use super::kinds::{CONFIG_MAP, NAMESPACE, SERVICE_ACCOUNT};
use super::object;
use super::write::{Client, Write};
use super::{Controller, Plan, World};
use crate::store::{Change, Key, Resource};

/// The service account controller.
pub struct DefaultServiceAccount;

const ACCOUNTS: Client = Client::ControllerManager;

impl Controller for DefaultServiceAccount {
    fn concerns(&self, _world: &World, change: &Change) -> Vec<Key> {
        space_of(change, &SERVICE_ACCOUNT.resource, "default")
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        if !lives(world, key)
            || world
                .find(&SERVICE_ACCOUNT.resource, &key.name, "default")
                .is_some()
        {
            return Plan::nothing();
        }
        let account = json!({"metadata": {"name": "default", "namespace": key.name}});
        vec![Write::create(ACCOUNTS, &SERVICE_ACCOUNT, account)].into()
    }
}

/// The publisher of the root certificates.
pub struct RootCertificates;

const CERTIFICATES: Client = Client::ControllerManager;
const MAP: &str = "kube-root-ca.crt";

/// As `pkg/controller/certificates/rootcacertpublisher` says it on each of them.
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

impl Controller for RootCertificates {
    fn concerns(&self, _world: &World, change: &Change) -> Vec<Key> {
        space_of(change, &CONFIG_MAP.resource, MAP)
    }

    fn reconcile(&self, world: &World, key: &Key) -> Plan {
        if !lives(world, key) {
            return Plan::nothing();
        }
        let data = json!({"ca.crt": world.settings.root_certificates});
        let Some(map) = world.find(&CONFIG_MAP.resource, &key.name, MAP) else {
            let map = json!({
                "metadata": {
                    "name": MAP,
                    "namespace": key.name,
                    "annotations": {"kubernetes.io/description": DESCRIPTION},
                },
                "data": data,
            });
            return vec![Write::create(CERTIFICATES, &CONFIG_MAP, map)].into();
        };
        if map["data"] == data {
            return Plan::nothing();
        }
        let mut changed = map.clone();
        changed["data"] = data;
        vec![Write::update(CERTIFICATES, &CONFIG_MAP.resource, changed)].into()
    }
}

/// The namespace that changed, or in which the object by this name did.
fn space_of(change: &Change, resource: &Resource, name: &str) -> Vec<Key> {
    if change.key.resource == NAMESPACE.resource {
        return vec![change.key.clone()];
    }
    if change.key.resource == *resource && change.key.name == name {
        return vec![Key::new(&NAMESPACE.resource, "", &change.key.namespace)];
    }
    Vec::new()
}

fn lives(world: &World, namespace: &Key) -> bool {
    world
        .get(namespace)
        .is_some_and(|namespace| !object::terminating(namespace))
}
