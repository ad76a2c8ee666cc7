//! Ingress for ingress-nginx: the intent as its annotations.

use serde_json::{Value, json};

use super::{Backend, Factory, Resolved, backends, basic_auth_name, certificate, hosts, redirects};
use crate::{
    Arg, Object, duration,
    ingress::{Args, size},
};

const PREFIX: &str = "nginx.ingress.kubernetes.io/";
/// How long a web socket may be silent.
const WEBSOCKET_SECONDS: u64 = 3600;

pub(super) fn render(new: &Factory, resolved: &Resolved) -> Object {
    let args = new.args;
    let mut ingress = new.object(
        "networking.k8s.io/v1",
        "Ingress",
        args.environment.text(),
        args.name.text(),
    );
    for (name, value) in annotations(args) {
        ingress.annotate(&format!("{PREFIX}{name}"), &value);
    }
    let class = new
        .context
        .ingress
        .as_ref()
        .and_then(|ingress| ingress.class.as_deref());
    let paths: Vec<Value> = backends(args, resolved).iter().map(path).collect();
    let rules: Vec<Value> = hosts(args)
        .iter()
        .map(|host| json!({ "host": host, "http": { "paths": paths } }))
        .collect();
    let mut spec = json!({ "ingressClassName": class.unwrap_or("nginx"), "rules": rules });
    if let Some(secret) = certificate::secret_in(args, args.environment.text()) {
        spec["tls"] = json!([{ "hosts": hosts(args), "secretName": secret }]);
    }
    ingress.with("spec", spec)
}

fn path(backend: &Backend) -> Value {
    let service = json!({ "name": backend.service, "port": { "number": backend.port } });
    json!({ "path": backend.path, "pathType": "Prefix", "backend": { "service": service } })
}

fn annotations(args: &Args) -> Vec<(&'static str, String)> {
    let mut annotations = Vec::new();
    if args.tls.given().is_some() {
        annotations.push(("ssl-redirect", redirects(args).to_string()));
    }
    if let Some(bytes) = args
        .max_body_size
        .given()
        .and_then(|size| size::bytes(size))
    {
        annotations.push(("proxy-body-size", size::for_nginx(bytes)));
    }
    annotations.extend(timeouts(args));
    let cidrs: Vec<&str> = args
        .allow_cidrs
        .given()
        .into_iter()
        .flatten()
        .filter_map(Arg::given)
        .map(String::as_str)
        .collect();
    if !cidrs.is_empty() {
        annotations.push(("whitelist-source-range", cidrs.join(",")));
    }
    if args.basic_auth.given().is_some() {
        annotations.push(("auth-type", "basic".into()));
        annotations.push(("auth-secret", basic_auth_name(args)));
        annotations.push(("auth-realm", "Authentication required".into()));
    }
    annotations
}

/// nginx counts silence in either direction, which a web socket has for long.
fn timeouts(args: &Args) -> Vec<(&'static str, String)> {
    let seconds = |timeout: &Arg<String>| {
        duration::parse(timeout.given()?)
            .ok()
            .map(duration::whole_seconds)
    };
    let timeouts = args.timeouts.given();
    let request = timeouts.and_then(|timeouts| seconds(&timeouts.request));
    let silence = if args.websocket.or(false) {
        Some(request.unwrap_or(0).max(WEBSOCKET_SECONDS))
    } else {
        request
    };
    let connect = timeouts.and_then(|timeouts| seconds(&timeouts.connect));
    [
        ("proxy-connect-timeout", connect),
        ("proxy-read-timeout", silence),
        ("proxy-send-timeout", silence),
    ]
    .into_iter()
    .filter_map(|(name, seconds)| Some((name, seconds?.to_string())))
    .collect()
}
