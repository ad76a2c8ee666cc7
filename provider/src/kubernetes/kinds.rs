//! The kinds Seedling reads and writes, so that no discovery request is ever needed.

use kube::api::ApiResource;

/// One kind of Kubernetes object and where the API serves it.
#[derive(Debug, PartialEq, Eq, Hash, Clone, Copy)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// Version within the group.
    pub version: &'static str,
    /// Kind as written in manifests.
    #[allow(clippy::struct_field_names)] // the API's own word
    pub kind: &'static str,
    /// Resource name in URLs.
    pub plural: &'static str,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
}

const fn core(kind: &'static str, plural: &'static str) -> Kind {
    namespaced("", "v1", kind, plural)
}

const fn namespaced(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
) -> Kind {
    Kind {
        group,
        version,
        kind,
        plural,
        namespaced: true,
    }
}

const fn global(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
) -> Kind {
    Kind {
        group,
        version,
        kind,
        plural,
        namespaced: false,
    }
}

const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";
const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

#[allow(missing_docs)] // each constant is the kind it is named after
mod table {
    use super::{GATEWAY_GROUP, Kind, RBAC_GROUP, core, global, namespaced};

    pub const NAMESPACE: Kind = global("", "v1", "Namespace", "namespaces");
    pub const NODE: Kind = global("", "v1", "Node", "nodes");
    pub const POD: Kind = core("Pod", "pods");
    pub const EVENT: Kind = core("Event", "events");
    pub const SERVICE: Kind = core("Service", "services");
    pub const CONFIG_MAP: Kind = core("ConfigMap", "configmaps");
    pub const SECRET: Kind = core("Secret", "secrets");
    pub const SERVICE_ACCOUNT: Kind = core("ServiceAccount", "serviceaccounts");
    pub const CLAIM: Kind = core("PersistentVolumeClaim", "persistentvolumeclaims");
    pub const RESOURCE_QUOTA: Kind = core("ResourceQuota", "resourcequotas");
    pub const LIMIT_RANGE: Kind = core("LimitRange", "limitranges");
    pub const DEPLOYMENT: Kind = namespaced("apps", "v1", "Deployment", "deployments");
    pub const REPLICA_SET: Kind = namespaced("apps", "v1", "ReplicaSet", "replicasets");
    pub const AUTOSCALER: Kind = namespaced(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
    );
    pub const BUDGET: Kind = namespaced(
        "policy",
        "v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
    );
    pub const NETWORK_POLICY: Kind = namespaced(
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
    );
    pub const INGRESS: Kind = namespaced("networking.k8s.io", "v1", "Ingress", "ingresses");
    pub const INGRESS_CLASS: Kind =
        global("networking.k8s.io", "v1", "IngressClass", "ingressclasses");
    pub const STORAGE_CLASS: Kind =
        global("storage.k8s.io", "v1", "StorageClass", "storageclasses");
    pub const ROLE: Kind = namespaced(RBAC_GROUP, "v1", "Role", "roles");
    pub const ROLE_BINDING: Kind = namespaced(RBAC_GROUP, "v1", "RoleBinding", "rolebindings");
    pub const GATEWAY: Kind = namespaced(GATEWAY_GROUP, "v1", "Gateway", "gateways");
    pub const HTTP_ROUTE: Kind = namespaced(GATEWAY_GROUP, "v1", "HTTPRoute", "httproutes");
    pub const REFERENCE_GRANT: Kind = namespaced(
        GATEWAY_GROUP,
        "v1beta1",
        "ReferenceGrant",
        "referencegrants",
    );
    pub const GATEWAY_CLASS: Kind = global(GATEWAY_GROUP, "v1", "GatewayClass", "gatewayclasses");
    pub const CERTIFICATE: Kind =
        namespaced("cert-manager.io", "v1", "Certificate", "certificates");
    pub const CLUSTER_ISSUER: Kind =
        global("cert-manager.io", "v1", "ClusterIssuer", "clusterissuers");
    pub const ORDER: Kind = namespaced("acme.cert-manager.io", "v1", "Order", "orders");
    pub const CHALLENGE: Kind = namespaced("acme.cert-manager.io", "v1", "Challenge", "challenges");
}
pub use table::*;

const ALL: &[Kind] = &[
    NAMESPACE,
    NODE,
    POD,
    EVENT,
    SERVICE,
    CONFIG_MAP,
    SECRET,
    SERVICE_ACCOUNT,
    CLAIM,
    RESOURCE_QUOTA,
    LIMIT_RANGE,
    DEPLOYMENT,
    REPLICA_SET,
    AUTOSCALER,
    BUDGET,
    NETWORK_POLICY,
    INGRESS,
    INGRESS_CLASS,
    STORAGE_CLASS,
    ROLE,
    ROLE_BINDING,
    GATEWAY,
    HTTP_ROUTE,
    REFERENCE_GRANT,
    GATEWAY_CLASS,
    CERTIFICATE,
    CLUSTER_ISSUER,
    ORDER,
    CHALLENGE,
];

impl Kind {
    /// The table's entry for a manifest's `apiVersion` and `kind`.
    pub fn of(api_version: &str, kind: &str) -> Option<Kind> {
        ALL.iter()
            .find(|entry| entry.kind == kind && entry.api_version() == api_version)
            .copied()
    }

    /// `apiVersion` as written in manifests: `v1`, `apps/v1`.
    pub fn api_version(self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// URL path of the collection, in a namespace or (with `None`) across the cluster.
    pub fn path(self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        match namespace {
            Some(namespace) if self.namespaced => {
                format!("{root}/namespaces/{namespace}/{}", self.plural)
            }
            _ => format!("{root}/{}", self.plural),
        }
    }

    /// The same kind in kube's terms, for its watcher.
    pub fn api_resource(self) -> ApiResource {
        ApiResource {
            group: self.group.to_owned(),
            version: self.version.to_owned(),
            api_version: self.api_version(),
            kind: self.kind.to_owned(),
            plural: self.plural.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_api_conventions() {
        assert_eq!(
            DEPLOYMENT.path(Some("prod")),
            "/apis/apps/v1/namespaces/prod/deployments"
        );
        assert_eq!(DEPLOYMENT.path(None), "/apis/apps/v1/deployments");
        assert_eq!(NAMESPACE.path(Some("ignored")), "/api/v1/namespaces");
    }

    #[test]
    fn every_kind_is_found_by_its_own_names() {
        for kind in ALL {
            assert_eq!(Kind::of(&kind.api_version(), kind.kind), Some(*kind));
        }
    }
}
