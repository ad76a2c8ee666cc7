//! From a live Ingress or HTTPRoute back to arguments.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Args, Route, Timeouts, Tls};
use crate::{Arg, Object, intent};

/// The live objects of an ingress.
#[derive(Clone, Copy, Debug)]
pub struct LiveObjects<'a> {
    /// The Ingress or HTTPRoute.
    pub leading: &'a Object,
}

/// The arguments of a live ingress, and sentences about what was guessed.
pub fn from_live(live: LiveObjects<'_>) -> (Args, Vec<String>) {
    let leading = live.leading;
    let mut guesses = Vec::new();
    let read = intent::read::<Args>(leading).unwrap_or_else(|problem| {
        guesses.push(problem);
        None
    });
    let read = read.unwrap_or_else(|| {
        if leading.kind() == "HTTPRoute" {
            foreign_route(leading, &mut guesses)
        } else {
            foreign_ingress(leading, &mut guesses)
        }
    });
    let environment = leading.namespace().map(str::to_owned).into();
    (
        Args {
            environment,
            name: leading.name().into(),
            ..read
        },
        guesses,
    )
}

fn foreign_ingress(ingress: &Object, guesses: &mut Vec<String>) -> Args {
    let rules = list(ingress.at("/spec/rules"));
    let hosts = rules
        .iter()
        .filter_map(|rule| rule["host"].as_str())
        .collect();
    let paths = rules.iter().flat_map(|rule| list(&rule["http"]["paths"]));
    let mut routes = BTreeMap::new();
    for path in paths {
        let service = &path["backend"]["service"];
        add_route(
            &mut routes,
            path["path"].as_str().unwrap_or("/"),
            &service["name"],
            &service["port"]["number"],
            guesses,
        );
    }
    let nginx = |name: &str| ingress.annotation(&format!("nginx.ingress.kubernetes.io/{name}"));
    for annotation in unread(ingress) {
        guesses.push(format!(
            "The annotation {annotation} has no argument and is not kept."
        ));
    }
    let timeouts = Timeouts {
        request: seconds(nginx("proxy-read-timeout")),
        connect: seconds(nginx("proxy-connect-timeout")),
    };
    let cidrs = nginx("whitelist-source-range")
        .map(|cidrs| cidrs.split(',').map(|cidr| cidr.trim().into()).collect());
    Args {
        routes: Arg::Given(routes),
        tls: tls(ingress),
        redirect_http: nginx("ssl-redirect")
            .filter(|value| *value == "false")
            .map(|_| false)
            .into(),
        max_body_size: nginx("proxy-body-size").map(str::to_owned).into(),
        timeouts: (timeouts != Timeouts::default()).then_some(timeouts).into(),
        allow_cidrs: cidrs.into(),
        ..with_hosts(hosts, guesses)
    }
}

fn foreign_route(route: &Object, guesses: &mut Vec<String>) -> Args {
    let hosts = list(route.at("/spec/hostnames"))
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut routes = BTreeMap::new();
    for rule in list(route.at("/spec/rules")) {
        let backend = &rule["backendRefs"][0];
        let path = rule
            .pointer("/matches/0/path/value")
            .and_then(Value::as_str)
            .unwrap_or("/");
        add_route(
            &mut routes,
            path,
            &backend["name"],
            &backend["port"],
            guesses,
        );
    }
    guesses.push(
        "The certificate of an HTTPRoute belongs to its Gateway's listener: set `tls` yourself."
            .into(),
    );
    let parent = route.at("/spec/parentRefs/0");
    let gateway = parent["name"]
        .as_str()
        .map(|name| match parent["namespace"].as_str() {
            Some(environment) if Some(environment) != route.namespace() => {
                format!("{environment}/{name}")
            }
            _ => name.to_owned(),
        });
    Args {
        gateway: gateway.into(),
        routes: Arg::Given(routes),
        ..with_hosts(hosts, guesses)
    }
}

fn with_hosts(hosts: Vec<&str>, guesses: &mut Vec<String>) -> Args {
    let mut hosts = hosts.into_iter();
    let host = hosts.next();
    if host.is_none() {
        guesses.push("No host is named; `host` must be set.".into());
    }
    let aliases: Vec<Arg<String>> = hosts.map(Arg::from).collect();
    Args {
        host: host.map(str::to_owned).into(),
        aliases: (!aliases.is_empty()).then_some(aliases).into(),
        ..Args::default()
    }
}

fn add_route(
    routes: &mut BTreeMap<String, Arg<Route>>,
    path: &str,
    service: &Value,
    port: &Value,
    guesses: &mut Vec<String>,
) {
    let Some(service) = service.as_str() else {
        guesses.push(format!(
            "The path {path} does not lead to a Service and is left out."
        ));
        return;
    };
    let route = Route {
        service: service.into(),
        port: port.as_i64().into(),
    };
    let path = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    let known = routes.insert(path.to_owned(), Arg::Given(route.clone()));
    if known.is_some_and(|known| known != Arg::Given(route)) {
        guesses.push(format!(
            "Two rules have the path {path}; the last one is taken."
        ));
    }
}

fn tls(ingress: &Object) -> Arg<Tls> {
    let secret = ingress.at("/spec/tls/0/secretName").as_str();
    let issuer = ingress.annotation("cert-manager.io/cluster-issuer");
    match (issuer, secret) {
        (Some(issuer), _) => Arg::Given(Tls {
            issuer: issuer.into(),
            ..Tls::default()
        }),
        (None, Some(secret)) => Arg::Given(Tls {
            secret: secret.into(),
            ..Tls::default()
        }),
        (None, None) => Arg::Absent,
    }
}

/// nginx's annotations that no argument stands for.
fn unread(ingress: &Object) -> Vec<String> {
    const READ: [&str; 6] = [
        "ssl-redirect",
        "proxy-body-size",
        "proxy-read-timeout",
        "proxy-send-timeout",
        "proxy-connect-timeout",
        "whitelist-source-range",
    ];
    let annotations = ingress
        .at("/metadata/annotations")
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key);
    annotations
        .filter(|key| {
            key.strip_prefix("nginx.ingress.kubernetes.io/")
                .is_some_and(|name| !READ.contains(&name))
        })
        .cloned()
        .collect()
}

fn seconds(annotation: Option<&str>) -> Arg<String> {
    annotation
        .and_then(|seconds| seconds.parse().ok())
        .map(crate::duration::format)
        .into()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Context, Controller, IngressController,
        ingress::{self, Resolved},
        labels,
    };
    use serde_json::json;

    #[test]
    fn the_annotation_gives_everything_back_but_secrets() {
        let args: Args = serde_json::from_value(json!({
            "environment": "prod", "name": "web", "host": "example.com", "routes": { "/": { "service": "web" } },
            "tls": { "certificate": "CERT", "key": "hunter2" }, "basic_auth": { "u": "hunter2" }, "websocket": true
        }))
        .unwrap();
        let intent = ingress::intent(&args).to_string();
        assert!(!intent.contains("hunter2"));
        for controller in [Controller::Gateway, Controller::IngressNginx] {
            let context = Context {
                ingress: Some(IngressController {
                    controller,
                    class: None,
                }),
                ..Context::default()
            };
            let mut leading = ingress::render(&args, &context, &Resolved::default())
                .objects
                .remove(0);
            leading.annotate(labels::INTENT, &intent);
            let (read, guesses) = from_live(LiveObjects { leading: &leading });
            assert_eq!(guesses, [] as [&str; 0]);
            let without_secrets: Args = serde_json::from_value(json!({
                "environment": "prod", "name": "web", "host": "example.com", "routes": { "/": { "service": "web" } },
                "tls": { "certificate": "CERT" }, "websocket": true
            }))
            .unwrap();
            assert_eq!(read, without_secrets);
        }
    }

    #[test]
    fn a_foreign_ingress_is_read_as_it_is_meant() {
        let backend = json!({ "service": { "name": "api", "port": { "number": 80 } } });
        let paths = json!([{ "path": "/api/", "pathType": "Prefix", "backend": backend }]);
        let rules = ["a.example", "b.example"]
            .map(|host| json!({ "host": host, "http": { "paths": paths } }));
        let ingress = Object(json!({
            "kind": "Ingress",
            "metadata": { "name": "web", "namespace": "prod", "annotations": {
                "cert-manager.io/cluster-issuer": "letsencrypt",
                "nginx.ingress.kubernetes.io/proxy-body-size": "8m",
                "nginx.ingress.kubernetes.io/proxy-read-timeout": "120",
                "nginx.ingress.kubernetes.io/rewrite-target": "/$1"
            } },
            "spec": { "tls": [{ "hosts": ["a.example"], "secretName": "web-cert" }], "rules": rules }
        }));
        let (args, guesses) = from_live(LiveObjects { leading: &ingress });
        let expected: Args = serde_json::from_value(json!({
            "environment": "prod", "name": "web", "host": "a.example", "aliases": ["b.example"],
            "routes": { "/api": { "service": "api", "port": 80 } }, "tls": { "issuer": "letsencrypt" },
            "max_body_size": "8m", "timeouts": { "request": "2m" }
        }))
        .unwrap();
        assert_eq!(args, expected);
        assert_eq!(
            guesses,
            [
                "The annotation nginx.ingress.kubernetes.io/rewrite-target has no argument and is not kept."
            ]
        );
    }

    #[test]
    fn a_foreign_route_is_read_as_it_is_meant() {
        let route = Object(json!({
            "kind": "HTTPRoute", "metadata": { "name": "web", "namespace": "prod" },
            "spec": {
                "parentRefs": [{ "name": "edge", "namespace": "shared" }], "hostnames": ["a.example"],
                "rules": [{ "backendRefs": [{ "name": "web", "port": 80 }] }]
            }
        }));
        let (args, guesses) = from_live(LiveObjects { leading: &route });
        assert_eq!(args.gateway.text(), "shared/edge");
        assert_eq!(args.routes.given().map(BTreeMap::len), Some(1));
        assert_eq!(guesses.len(), 1);
    }
}
