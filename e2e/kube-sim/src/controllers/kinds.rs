//! The resources that controllers know, and how their objects are called.

use crate::store::Resource;

/// A kind that a controller makes or reads: the resource and its `apiVersion` and `kind`.
#[derive(Clone, Debug)]
pub struct Kind {
    /// How the store calls it.
    pub resource: Resource,
    /// `apiVersion` of its objects.
    pub version: &'static str,
    /// `kind` of its objects.
    pub title: &'static str,
}

const fn core(plural: &'static str, title: &'static str) -> Kind {
    Kind {
        resource: Resource::new("", plural),
        version: "v1",
        title,
    }
}

const fn of(
    group: &'static str,
    plural: &'static str,
    version: &'static str,
    title: &'static str,
) -> Kind {
    Kind {
        resource: Resource::new(group, plural),
        version,
        title,
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $kind:expr;)*) => {
        $(pub static $name: Kind = $kind;)*
    };
}

kinds! {
    CLAIM = core("persistentvolumeclaims", "PersistentVolumeClaim");
    CONFIG_MAP = core("configmaps", "ConfigMap");
    ENDPOINTS = core("endpoints", "Endpoints");
    EVENT = core("events", "Event");
    NAMESPACE = core("namespaces", "Namespace");
    NODE = core("nodes", "Node");
    POD = core("pods", "Pod");
    QUOTA = core("resourcequotas", "ResourceQuota");
    SECRET = core("secrets", "Secret");
    SERVICE = core("services", "Service");
    SERVICE_ACCOUNT = core("serviceaccounts", "ServiceAccount");
    VOLUME = core("persistentvolumes", "PersistentVolume");
    AUTOSCALER = of("autoscaling", "horizontalpodautoscalers", "autoscaling/v2", "HorizontalPodAutoscaler");
    BUDGET = of("policy", "poddisruptionbudgets", "policy/v1", "PodDisruptionBudget");
    CLUSTER_ROLE = of("rbac.authorization.k8s.io", "clusterroles", "rbac.authorization.k8s.io/v1", "ClusterRole");
    DEPLOYMENT = of("apps", "deployments", "apps/v1", "Deployment");
    ENDPOINT_SLICE = of("discovery.k8s.io", "endpointslices", "discovery.k8s.io/v1", "EndpointSlice");
    JOB = of("batch", "jobs", "batch/v1", "Job");
    LEASE = of("coordination.k8s.io", "leases", "coordination.k8s.io/v1", "Lease");
    REPLICA_SET = of("apps", "replicasets", "apps/v1", "ReplicaSet");
    STORAGE_CLASS = of("storage.k8s.io", "storageclasses", "storage.k8s.io/v1", "StorageClass");
}
