//! What other people install and a cluster may lack: classes and issuers.
//!
//! A plan warns, because the same apply may install it; an apply errs at once and says what
//! installs it, because no waiting would help.

use kube::api::ListParams;
use seedling_model::Object;
use seedling_schema::Diagnostic;

use super::{Cluster, Failure, Kind, kinds};

/// Something that must be there before an object of ours can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prerequisite {
    /// The GatewayClass of a Gateway.
    GatewayClass(String),
    /// The Gateway that a route uses: environment and name.
    Gateway(String, String),
    /// The IngressClass of an Ingress.
    IngressClass(String),
    /// The issuer of a certificate.
    ClusterIssuer(String),
}

/// What is not there, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    summary: String,
    detail: String,
}

impl Lack {
    /// For a plan.
    pub fn warning(&self) -> Diagnostic {
        let detail = format!(
            "{} Unless it is there by then, the apply ends with an error.",
            self.detail
        );
        Diagnostic::warning(self.summary.clone(), detail)
    }

    /// For an apply.
    pub fn error(&self) -> Diagnostic {
        Diagnostic::error(self.summary.clone(), self.detail.clone())
    }
}

impl Prerequisite {
    /// What the cluster lacks of it. An identity that may not look is given the benefit of the
    /// doubt.
    pub async fn lack(&self, cluster: &Cluster) -> Result<Option<Lack>, Failure> {
        let namespace = match self {
            Self::Gateway(environment, _) => Some(environment.as_str()),
            _ => None,
        };
        let all = ListParams::default();
        match cluster.list(self.kind(), namespace, &all).await {
            Ok(there) if there.iter().any(|object| object.name() == self.name()) => Ok(None),
            Ok(there) => Ok(Some(self.unnamed(&there))),
            Err(failure) if failure.is_not_found() => Ok(Some(self.unknown_kind())),
            Err(failure) if failure.is_forbidden() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::GatewayClass(_) => kinds::GATEWAY_CLASS,
            Self::Gateway(..) => kinds::GATEWAY,
            Self::IngressClass(_) => kinds::INGRESS_CLASS,
            Self::ClusterIssuer(_) => kinds::CLUSTER_ISSUER,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::GatewayClass(name)
            | Self::Gateway(_, name)
            | Self::IngressClass(name)
            | Self::ClusterIssuer(name) => name,
        }
    }

    fn unnamed(&self, there: &[Object]) -> Lack {
        let (kind, name) = (self.kind().kind, self.name());
        let place = match self {
            Self::Gateway(environment, _) => format!("Environment {environment}"),
            _ => "The cluster".to_owned(),
        };
        let others: Vec<&str> = there.iter().map(Object::name).collect();
        let others = if others.is_empty() {
            "It has none at all".to_owned()
        } else {
            format!("It has {}", others.join(", "))
        };
        Lack {
            summary: format!("{place} has no {kind} {name}"),
            detail: format!("{others}. {}", self.install()),
        }
    }

    fn unknown_kind(&self) -> Lack {
        let kind = self.kind();
        Lack {
            summary: format!("The cluster does not know the kind {}", kind.kind),
            detail: format!(
                "Its definitions ({}/{}) are not installed. {}",
                kind.group,
                kind.version,
                self.install()
            ),
        }
    }

    /// The commands are those of the Azure command line and of each project's own installation
    /// page.
    fn install(&self) -> String {
        match self {
            Self::GatewayClass(name) => format!(
                "On AKS `az aks update --enable-gateway-api` installs the definitions and `az aks approuting gateway istio enable` the class `approuting-istio`; elsewhere install a controller of the Gateway API that brings the class {name}. Or name another class: in `class`, or in the provider's `ingress.class`."
            ),
            Self::Gateway(environment, name) => format!(
                "A Gateway is made by a `seedling_gateway` with `environment = \"{environment}\"` and `name = \"{name}\"`: refer to it here, `gateway = seedling_gateway.….name`, so that it comes first. On AKS `az aks update --enable-gateway-api` installs the definitions."
            ),
            Self::IngressClass(name) => format!(
                "On AKS `az aks approuting enable` brings the class `webapprouting.kubernetes.azure.com`; elsewhere install ingress-nginx with the class {name}. Or name another one in the provider's `ingress.class`."
            ),
            Self::ClusterIssuer(name) => format!(
                "Certificates are issued by cert-manager: install it (`helm install cert-manager oci://quay.io/jetstack/charts/cert-manager --namespace cert-manager --create-namespace --set crds.enabled=true`) and create a ClusterIssuer {name}, or name another one in `tls.issuer`."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_names_what_is_there_and_what_installs_it() {
        let wanted = Prerequisite::GatewayClass("approuting-istio".to_owned());
        let there = Object::new(
            "gateway.networking.k8s.io/v1",
            "GatewayClass",
            None,
            "istio",
        );
        let error = wanted.unnamed(&[there]).error();
        assert_eq!(
            error.summary,
            "The cluster has no GatewayClass approuting-istio"
        );
        assert!(
            error.detail.starts_with("It has istio. On AKS `az aks"),
            "{}",
            error.detail
        );
        let warning = wanted.unknown_kind().warning();
        assert!(
            warning.detail.contains("gateway.networking.k8s.io/v1"),
            "{}",
            warning.detail
        );
    }
}
