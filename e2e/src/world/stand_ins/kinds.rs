//! What the stand-ins look at.

use kube::api::ApiResource;

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Namespace,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    Service,
    Pod,
    ConfigMap,
    Secret,
    Ingress,
    IngressClass,
    GatewayClass,
    Gateway,
    HttpRoute,
    ReferenceGrant,
    Issuer,
    ClusterIssuer,
    Certificate,
}

impl Kind {
    pub const ALL: [Kind; 17] = [
        Kind::Namespace,
        Kind::PersistentVolume,
        Kind::PersistentVolumeClaim,
        Kind::StorageClass,
        Kind::Service,
        Kind::Pod,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::Ingress,
        Kind::IngressClass,
        Kind::GatewayClass,
        Kind::Gateway,
        Kind::HttpRoute,
        Kind::ReferenceGrant,
        Kind::Issuer,
        Kind::ClusterIssuer,
        Kind::Certificate,
    ];

    /// Group and version, name, name in paths.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::Namespace => ("v1", "Namespace", "namespaces"),
            Kind::PersistentVolume => ("v1", "PersistentVolume", "persistentvolumes"),
            Kind::PersistentVolumeClaim => {
                ("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
            }
            Kind::StorageClass => ("storage.k8s.io/v1", "StorageClass", "storageclasses"),
            Kind::Service => ("v1", "Service", "services"),
            Kind::Pod => ("v1", "Pod", "pods"),
            Kind::ConfigMap => ("v1", "ConfigMap", "configmaps"),
            Kind::Secret => ("v1", "Secret", "secrets"),
            Kind::Ingress => ("networking.k8s.io/v1", "Ingress", "ingresses"),
            Kind::IngressClass => ("networking.k8s.io/v1", "IngressClass", "ingressclasses"),
            Kind::GatewayClass => (
                "gateway.networking.k8s.io/v1",
                "GatewayClass",
                "gatewayclasses",
            ),
            Kind::Gateway => ("gateway.networking.k8s.io/v1", "Gateway", "gateways"),
            Kind::HttpRoute => ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
            Kind::ReferenceGrant => (
                "gateway.networking.k8s.io/v1beta1",
                "ReferenceGrant",
                "referencegrants",
            ),
            Kind::Issuer => ("cert-manager.io/v1", "Issuer", "issuers"),
            Kind::ClusterIssuer => ("cert-manager.io/v1", "ClusterIssuer", "clusterissuers"),
            Kind::Certificate => ("cert-manager.io/v1", "Certificate", "certificates"),
        }
    }

    pub fn api_version(self) -> &'static str {
        self.names().0
    }

    pub fn name(self) -> &'static str {
        self.names().1
    }

    pub fn resource(self) -> ApiResource {
        let (api_version, kind, plural) = self.names();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
        }
    }
}
