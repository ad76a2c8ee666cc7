//! The Gateway.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{API_VERSION, Args, DEFAULT_NAME, TYPE};
use crate::{Context, Controller, Object, Rendered, labels};

/// Name of the listener that every Gateway of ours has.
pub const HTTP_LISTENER: &str = "http";

/// The annotation by which AKS gives a load balancer a private address.
pub(super) const INTERNAL: &str = "service.beta.kubernetes.io/azure-load-balancer-internal";

/// The Gateway with its HTTP listener, which routes of all environments of the project may use. Each ingress adds
/// its TLS listener itself. What is unknown counts as absent.
pub fn render(args: &Args, context: &Context) -> Rendered {
    let name = args.name.text_or(DEFAULT_NAME);
    let gateway = Object::new(API_VERSION, "Gateway", Some(args.environment.text()), name)
        .labelled(&labels::of_resource(context, TYPE, name));
    let mut spec = json!({
        "gatewayClassName": class(args, context).unwrap_or_default(),
        "listeners": [{
            "name": HTTP_LISTENER,
            "port": 80,
            "protocol": "HTTP",
            "allowedRoutes": { "namespaces": {
                "from": "Selector",
                "selector": { "matchLabels": { labels::PROJECT: context.project } }
            } }
        }]
    });
    let annotations = annotations(args);
    if !annotations.is_empty() {
        spec["infrastructure"] = json!({ "annotations": annotations });
    }
    Rendered {
        objects: vec![gateway.with("spec", spec)],
    }
}

/// The GatewayClass: the argument's, else the provider's where its controller reads Gateways.
pub fn class(args: &Args, context: &Context) -> Option<String> {
    let ingress = context
        .ingress
        .as_ref()
        .filter(|ingress| ingress.controller == Controller::Gateway);
    args.class
        .given()
        .cloned()
        .or_else(|| ingress?.class.clone())
}

fn annotations(args: &Args) -> BTreeMap<String, Value> {
    let given = args.annotations.given().into_iter().flatten();
    let mut annotations: BTreeMap<String, Value> = given
        .filter_map(|(key, value)| Some((key.clone(), Value::from(value.given()?.as_str()))))
        .collect();
    if args.internal.or(false) {
        annotations.insert(INTERNAL.into(), "true".into());
    }
    annotations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IngressController;

    #[test]
    fn a_private_gateway() {
        let args = serde_json::from_value(
            json!({ "environment": "prod", "internal": true, "annotations": { "a": "b" } }),
        )
        .unwrap();
        let ingress = IngressController {
            controller: Controller::Gateway,
            class: Some("approuting-istio".into()),
        };
        let context = Context {
            project: "acme".into(),
            ingress: Some(ingress),
            ..Context::default()
        };
        insta::assert_snapshot!(crate::object::yaml(&render(&args, &context).objects[0].0), @r"
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: public
            seedling.dev/name: public
            seedling.dev/project: acme
            seedling.dev/type: gateway
          name: public
          namespace: prod
        spec:
          gatewayClassName: approuting-istio
          infrastructure:
            annotations:
              a: b
              service.beta.kubernetes.io/azure-load-balancer-internal: 'true'
          listeners:
          - allowedRoutes:
              namespaces:
                from: Selector
                selector:
                  matchLabels:
                    seedling.dev/project: acme
            name: http
            port: 80
            protocol: HTTP
        ");
    }
}
