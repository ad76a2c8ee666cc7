//! `ResourceQuota` and `LimitRange`, after `ValidateResourceQuotaSpec` and `ValidateLimitRange`.

use serde_json::Value;

use super::{Faults, items, text};
use crate::api::Cause;
use crate::kinds::Quantity;

pub(super) fn quota(object: &Value, faults: &mut Faults) {
    for (name, amount) in object["spec"]["hard"].as_object().into_iter().flatten() {
        if amount_of(amount).is_some_and(Quantity::is_negative) {
            faults.push(Cause::invalid(
                format!("spec.hard[{name}]"),
                amount,
                "must be greater than or equal to 0",
            ));
        }
    }
}

/// A member of a limit, with its name in messages.
type Bound = (&'static str, &'static str);

/// Pairs of bounds, the smaller first.
const ORDER: [(Bound, Bound); 6] = [
    (("min", "min value"), ("max", "max value")),
    (
        ("min", "min value"),
        ("defaultRequest", "default request value"),
    ),
    (
        ("defaultRequest", "default request value"),
        ("max", "max value"),
    ),
    (
        ("defaultRequest", "default request value"),
        ("default", "default limit value"),
    ),
    (("min", "min value"), ("default", "default value")),
    (("default", "default value"), ("max", "max value")),
];

pub(super) fn ranges(object: &Value, faults: &mut Faults) {
    for (index, limit) in items(&object["spec"]["limits"]) {
        let mut names: Vec<&String> = ["min", "max", "default", "defaultRequest"]
            .iter()
            .flat_map(|member| limit[*member].as_object().into_iter().flatten())
            .map(|(name, _)| name)
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            for (small, large) in ORDER {
                let (low, high) = (&limit[small.0][name], &limit[large.0][name]);
                if amount_of(low) > amount_of(high) && !high.is_null() {
                    // The field is that of the first of the pair in the server's own order of checks.
                    let (field, value) = match (small.0, large.0) {
                        ("min", "max") => ("min", low),
                        ("min", other) => (other, low_or(high, other, low)),
                        (other, _) => (other, low),
                    };
                    faults.push(Cause::invalid(
                        format!("spec.limits[{index}].{field}[{name}]"),
                        value,
                        &format!(
                            "{} {} is greater than {} {}",
                            small.1,
                            text(low),
                            large.1,
                            text(high)
                        ),
                    ));
                }
            }
        }
    }
}

/// What a message shows: the request itself, but for a default limit the bound that it misses.
fn low_or<'a>(high: &'a Value, member: &str, low: &'a Value) -> &'a Value {
    if member == "default" { low } else { high }
}

fn amount_of(value: &Value) -> Option<Quantity> {
    Quantity::parse(value.as_str()?)
}
