//! HTTP routes: to which listeners they attach, and whether what they send to is there.

use serde_json::{Value, json};

use super::conditions::{Condition, conditions};
use super::gateways::{CONTROLLER, name_of, parent};
use super::kinds::Kind;
use super::view::{View, is_being_deleted, list, namespace};
use super::write::Write;

pub(super) fn wanted(view: &View) -> Vec<Write> {
    let routes = view
        .all(Kind::HttpRoute)
        .filter(|route| !is_being_deleted(route));
    routes
        .filter_map(|route| Write::status(Kind::HttpRoute, route, status(view, route)))
        .collect()
}

/// One entry for each parent that is a gateway of ours; a parent that is not there has none, as with real controllers.
fn status(view: &View, route: &Value) -> Value {
    let entry = |reference: &Value| {
        let gateway = parent(view, route, reference)?;
        let before = list(&route["status"]["parents"])
            .iter()
            .find(|old| old["parentRef"] == *reference);
        let before = before.map_or(&Value::Null, |old| &old["conditions"]);
        let unresolved = unresolved(view, route);
        let resolved = match &unresolved {
            None => Condition(
                "ResolvedRefs",
                true,
                "ResolvedRefs",
                "all references are resolved",
            ),
            Some((reason, message)) => Condition("ResolvedRefs", false, reason, message),
        };
        let state = [accepted(view, gateway, route, reference), resolved];
        Some(json!({
            "controllerName": CONTROLLER,
            "parentRef": reference,
            "conditions": conditions(route, before, &state),
        }))
    };
    json!({ "parents": list(&route["spec"]["parentRefs"]).iter().filter_map(entry).collect::<Vec<_>>() })
}

fn accepted(view: &View, gateway: &Value, route: &Value, reference: &Value) -> Condition<'static> {
    let named: Vec<_> = list(&gateway["spec"]["listeners"])
        .iter()
        .filter(|listener| is_named(listener, reference))
        .collect();
    let allowed: Vec<_> = named
        .iter()
        .filter(|listener| allows(view, gateway, listener, route))
        .collect();
    if named.is_empty() {
        Condition(
            "Accepted",
            false,
            "NoMatchingParent",
            "the gateway has no listener of that name or port",
        )
    } else if allowed.is_empty() {
        Condition(
            "Accepted",
            false,
            "NotAllowedByListeners",
            "no listener allows routes of this namespace",
        )
    } else if !allowed
        .iter()
        .any(|listener| shares_a_host(listener, route))
    {
        Condition(
            "Accepted",
            false,
            "NoMatchingListenerHostname",
            "no listener has one of the route's host names",
        )
    } else {
        Condition("Accepted", true, "Accepted", "the route is attached")
    }
}

/// Whether a route attaches to a listener of a gateway.
pub(super) fn attaches(view: &View, gateway: &Value, listener: &Value, route: &Value) -> bool {
    let references = list(&route["spec"]["parentRefs"]).iter();
    let mut references = references.filter(|reference| {
        parent(view, route, reference).is_some_and(|found| std::ptr::eq(found, gateway))
    });
    references.any(|reference| is_named(listener, reference))
        && allows(view, gateway, listener, route)
        && shares_a_host(listener, route)
}

fn is_named(listener: &Value, reference: &Value) -> bool {
    (reference["sectionName"].is_null() || reference["sectionName"] == listener["name"])
        && (reference["port"].is_null() || reference["port"] == listener["port"])
}

fn allows(view: &View, gateway: &Value, listener: &Value, route: &Value) -> bool {
    let from = &listener["allowedRoutes"]["namespaces"];
    match from["from"].as_str() {
        Some("All") => true,
        Some("Selector") => view
            .get(Kind::Namespace, "", namespace(route))
            .is_some_and(|found| selects(&from["selector"], found)),
        _ => namespace(gateway) == namespace(route),
    }
}

/// A label selector, as the API server applies it.
fn selects(selector: &Value, object: &Value) -> bool {
    let label = |key: &str| object["metadata"]["labels"].get(key);
    let equal = selector["matchLabels"]
        .as_object()
        .into_iter()
        .flatten()
        .all(|(key, value)| label(key) == Some(value));
    let fits = |expression: &Value| {
        let found = label(super::view::text(expression, "/key"));
        let listed = found.is_some_and(|found| list(&expression["values"]).contains(found));
        match expression["operator"].as_str() {
            Some("In") => listed,
            Some("NotIn") => !listed,
            Some("Exists") => found.is_some(),
            Some("DoesNotExist") => found.is_none(),
            _ => false,
        }
    };
    equal && list(&selector["matchExpressions"]).iter().all(fits)
}

fn shares_a_host(listener: &Value, route: &Value) -> bool {
    let hosts = list(&route["spec"]["hostnames"]);
    match listener["hostname"].as_str() {
        Some(own) if !hosts.is_empty() => hosts
            .iter()
            .filter_map(Value::as_str)
            .any(|host| overlap(own, host)),
        _ => true,
    }
}

/// Whether two host names have a name in common; `*.` stands for one or more labels.
fn overlap(one: &str, other: &str) -> bool {
    let within = |wildcard: &str, host: &str| {
        wildcard
            .strip_prefix('*')
            .is_some_and(|suffix| host.trim_start_matches('*').ends_with(suffix))
    };
    one == other || within(one, other) || within(other, one)
}

/// The first reference of a rule that leads nowhere: reason and message.
fn unresolved(view: &View, route: &Value) -> Option<(&'static str, String)> {
    let own = namespace(route);
    let references = list(&route["spec"]["rules"])
        .iter()
        .flat_map(|rule| list(&rule["backendRefs"]));
    references.filter(|reference| matches!(reference["kind"].as_str(), None | Some("Service"))).find_map(|reference| {
        let namespace = reference["namespace"].as_str().unwrap_or(own);
        let service = name_of(reference);
        if namespace != own && !is_granted(view, own, namespace) {
            Some(("RefNotPermitted", format!("no ReferenceGrant in {namespace} lets routes of {own} refer to its services")))
        } else if view.get(Kind::Service, namespace, service).is_none() {
            Some(("BackendNotFound", format!("no Service {namespace}/{service}")))
        } else {
            None
        }
    })
}

fn is_granted(view: &View, from: &str, to: &str) -> bool {
    let grants = view
        .all(Kind::ReferenceGrant)
        .filter(|grant| namespace(grant) == to);
    let mut sources = grants.flat_map(|grant| list(&grant["spec"]["from"]));
    sources.any(|source| source["kind"] == "HTTPRoute" && source["namespace"] == from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(route: Value) -> View {
        let mut view = View::default();
        view.insert(
            Kind::GatewayClass,
            json!({ "metadata": { "name": "c" }, "spec": { "controllerName": CONTROLLER } }),
        );
        view.insert(
            Kind::Service,
            json!({ "metadata": { "namespace": "n", "name": "api" } }),
        );
        let listeners = json!([{ "name": "http", "port": 80 }, { "name": "api", "port": 443, "hostname": "api.example.com" }]);
        view.insert(
            Kind::Gateway,
            json!({
                "metadata": { "namespace": "n", "name": "public", "uid": "u" },
                "spec": { "gatewayClassName": "c", "listeners": listeners },
            }),
        );
        view.insert(Kind::HttpRoute, route);
        view
    }

    fn route(namespace: &str, section: &str, host: &str, service: &str) -> Value {
        json!({
            "metadata": { "namespace": namespace, "name": "r" },
            "spec": {
                "parentRefs": [{ "namespace": "n", "name": "public", "sectionName": section }],
                "hostnames": [host],
                "rules": [{ "backendRefs": [{ "name": service }] }],
            },
        })
    }

    #[test]
    fn a_route_is_told_what_keeps_it_from_working() {
        for (namespace, section, host, service, accepted, resolved) in [
            (
                "n",
                "http",
                "api.example.com",
                "api",
                "Accepted",
                "ResolvedRefs",
            ),
            (
                "n",
                "api",
                "api.example.com",
                "api",
                "Accepted",
                "ResolvedRefs",
            ),
            (
                "n",
                "api",
                "web.example.com",
                "api",
                "NoMatchingListenerHostname",
                "ResolvedRefs",
            ),
            (
                "n",
                "none",
                "api.example.com",
                "api",
                "NoMatchingParent",
                "ResolvedRefs",
            ),
            (
                "n",
                "http",
                "api.example.com",
                "web",
                "Accepted",
                "BackendNotFound",
            ),
            (
                "other",
                "http",
                "api.example.com",
                "api",
                "NotAllowedByListeners",
                "BackendNotFound",
            ),
        ] {
            let view = view(route(namespace, section, host, service));
            let status = status(&view, view.get(Kind::HttpRoute, namespace, "r").unwrap());
            let conditions = &status["parents"][0]["conditions"];
            assert_eq!(
                (&conditions[0]["reason"], &conditions[1]["reason"]),
                (&json!(accepted), &json!(resolved)),
                "{section} {host}"
            );
        }
    }

    #[test]
    fn host_names_overlap_as_gateway_api_says() {
        for (one, other, expected) in [
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("a.example.com", "*.example.com", true),
            ("*.example.com", "*.a.example.com", true),
            ("a.example.com", "b.example.com", false),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
        }
    }
}
