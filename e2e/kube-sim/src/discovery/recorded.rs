//! What the recorded server said of itself.

use std::sync::OnceLock;

use serde_json::Value;

use super::kinds::Kind;
use crate::schema::unpack;

const CORE: &[u8] = include_bytes!("../../recordings/server/discovery-api.json.gz");
const GROUPS: &[u8] = include_bytes!("../../recordings/server/discovery-apis.json.gz");
const VERSION: &str = include_str!("../../recordings/server/version.json");

/// Resources with their sub-resources.
type Served = &'static [(&'static str, &'static [&'static str])];

/// What of the recorded server is served, by group and version, each resource with those of its sub-resources that are.
const SERVED: &[(&str, &str, Served)] = &[
    (
        "",
        "v1",
        &[
            ("configmaps", &[]),
            ("endpoints", &[]),
            ("events", &[]),
            ("limitranges", &[]),
            ("namespaces", &["finalize", "status"]),
            ("nodes", &["status"]),
            ("persistentvolumeclaims", &["status"]),
            ("persistentvolumes", &["status"]),
            ("pods", &["binding", "eviction", "log", "status"]),
            ("resourcequotas", &["status"]),
            ("secrets", &[]),
            ("serviceaccounts", &["token"]),
            ("services", &["status"]),
        ],
    ),
    (
        "apiextensions.k8s.io",
        "v1",
        &[("customresourcedefinitions", &["status"])],
    ),
    (
        "apps",
        "v1",
        &[
            ("deployments", &["scale", "status"]),
            ("replicasets", &["scale", "status"]),
        ],
    ),
    (
        "authentication.k8s.io",
        "v1",
        &[("selfsubjectreviews", &[]), ("tokenreviews", &[])],
    ),
    (
        "authorization.k8s.io",
        "v1",
        &[
            ("localsubjectaccessreviews", &[]),
            ("selfsubjectaccessreviews", &[]),
            ("selfsubjectrulesreviews", &[]),
            ("subjectaccessreviews", &[]),
        ],
    ),
    (
        "autoscaling",
        "v2",
        &[("horizontalpodautoscalers", &["status"])],
    ),
    ("coordination.k8s.io", "v1", &[("leases", &[])]),
    ("discovery.k8s.io", "v1", &[("endpointslices", &[])]),
    (
        "networking.k8s.io",
        "v1",
        &[
            ("ingressclasses", &[]),
            ("ingresses", &["status"]),
            ("networkpolicies", &[]),
        ],
    ),
    ("policy", "v1", &[("poddisruptionbudgets", &["status"])]),
    (
        "rbac.authorization.k8s.io",
        "v1",
        &[
            ("clusterrolebindings", &[]),
            ("clusterroles", &[]),
            ("rolebindings", &[]),
            ("roles", &[]),
        ],
    ),
    ("scheduling.k8s.io", "v1", &[("priorityclasses", &[])]),
    ("storage.k8s.io", "v1", &[("storageclasses", &[])]),
];

fn read(packed: &[u8]) -> Value {
    unpack(packed)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Entries of the aggregated discovery documents: group, version, resource.
fn entries() -> &'static [(String, String, Value)] {
    static ENTRIES: OnceLock<Vec<(String, String, Value)>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        let mut entries = Vec::new();
        for document in [read(CORE), read(GROUPS)] {
            for group in document["items"].as_array().into_iter().flatten() {
                let name = group["metadata"]["name"].as_str().unwrap_or_default();
                for version in group["versions"].as_array().into_iter().flatten() {
                    let number = version["version"].as_str().unwrap_or_default();
                    for resource in version["resources"].as_array().into_iter().flatten() {
                        entries.push((name.to_owned(), number.to_owned(), resource.clone()));
                    }
                }
            }
        }
        entries
    })
}

/// Whether the recorded server knows a resource, so that what is not served is told apart from what does not exist.
pub fn well_known(group: &str, version: &str, plural: &str) -> bool {
    entries().iter().any(|(one, number, entry)| {
        one == group && number == version && entry["resource"] == plural
    })
}

/// Whether the recorded server knows a group in a version.
pub fn well_known_group(group: &str, version: &str) -> bool {
    entries()
        .iter()
        .any(|(one, number, _)| one == group && number == version)
}

/// The kinds that are served.
pub(super) fn kinds() -> Vec<Kind> {
    entries()
        .iter()
        .filter_map(|(group, version, entry)| {
            let (_, _, resources) = SERVED
                .iter()
                .find(|(one, number, _)| one == group && number == version)?;
            let (_, subresources) = resources
                .iter()
                .find(|(plural, _)| entry["resource"] == *plural)?;
            let mut kind = Kind::recorded(group, version, entry);
            kind.subresources
                .retain(|sub| subresources.contains(&sub.name.as_str()));
            Some(kind)
        })
        .collect()
}

/// `/version`.
pub fn version() -> &'static str {
    VERSION
}
