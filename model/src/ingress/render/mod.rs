//! The objects of an ingress, by controller.

mod certificate;
mod listener;
mod nginx;
mod route;
#[cfg(test)]
mod tests;

pub use certificate::{basic_auth_name, certificate_name};
pub use listener::GatewayListeners;

use std::collections::BTreeMap;

use super::{Args, TYPE};
use crate::{Arg, Context, Controller, Object, gateway, labels};

/// What the cluster says and rendering needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The only port of each service whose route names none.
    pub ports: BTreeMap<String, i64>,
    /// Lines of users and bcrypt hashes for `basic_auth`, as nginx reads them.
    pub htpasswd: Option<String>,
}

/// The objects of an ingress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RenderedIngress {
    /// In write order; the leading object (Ingress or HTTPRoute) comes first.
    pub objects: Vec<Object>,
    /// TLS listeners on the Gateway, which somebody else owns.
    pub listeners: Option<GatewayListeners>,
}

/// The objects in write order. A private key and passwords are in their Secrets only where they are given, which
/// arguments from the state do not have. Without a controller in the provider block there is nothing.
/// What is unknown counts as absent.
pub fn render(args: &Args, context: &Context, resolved: &Resolved) -> RenderedIngress {
    let new = Factory { args, context };
    match context.ingress.as_ref().map(|ingress| ingress.controller) {
        None => RenderedIngress::default(),
        Some(Controller::IngressNginx) => RenderedIngress {
            objects: [nginx::render(&new, resolved)]
                .into_iter()
                .chain(certificate::basic_auth(&new, resolved))
                .chain(certificate::render(&new, args.environment.text()))
                .collect(),
            listeners: None,
        },
        Some(Controller::Gateway) => RenderedIngress {
            objects: route::render(&new, resolved)
                .into_iter()
                .chain(certificate::render(&new, &gateway_of(args).0))
                .collect(),
            listeners: listener::render(&new),
        },
    }
}

/// All host names: `host`, then `aliases`.
pub fn hosts(args: &Args) -> Vec<&str> {
    let aliases = args
        .aliases
        .given()
        .into_iter()
        .flatten()
        .filter_map(Arg::given);
    args.host
        .given()
        .into_iter()
        .chain(aliases)
        .map(String::as_str)
        .collect()
}

/// Environment and name of the Gateway that an ingress uses.
pub fn gateway_of(args: &Args) -> (String, String) {
    let reference = args.gateway.text_or(gateway::DEFAULT_NAME);
    let (environment, name) = reference
        .split_once('/')
        .unwrap_or((args.environment.text(), reference));
    (environment.to_owned(), name.to_owned())
}

/// Whether plain HTTP is redirected.
fn redirects(args: &Args) -> bool {
    args.redirect_http.or(true) && args.tls.given().is_some()
}

/// One route with every default filled in.
struct Backend<'a> {
    path: &'a str,
    service: &'a str,
    port: Option<i64>,
}

/// The routes, the longest prefix first: the order in which they win.
fn backends<'a>(args: &'a Args, resolved: &Resolved) -> Vec<Backend<'a>> {
    let routes = args.routes.given().into_iter().flatten();
    let mut backends: Vec<Backend> = routes
        .filter_map(|(path, route)| {
            let route = route.given()?;
            let service = route.service.text();
            let port = route
                .port
                .given()
                .or_else(|| resolved.ports.get(service))
                .copied();
            Some(Backend {
                path,
                service,
                port,
            })
        })
        .collect();
    backends.sort_by(|left, right| {
        right
            .path
            .len()
            .cmp(&left.path.len())
            .then(left.path.cmp(right.path))
    });
    backends
}

/// Makes objects of one ingress.
struct Factory<'a> {
    args: &'a Args,
    context: &'a Context,
}

impl Factory<'_> {
    /// An object with the ingress' labels. In another namespace it also tells which environment it belongs to,
    /// because an ingress of the same name may exist there.
    fn object(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Object {
        let mut labels = labels::of_resource(self.context, TYPE, self.args.name.text());
        if namespace != self.args.environment.text() {
            labels.insert(
                labels::ENVIRONMENT.to_owned(),
                self.args.environment.text().to_owned(),
            );
        }
        Object::new(api_version, kind, Some(namespace), name).labelled(&labels)
    }
}
