//! The address at which a Gateway or an Ingress is reached, and the wait for it.

use std::{ops::ControlFlow, time::Duration};

use seedling_model::{Arg, Object, duration};
use seedling_schema::{Diagnostic, Stop, Value};

use super::apply::stopped_or;
use crate::kubernetes::{Cluster, Kind, conditions, kinds, watching::Patience};

/// Cloud load balancers take one to three minutes; the default leaves room for a busy day.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// Whose address it is.
pub struct Holder<'a> {
    /// Gateway or Ingress.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The resource that waits: `gateway prod/public`.
    pub title: &'a str,
}

/// The first address: an IP address or a host name.
pub fn of(object: &Object) -> Option<String> {
    let first = match object.kind() {
        "Gateway" => object.at("/status/addresses/0/value"),
        _ => match object.at("/status/loadBalancer/ingress/0/ip") {
            ip if ip.is_string() => ip,
            _ => object.at("/status/loadBalancer/ingress/0/hostname"),
        },
    };
    first
        .as_str()
        .filter(|address| !address.is_empty())
        .map(str::to_owned)
}

/// The address as an attribute: null while there is none.
pub fn value(object: Option<&Object>) -> Value {
    object.and_then(of).map_or(Value::Null, Value::from)
}

/// How long the argument `address_timeout` says to wait.
pub fn patience(timeout: &Arg<String>, stop: &Stop) -> Patience {
    let given = timeout.given().and_then(|text| duration::parse(text).ok());
    Patience::new(given.unwrap_or(DEFAULT_TIMEOUT), stop.clone())
}

/// Waits until the controller has given an address to what was written.
pub async fn wait(
    cluster: &Cluster,
    holder: &Holder<'_>,
    patience: &Patience,
) -> Result<String, Diagnostic> {
    let mut last: Option<Object> = None;
    let seen = cluster
        .watch_one(
            holder.kind,
            Some(holder.namespace),
            holder.name,
            patience,
            |object| {
                last = object.cloned();
                match object.filter(|object| is_up_to_date(object)).and_then(of) {
                    Some(address) => ControlFlow::Break(address),
                    None => ControlFlow::Continue(()),
                }
            },
        )
        .await;
    seen.map_err(|failure| {
        stopped_or(&failure, &format!("the address of {}", holder.title), || {
            Diagnostic::error(
                format!("{} has no address", capitalized(holder.title)),
                format!(
                    "{}. {}/{} in {} says:\n\n{}\n\nThe address comes from the controller of its class: look at that controller's log and at the quota for public addresses. `address_timeout` sets how long this waits.",
                    failure.message(),
                    holder.kind.kind,
                    holder.name,
                    holder.namespace,
                    told(last.as_ref()),
                ),
            )
        })
    })
}

/// A Gateway whose controller has not yet looked at the present generation may still show an
/// earlier address.
fn is_up_to_date(object: &Object) -> bool {
    let programmed = object.at("/status/conditions").as_array();
    let programmed = programmed
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "Programmed");
    let seen = programmed.and_then(|condition| condition["observedGeneration"].as_i64());
    match (seen, object.at("/metadata/generation").as_i64()) {
        (Some(seen), Some(present)) => seen >= present,
        _ => true,
    }
}

fn told(object: Option<&Object>) -> String {
    match object {
        None => "  nothing: it does not exist".to_owned(),
        Some(ingress) if ingress.kind() == kinds::INGRESS.kind => {
            "  no address in `status.loadBalancer`".to_owned()
        }
        Some(gateway) => {
            let own = conditions::lines(&conditions::of(gateway));
            let listeners = gateway.at("/status/listeners").as_array();
            let refused = listeners.into_iter().flatten().flat_map(refusals);
            std::iter::once(own)
                .chain(refused)
                .collect::<Vec<_>>()
                .join("\n")
        }
    }
}

/// The conditions of a listener that do not hold, one per line.
fn refusals(listener: &serde_json::Value) -> Vec<String> {
    let name = listener["name"].as_str().unwrap_or_default();
    let conditions = conditions::listed(&listener["conditions"]);
    let refused = conditions.iter().filter(|condition| !condition.is_true());
    refused
        .map(|condition| format!("  listener {name}: {}", condition.sentence()))
        .collect()
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_found_where_each_kind_keeps_them() {
        for (object, expected) in [
            (
                json!({"kind": "Gateway", "status": {"addresses": [{"value": "10.0.0.1"}]}}),
                Some("10.0.0.1"),
            ),
            (json!({"kind": "Gateway"}), None),
            (
                json!({"kind": "Ingress", "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.2"}]}}}),
                Some("10.0.0.2"),
            ),
            (
                json!({"kind": "Ingress", "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}),
                Some("lb.example.com"),
            ),
            (
                json!({"kind": "Ingress", "status": {"loadBalancer": {}}}),
                None,
            ),
        ] {
            assert_eq!(of(&Object(object.clone())).as_deref(), expected, "{object}");
        }
    }

    #[test]
    fn an_address_of_an_earlier_generation_does_not_count() {
        let gateway = |seen: i64| {
            Object(json!({
                "metadata": {"generation": 2},
                "status": {"conditions": [{"type": "Programmed", "observedGeneration": seen}]},
            }))
        };
        assert!(!is_up_to_date(&gateway(1)));
        assert!(is_up_to_date(&gateway(2)));
        assert!(is_up_to_date(&Object(
            json!({"metadata": {"generation": 1}})
        )));
    }

    #[test]
    fn a_gateway_tells_why_it_has_no_address() {
        let gateway = Object(json!({"kind": "Gateway", "status": {
            "conditions": [{"type": "Programmed", "status": "False", "reason": "AddressNotAssigned", "message": "no quota"}],
            "listeners": [{"name": "http", "conditions": [{"type": "Accepted", "status": "False", "reason": "PortUnavailable", "message": "port 80"}]}],
        }}));
        let text = told(Some(&gateway));
        assert!(text.contains("(AddressNotAssigned): no quota"), "{text}");
        assert!(text.contains("listener http: Accepted is False"), "{text}");
    }
}
