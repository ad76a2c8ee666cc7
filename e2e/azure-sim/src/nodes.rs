//! What a cluster's nodes are like: for whoever shows them in a local cluster.

use serde_json::Value;

use crate::arm::compute;
use crate::store::World;

/// A node pool as its nodes really are: before it was created there are none, and a change shows when its operation has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolView {
    /// The pool's resource id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many nodes.
    pub count: u64,
    /// `System`, `User` or `Gateway`.
    pub mode: String,
    /// The size of its machines.
    pub vm_size: String,
    /// Virtual CPUs of each.
    pub cpus: u64,
    /// Memory of each, in GiB.
    pub memory: u64,
    /// GPUs of each.
    pub gpus: u64,
    /// How many pods each takes.
    pub max_pods: u64,
    /// Availability zones; empty when there are none.
    pub zones: Vec<String>,
    /// The Kubernetes version, in full.
    pub version: String,
    /// Labels, those of AKS too.
    pub labels: Vec<(String, String)>,
    /// Taints as the API writes them: `key=value:Effect`.
    pub taints: Vec<String>,
    /// What is under way, as `provisioningState`.
    pub state: String,
}

impl PoolView {
    /// All pools, of all clusters, whose nodes were made.
    pub fn all(world: &World) -> Vec<PoolView> {
        let shown = world.pools.values().filter_map(|pool| {
            let actual = pool.actual.as_ref()?;
            Some(PoolView::of(&pool.value, actual))
        });
        shown.collect()
    }

    fn of(value: &Value, actual: &Value) -> PoolView {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| {
            value
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect::<Vec<_>>()
        };
        let size = compute::size(actual["vmSize"].as_str().unwrap_or_default());
        let running = actual["powerState"]["code"] != "Stopped";
        let name = text(&value["name"]);
        PoolView {
            id: text(&value["id"]),
            count: if running {
                actual["count"].as_u64().unwrap_or_default()
            } else {
                0
            },
            mode: text(&actual["mode"]),
            vm_size: text(&actual["vmSize"]),
            cpus: size.map_or(2, |size| size.cpus),
            memory: size.map_or(8, |size| size.memory),
            gpus: size.map_or(0, |size| size.gpus),
            max_pods: actual["maxPods"].as_u64().unwrap_or_default(),
            zones: texts(&actual["availabilityZones"]),
            version: text(&actual["currentOrchestratorVersion"]),
            labels: labels(&name, actual),
            taints: texts(&actual["nodeTaints"]),
            state: text(&value["properties"]["provisioningState"]),
            name,
        }
    }
}

/// The labels that AKS puts on nodes (AKS docs, "Use labels", reserved system labels), and the pool's own.
fn labels(name: &str, actual: &Value) -> Vec<(String, String)> {
    let mode = actual["mode"]
        .as_str()
        .unwrap_or("User")
        .to_ascii_lowercase();
    let mut labels = vec![
        ("agentpool".to_owned(), name.to_owned()),
        ("kubernetes.azure.com/agentpool".to_owned(), name.to_owned()),
        ("kubernetes.azure.com/mode".to_owned(), mode),
        (
            "node.kubernetes.io/instance-type".to_owned(),
            actual["vmSize"].as_str().unwrap_or_default().to_owned(),
        ),
    ];
    if compute::size(actual["vmSize"].as_str().unwrap_or_default())
        .is_some_and(|size| size.gpus > 0)
    {
        labels.push((
            "kubernetes.azure.com/accelerator".to_owned(),
            "nvidia".to_owned(),
        ));
    }
    let own = actual["nodeLabels"].as_object();
    for (key, value) in own.into_iter().flatten() {
        labels.push((key.clone(), value.as_str().unwrap_or_default().to_owned()));
    }
    labels
}
