//! Nodes: pools of them, labelled as AKS and as Seedling's node pools label theirs.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Node;
use kube::Client;
use kube::api::{Api, PostParams};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::BackendError;

/// Nodes of one kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodePool {
    /// The pool's name.
    pub name: String,
    /// The number of nodes.
    pub count: u32,
    /// What one node offers, as Kubernetes quantities by resource name.
    pub resources: BTreeMap<String, String>,
    /// Labels besides those that every node of a pool has.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What keeps pods away.
    #[serde(default)]
    pub taints: Vec<Taint>,
}

/// A taint of a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// Makes the nodes of the pools; whoever plays their kubelets answers at a port of this machine.
pub(super) async fn create_nodes(
    client: &Client,
    pools: &[NodePool],
    kubelet_port: u16,
) -> Result<(), BackendError> {
    let api = Api::<Node>::all(client.clone());
    for node in pools.iter().flat_map(|pool| pool.nodes(kubelet_port)) {
        let name = node["metadata"]["name"].to_string();
        let node = serde_json::from_value(node)
            .map_err(|error| BackendError::api(&name)(kube::Error::SerdeError(error)))?;
        api.create(&PostParams::default(), &node)
            .await
            .map_err(BackendError::api(format!("creating the node {name}")))?;
    }
    Ok(())
}

/// The pools of a world that says nothing about them: `system`, `workloads`, and `gpu` with one GPU behind the taint that AKS's
/// documentation gives such pools.
pub fn default_pools() -> Vec<NodePool> {
    let gpu = NodePool {
        taints: vec![Taint {
            key: "sku".to_owned(),
            value: "gpu".to_owned(),
            effect: "NoSchedule".to_owned(),
        }],
        ..pool(
            "gpu",
            1,
            &[("cpu", "6"), ("memory", "56Gi"), ("nvidia.com/gpu", "1")],
        )
    };
    vec![
        pool("system", 1, &[("cpu", "4"), ("memory", "16Gi")]),
        pool("workloads", 3, &[("cpu", "4"), ("memory", "16Gi")]),
        gpu,
    ]
}

fn pool(name: &str, count: u32, resources: &[(&str, &str)]) -> NodePool {
    let owned = |(name, quantity): &(&str, &str)| ((*name).to_owned(), (*quantity).to_owned());
    NodePool {
        name: name.to_owned(),
        count,
        resources: resources.iter().map(owned).collect(),
        labels: BTreeMap::new(),
        taints: Vec::new(),
    }
}

impl NodePool {
    /// Its nodes as objects, named as AKS names its own; `kubelet_port` is where their logs are asked for.
    pub(super) fn nodes(&self, kubelet_port: u16) -> Vec<Value> {
        (0..self.count)
            .map(|number| self.node(number, kubelet_port))
            .collect()
    }

    fn node(&self, number: u32, kubelet_port: u16) -> Value {
        let name = format!("aks-{}-{number:06}", self.name);
        let mut labels = self.labels.clone();
        for (key, value) in [
            ("kubernetes.io/hostname", name.clone()),
            ("kubernetes.io/os", "linux".to_owned()),
            ("kubernetes.io/arch", "amd64".to_owned()),
            ("kubernetes.azure.com/agentpool", self.name.clone()),
            (
                "kubernetes.azure.com/mode",
                if self.name == "system" {
                    "system"
                } else {
                    "user"
                }
                .to_owned(),
            ),
            ("seedling.dev/node-pool", self.name.clone()),
            ("topology.kubernetes.io/region", "local".to_owned()),
            (
                "topology.kubernetes.io/zone",
                format!("local-{}", number % 3 + 1),
            ),
        ] {
            labels.entry(key.to_owned()).or_insert(value);
        }
        let mut resources = self.resources.clone();
        resources
            .entry("pods".to_owned())
            .or_insert_with(|| "110".to_owned());
        resources
            .entry("ephemeral-storage".to_owned())
            .or_insert_with(|| "100Gi".to_owned());
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": { "name": name, "labels": labels },
            "spec": { "taints": self.taints },
            "status": {
                "capacity": resources,
                "allocatable": resources,
                "daemonEndpoints": { "kubeletEndpoint": { "Port": kubelet_port } },
            },
        })
    }
}
