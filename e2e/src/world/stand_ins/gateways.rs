//! Gateway classes and gateways: accepted, programmed, with an address, each listener with its state.

use serde_json::{Value, json};

use super::addresses::address;
use super::conditions::{Condition, conditions};
use super::kinds::Kind;
use super::routes;
use super::view::{View, is_being_deleted, list, name, namespace, text};
use super::write::Write;

/// The controller of AKS's class `approuting-istio`.
pub(super) const CONTROLLER: &str = "istio.io/gateway-controller";

pub(super) fn wanted(view: &View) -> Vec<Write> {
    let classes = view
        .all(Kind::GatewayClass)
        .filter(|class| text(class, "/spec/controllerName") == CONTROLLER);
    let classes = classes.filter_map(|class| {
        let accepted = [Condition(
            "Accepted",
            true,
            "Accepted",
            "the class is handled by the stand-ins",
        )];
        Write::status(
            Kind::GatewayClass,
            class,
            json!({ "conditions": conditions(class, &class["status"]["conditions"], &accepted) }),
        )
    });
    let gateways = ours(view)
        .filter_map(|gateway| Write::status(Kind::Gateway, gateway, status(view, gateway)));
    classes.chain(gateways).collect()
}

/// The gateways that the stand-ins answer for.
pub(super) fn ours(view: &View) -> impl Iterator<Item = &Value> {
    let is_ours = |gateway: &&Value| {
        let class = view.get(
            Kind::GatewayClass,
            "",
            text(gateway, "/spec/gatewayClassName"),
        );
        class.is_some_and(|class| text(class, "/spec/controllerName") == CONTROLLER)
            && !is_being_deleted(gateway)
    };
    view.all(Kind::Gateway).filter(is_ours)
}

fn status(view: &View, gateway: &Value) -> Value {
    let listeners: Vec<_> = list(&gateway["spec"]["listeners"])
        .iter()
        .map(|listener| listener_status(view, gateway, listener))
        .collect();
    let state = [
        Condition("Accepted", true, "Accepted", "the configuration is valid"),
        Condition(
            "Programmed",
            true,
            "Programmed",
            "the address is assigned and all valid listeners are served",
        ),
    ];
    json!({
        "addresses": [{ "type": "IPAddress", "value": address(text(gateway, "/metadata/uid")) }],
        "conditions": conditions(gateway, &gateway["status"]["conditions"], &state),
        "listeners": listeners,
    })
}

fn listener_status(view: &View, gateway: &Value, listener: &Value) -> Value {
    let before = list(&gateway["status"]["listeners"])
        .iter()
        .find(|old| old["name"] == listener["name"]);
    let before = before.map_or(&Value::Null, |old| &old["conditions"]);
    let missing = missing_certificate(view, gateway, listener);
    let [resolved, programmed] = match &missing {
        None => [
            Condition(
                "ResolvedRefs",
                true,
                "ResolvedRefs",
                "all references are resolved",
            ),
            Condition("Programmed", true, "Programmed", "the listener is served"),
        ],
        Some(message) => [
            Condition("ResolvedRefs", false, "InvalidCertificateRef", message),
            Condition("Programmed", false, "Invalid", message),
        ],
    };
    let attached = view
        .all(Kind::HttpRoute)
        .filter(|route| routes::attaches(view, gateway, listener, route))
        .count();
    json!({
        "name": listener["name"],
        "supportedKinds": [{ "group": "gateway.networking.k8s.io", "kind": "HTTPRoute" }],
        "attachedRoutes": attached,
        "conditions": conditions(gateway, before, &[Condition("Accepted", true, "Accepted", "the listener is valid"), programmed, resolved]),
    })
}

/// A reference to a certificate that is not there, in words.
fn missing_certificate(view: &View, gateway: &Value, listener: &Value) -> Option<String> {
    list(&listener["tls"]["certificateRefs"])
        .iter()
        .find_map(|reference| {
            let namespace = reference["namespace"]
                .as_str()
                .unwrap_or(namespace(gateway));
            let name = name_of(reference);
            let secret = view
                .get(Kind::Secret, namespace, name)
                .filter(|secret| text(secret, "/type") == "kubernetes.io/tls");
            secret
                .is_none()
                .then(|| format!("no Secret {namespace}/{name} of type kubernetes.io/tls"))
        })
}

pub(super) fn name_of(reference: &Value) -> &str {
    text(reference, "/name")
}

/// The gateway that a route's parent reference names.
pub(super) fn parent<'a>(view: &'a View, route: &Value, reference: &Value) -> Option<&'a Value> {
    let is_gateway = matches!(reference["kind"].as_str(), None | Some("Gateway"));
    let namespace = reference["namespace"].as_str().unwrap_or(namespace(route));
    ours(view).find(|gateway| {
        is_gateway
            && name(gateway) == name_of(reference)
            && super::view::namespace(gateway) == namespace
    })
}
