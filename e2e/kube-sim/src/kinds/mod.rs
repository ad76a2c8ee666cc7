//! What the real server knows of single kinds beyond their types: how they are read, defaulted, prepared and checked.
//! Imitated from `pkg/apis/*/v1/defaults.go`, `pkg/registry/*/strategy.go` and `pkg/apis/*/validation` of Kubernetes 1.36.

mod addresses;
mod defaults;
mod names;
mod pods;
mod prepare;
mod quantity;
mod read;
mod validate;

use serde_json::Value;

pub use addresses::allocate;
pub use defaults::set_defaults;
pub use names::{dns_label, dns_subdomain, label_value, qualified_name};
pub use prepare::{prepare_create, prepare_update};
pub use quantity::Quantity;
pub use read::{bad_quantity, cannot_handle, read, unreadable};
pub use validate::validate;

/// Whether a label selector chooses labels. An absent selector chooses nothing, an empty one everything.
pub fn selector_matches(selector: &Value, labels: &Value) -> bool {
    if !selector.is_object() {
        return false;
    }
    let label = |key: &str| labels.get(key).and_then(Value::as_str);
    let by_label = selector["matchLabels"].as_object().into_iter().flatten();
    let expressions = selector["matchExpressions"]
        .as_array()
        .into_iter()
        .flatten();
    by_label
        .into_iter()
        .all(|(key, value)| label(key) == value.as_str())
        && expressions.into_iter().all(|expression| {
            let found = label(expression["key"].as_str().unwrap_or_default());
            let values = expression["values"].as_array().into_iter().flatten();
            let is_in = values
                .into_iter()
                .any(|value| found.is_some() && value.as_str() == found);
            match expression["operator"].as_str().unwrap_or_default() {
                "In" => is_in,
                "NotIn" => !is_in,
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}
