//! What the provider block says and rendering needs.

use std::collections::BTreeMap;

/// The part of the provider's configuration that shows in objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The project, a label on every object.
    pub project: String,
    /// The provider's labels, on every object and never on pod templates.
    pub labels: BTreeMap<String, String>,
    /// The ingress controller, where the provider block names one.
    pub ingress: Option<IngressController>,
}

/// The controller that realises a `seedling_ingress`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngressController {
    /// Which objects it reads.
    pub controller: Controller,
    /// Its IngressClass or GatewayClass.
    pub class: Option<String>,
}

/// The two families of controllers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Any implementation of the Gateway API.
    Gateway,
    /// ingress-nginx, and AKS's managed nginx.
    IngressNginx,
}

impl Controller {
    /// The name used in the provider block.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::IngressNginx => "ingress-nginx",
        }
    }
}
