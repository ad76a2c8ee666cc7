//! HTTPRoutes. Lists of the Gateway API are one value each, so what the API server would fill in is written too:
//! then the live object equals what we send.

use serde_json::{Value, json};

use super::{Backend, Factory, Resolved, backends, gateway_of, hosts, listener, redirects};
use crate::{
    Object, duration,
    gateway::{API_VERSION, HTTP_LISTENER},
    ingress::Args,
};

const API_GROUP: &str = "gateway.networking.k8s.io";

/// The route, and one that redirects plain HTTP.
pub(super) fn render(new: &Factory, resolved: &Resolved) -> Vec<Object> {
    let args = new.args;
    let secure: Vec<String> = match args.tls.given() {
        Some(_) => hosts(args)
            .iter()
            .map(|host| listener::name(host))
            .collect(),
        None => Vec::new(),
    };
    let plain = (secure.is_empty() || !redirects(args)).then(|| HTTP_LISTENER.to_owned());
    let listeners: Vec<String> = secure.into_iter().chain(plain).collect();
    let timeout = request_timeout(args);
    let rules: Vec<Value> = backends(args, resolved)
        .iter()
        .map(|backend| rule(backend, timeout.as_deref()))
        .collect();
    let route = route(new, args.name.text(), &listeners, &rules);
    let redirect = redirects(args).then(|| {
        let name = format!("{}-redirect", args.name.text());
        self::route(new, &name, &[HTTP_LISTENER.to_owned()], &[redirect_rule()])
    });
    [route].into_iter().chain(redirect).collect()
}

fn route(new: &Factory, name: &str, listeners: &[String], rules: &[Value]) -> Object {
    let (environment, gateway) = gateway_of(new.args);
    let parent = |listener: &String| json!({ "group": API_GROUP, "kind": "Gateway", "namespace": environment, "name": gateway, "sectionName": listener });
    let parents: Vec<Value> = listeners.iter().map(parent).collect();
    new.object(API_VERSION, "HTTPRoute", new.args.environment.text(), name)
        .with(
            "spec",
            json!({ "parentRefs": parents, "hostnames": hosts(new.args), "rules": rules }),
        )
}

fn rule(backend: &Backend, timeout: Option<&str>) -> Value {
    let mut rule = json!({
        "matches": [prefix(backend.path)],
        "backendRefs": [{ "group": "", "kind": "Service", "name": backend.service, "port": backend.port, "weight": 1 }]
    });
    if let Some(timeout) = timeout {
        rule["timeouts"] = json!({ "request": timeout });
    }
    rule
}

fn redirect_rule() -> Value {
    let redirect = json!({ "scheme": "https", "statusCode": 301 });
    json!({ "matches": [prefix("/")], "filters": [{ "type": "RequestRedirect", "requestRedirect": redirect }] })
}

fn prefix(path: &str) -> Value {
    json!({ "path": { "type": "PathPrefix", "value": path } })
}

/// In the shortest form, which the Gateway API's syntax of durations knows too.
fn request_timeout(args: &Args) -> Option<String> {
    let timeout = args.timeouts.given()?.request.given()?;
    duration::parse(timeout)
        .ok()
        .map(|timeout| duration::format(duration::whole_seconds(timeout)))
}
