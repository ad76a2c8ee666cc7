//! A whole cluster: an API server with what a new cluster holds.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::{DEFINITIONS, Door, Server};
use crate::clock::{Clock, RunningClock, seconds};
use crate::controllers::{self, Runner, Settings};
use crate::schema::unpack;
use crate::store::{Key, LoadError, Resource, Store};

const BOOTSTRAP: &[u8] = include_bytes!("../recordings/server/bootstrap.json.gz");
const GATEWAY_AND_CERTIFICATES: &[u8] = include_bytes!("../recordings/server/definitions.json.gz");

/// How a cluster is to be.
pub struct ClusterOptions {
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// From which uids and name suffixes come: the same gives the same.
    pub seed: u64,
    /// Whether the definitions of Gateway API and cert-manager are there from the start.
    pub definitions: bool,
    /// The authority that the certificates of the cluster's servers are signed by, PEM; in every namespace as `kube-root-ca.crt`.
    pub root_ca: String,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        ClusterOptions {
            clock: Arc::new(RunningClock),
            seed: 1,
            definitions: true,
            root_ca: String::new(),
        }
    }
}

/// A cluster.
#[derive(Clone)]
pub struct Cluster {
    server: Arc<Server>,
    /// See [`ClusterOptions::root_ca`].
    pub root_ca: Arc<str>,
}

impl Cluster {
    /// A new cluster.
    pub fn new(options: ClusterOptions) -> Cluster {
        let store = Store::new(options.clock, options.seed);
        let recorded =
            unpack(BOOTSTRAP).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        for (resource, objects) in recorded
            .as_ref()
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            put_all(
                &store,
                &Resource::parse(resource),
                objects.as_array().cloned().unwrap_or_default(),
            );
        }
        if options.definitions {
            let recorded = unpack(GATEWAY_AND_CERTIFICATES)
                .and_then(|bytes| serde_json::from_slice(&bytes).ok());
            put_all(&store, &DEFINITIONS, recorded.unwrap_or_default());
        }
        let namespaces =
            ["default", "kube-node-lease", "kube-public", "kube-system"].map(namespace);
        put_all(&store, &Resource::new("", "namespaces"), namespaces.into());
        put_all(
            &store,
            &Resource::new("", "services"),
            vec![kubernetes_service()],
        );
        Cluster {
            server: Arc::new(Server::new(store)),
            root_ca: options.root_ca.into(),
        }
    }

    /// A cluster as it was saved.
    pub fn load(options: ClusterOptions, saved: &str) -> Result<Cluster, LoadError> {
        let store = Store::new(options.clock, options.seed);
        store.load(saved)?;
        Ok(Cluster {
            server: Arc::new(Server::new(store)),
            root_ca: options.root_ca.into(),
        })
    }

    /// Its API server.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// All controllers, ready to run.
    pub fn controllers(&self) -> Runner {
        let settings = Settings {
            root_certificates: self.root_ca.to_string(),
            ..Settings::default()
        };
        let door = Arc::new(Door(self.server.clone()));
        Runner::new(
            self.server.store().clone(),
            door,
            settings,
            controllers::all(),
        )
    }
}

fn put_all(store: &Store, resource: &Resource, objects: Vec<Value>) {
    let now = seconds(store.clock().now());
    for mut object in objects {
        object["metadata"]["uid"] = store.uid().into();
        object["metadata"]["creationTimestamp"] = now.as_str().into();
        store.put(&Key::of(resource, &object), object);
    }
}

fn namespace(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } },
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    })
}

fn kubernetes_service() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": { "component": "apiserver", "provider": "kubernetes" },
        },
        "spec": {
            "clusterIP": "10.96.0.1",
            "clusterIPs": ["10.96.0.1"],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443 }],
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        "status": { "loadBalancer": {} },
    })
}
