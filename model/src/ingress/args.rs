//! The arguments of `seedling_ingress`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arg, Secret, arguments::Arguments};

/// A host name and what answers on it. The provider's `ingress.controller` decides which objects realise it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// The environment of the ingress and of the services it leads to.
    #[argument(required, replaces)]
    pub environment: Arg<String>,
    /// Name of the ingress.
    #[argument(required, replaces)]
    pub name: Arg<String>,
    /// The Gateway to use, by name in the same environment or as `environment/name`. Default `public`.
    /// Only with the controller `gateway`.
    pub gateway: Arg<String>,
    /// Host name, such as `api.example.com` or `*.example.com`.
    #[argument(required)]
    pub host: Arg<String>,
    /// Further host names that answer alike.
    pub aliases: Arg<Vec<Arg<String>>>,
    /// What answers: path prefix (such as `/`) → service. The longest prefix wins.
    #[argument(required)]
    pub routes: Arg<BTreeMap<String, Arg<Route>>>,
    /// Where the certificate comes from. Without it the host answers plain HTTP only.
    pub tls: Arg<Tls>,
    /// Whether plain HTTP is redirected to HTTPS. Default: `true` with `tls`.
    pub redirect_http: Arg<bool>,
    /// Largest request body, such as `"16Mi"`; `"0"` means no limit. Only with the controller `ingress-nginx`.
    pub max_body_size: Arg<String>,
    /// How long the controller waits for a service.
    pub timeouts: Arg<Timeouts>,
    /// Whether connections stay open for an hour without traffic, as web sockets need. Default `false`.
    pub websocket: Arg<bool>,
    /// Users and passwords asked by the browser. Write-only: in no state. Only with the controller `ingress-nginx`.
    pub basic_auth: Arg<BTreeMap<String, Arg<Secret>>>,
    /// Networks that may call, such as `10.0.0.0/8`. Only with the controller `ingress-nginx`.
    pub allow_cidrs: Arg<Vec<Arg<String>>>,
    /// How long a create waits for the address, such as `"10m"`. Default `"10m"`.
    pub address_timeout: Arg<String>,
    /// Whether to take over an object of this name that something else made. Default `false`.
    pub adopt: Arg<bool>,
}

/// The service behind a path prefix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Route {
    /// Name of the service in the same environment.
    #[argument(required)]
    pub service: Arg<String>,
    /// Port of the service. Defaults to its only port.
    pub port: Arg<i64>,
}

/// Exactly one of `issuer`, `secret`, or `certificate` with `key`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Name of a cert-manager ClusterIssuer that issues and renews the certificate.
    pub issuer: Arg<String>,
    /// Name of an existing Secret of type `kubernetes.io/tls`: in the environment, or with the controller
    /// `gateway` beside the Gateway.
    pub secret: Arg<String>,
    /// Certificate chain, PEM.
    pub certificate: Arg<String>,
    /// Private key of `certificate`, PEM. Write-only: in no state.
    pub key: Arg<Secret>,
}

/// Waiting times of the controller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// For the answer to a request, such as `"60s"`. Defaults to the controller's own.
    pub request: Arg<String>,
    /// For the connection to a service, such as `"5s"`. Only with the controller `ingress-nginx`.
    pub connect: Arg<String>,
}
