//! Label selectors of objects: `matchLabels` with `matchExpressions`, and the plain map that Services have.

use serde_json::{Map, Value};

/// Whether labels have all pairs of a map.
pub fn has_all(labels: Option<&Map<String, Value>>, wanted: &Map<String, Value>) -> bool {
    wanted
        .iter()
        .all(|(name, value)| labels.and_then(|labels| labels.get(name)) == Some(value))
}

/// Whether a `LabelSelector` selects labels. None selects nothing, an empty one everything.
pub fn selects(selector: &Value, labels: Option<&Map<String, Value>>) -> bool {
    let Some(selector) = selector.as_object() else {
        return false;
    };
    let pairs = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    pairs.is_none_or(|pairs| has_all(labels, pairs))
        && expressions
            .into_iter()
            .flatten()
            .all(|expression| meets(expression, labels))
}

/// Whether labels meet one requirement, of a label selector or of a node selector (which has `Gt` and `Lt` too).
pub fn meets(expression: &Value, labels: Option<&Map<String, Value>>) -> bool {
    let name = expression["key"].as_str().unwrap_or_default();
    let value = labels.and_then(|labels| labels.get(name));
    let values = expression["values"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let within = value.is_some_and(|value| values.contains(value));
    let number = |value: Option<&Value>| value.and_then(Value::as_str)?.parse::<i64>().ok();
    let (held, bound) = (number(value), number(values.first()));
    match expression["operator"].as_str().unwrap_or_default() {
        "In" => within,
        "NotIn" => !within,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => held.zip(bound).is_some_and(|(held, bound)| held > bound),
        "Lt" => held.zip(bound).is_some_and(|(held, bound)| held < bound),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn table() {
        let labels = json!({"app": "web", "size": "3"});
        let expression = |operator: &str, key: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        for (selector, wanted) in [
            (Value::Null, false),
            (json!({}), true),
            (json!({"matchLabels": {"app": "web"}}), true),
            (json!({"matchLabels": {"app": "api"}}), false),
            (json!({"matchLabels": {"tier": "web"}}), false),
            (expression("In", "app", &["api", "web"]), true),
            (expression("NotIn", "app", &["web"]), false),
            (expression("NotIn", "tier", &["web"]), true),
            (expression("Exists", "app", &[]), true),
            (expression("DoesNotExist", "app", &[]), false),
            (expression("Gt", "size", &["2"]), true),
            (expression("Lt", "size", &["2"]), false),
        ] {
            assert_eq!(selects(&selector, labels.as_object()), wanted, "{selector}");
        }
    }
}
