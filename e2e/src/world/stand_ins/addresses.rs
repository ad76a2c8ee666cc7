//! Addresses of load balancers and ingresses: loopback addresses, so that nothing leaves the machine.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::kinds::Kind;
use super::view::{View, annotation, is_being_deleted, list, name, text};
use super::write::Write;

/// The controllers of the ingress classes that the stand-ins answer for.
const CONTROLLERS: [&str; 2] = [
    "k8s.io/ingress-nginx",
    "webapprouting.kubernetes.azure.com/nginx",
];
const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// An address that follows from a name, so that it stays the same for as long as the name does.
pub(super) fn address(of: &str) -> Ipv4Addr {
    let hash = Sha256::digest(of);
    let [first, second, third] = [hash[0], hash[1], hash[2]];
    Ipv4Addr::new(127, first.max(1), second, third.clamp(1, 254))
}

pub(super) fn wanted(view: &View) -> Vec<Write> {
    let services = view
        .all(Kind::Service)
        .filter(|service| is_balanced(service))
        .filter_map(|service| {
            // Set once: like a cloud's, it stays until the service is no load balancer any more.
            let has_one = !list(&service["status"]["loadBalancer"]["ingress"]).is_empty();
            let address = address(text(service, "/metadata/uid"));
            let status =
                json!({ "loadBalancer": { "ingress": [{ "ip": address, "ipMode": "VIP" }] } });
            if has_one {
                None
            } else {
                Write::status(Kind::Service, service, status)
            }
        });
    let ingresses = view
        .all(Kind::Ingress)
        .filter(|ingress| !is_being_deleted(ingress))
        .filter_map(|ingress| {
            // One load balancer for all ingresses of a class.
            let address = address(name(class(view, ingress)?));
            Write::status(
                Kind::Ingress,
                ingress,
                json!({ "loadBalancer": { "ingress": [{ "ip": address }] } }),
            )
        });
    services.chain(ingresses).collect()
}

fn is_balanced(service: &Value) -> bool {
    text(service, "/spec/type") == "LoadBalancer"
        && service["spec"]["loadBalancerClass"].is_null()
        && !is_being_deleted(service)
}

/// The class of an ingress, named or by default, if its controller is one of ours.
fn class<'a>(view: &'a View, ingress: &Value) -> Option<&'a Value> {
    let class = match ingress["spec"]["ingressClassName"].as_str() {
        Some(name) => view.get(Kind::IngressClass, "", name),
        None => view
            .all(Kind::IngressClass)
            .find(|class| annotation(class, DEFAULT_CLASS) == Some("true")),
    };
    class.filter(|class| CONTROLLERS.contains(&text(class, "/spec/controller")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ingress_of_an_unknown_class_gets_no_address() {
        let mut view = View::default();
        view.insert(
            Kind::IngressClass,
            json!({ "metadata": { "name": "nginx" }, "spec": { "controller": CONTROLLERS[0] } }),
        );
        for (class, gets_one) in [("nginx", true), ("traefik", false)] {
            view.insert(
                Kind::Ingress,
                json!({ "metadata": { "name": "i" }, "spec": { "ingressClassName": class } }),
            );
            assert_eq!(!wanted(&view).is_empty(), gets_one, "{class}");
        }
    }

    #[test]
    fn addresses_are_loopback_and_no_network_or_broadcast() {
        for name in ["a", "b", "nginx", "0f6f1c0e"] {
            let address = address(name);
            assert!(
                address.is_loopback() && !matches!(address.octets()[3], 0 | 255),
                "{address}"
            );
        }
    }
}
