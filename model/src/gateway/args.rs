//! The arguments of `seedling_gateway`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arg, arguments::Arguments};

/// The entry point of an environment under the Gateway API: one address and an HTTP listener. Each
/// `seedling_ingress` adds its own TLS listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// The environment the Gateway lives in.
    #[argument(required, replaces)]
    pub environment: Arg<String>,
    /// Name of the Gateway.
    #[argument(replaces)]
    pub name: Arg<String>,
    /// GatewayClass, such as `approuting-istio`. Defaults to the provider's `ingress.class` where
    /// `ingress.controller` is `gateway`; required elsewhere.
    #[argument(replaces)]
    pub class: Arg<String>,
    /// Whether the address is private to the virtual network. Default `false`.
    pub internal: Arg<bool>,
    /// Annotations for the load balancer that the controller makes (`spec.infrastructure.annotations`).
    pub annotations: Arg<BTreeMap<String, Arg<String>>>,
    /// How long a create waits for the address, such as `"10m"`. Default `"10m"`.
    pub address_timeout: Arg<String>,
    /// Whether to take over a Gateway of this name that something else made. Default `false`.
    pub adopt: Arg<bool>,
}
