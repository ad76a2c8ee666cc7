//! Other values for a field, most telling first; the API server decides which one it takes.

use serde_json::{Value, json};

use super::fields::{FieldPath, Step};

/// Values of which one can stand for another.
const ALTERNATIVES: [&[&str]; 16] = [
    &["Always", "IfNotPresent", "Never"],
    &["ClusterIP", "NodePort"],
    &["TCP", "UDP"],
    &["Prefix", "Exact"],
    &["PathPrefix", "Exact"],
    &["HTTP", "HTTPS"],
    &["DoNotSchedule", "ScheduleAnyway"],
    &["baseline", "privileged", "restricted"],
    &["None", "ClientIP"],
    &["RollingUpdate", "Recreate"],
    &["NoSchedule", "NoExecute", "PreferNoSchedule"],
    &["Terminate", "Passthrough"],
    &["Same", "All"],
    &["RuntimeDefault", "Unconfined"],
    &["ReadWriteOnce", "ReadWriteMany"],
    &["Ingress", "Egress"],
];

/// Values to try instead of `old`; `None` removes the field. Never empty.
pub fn candidates(path: &FieldPath, old: &Value) -> Vec<Option<Value>> {
    let mut found: Vec<Option<Value>> = match old {
        Value::Bool(flag) => vec![Some(json!(!flag))],
        Value::Number(number) => numbers(number),
        Value::String(text) => texts(text),
        Value::Array(items) => lists(items),
        // A selector that selects everything.
        Value::Object(members) if members.is_empty() => {
            vec![Some(json!({"matchLabels": {"seedling-test": "changed"}}))]
        }
        Value::Object(members) if members.values().all(Value::is_string) => {
            vec![
                Some(with(old, "seedling-test", json!("changed"))),
                Some(json!(changed(members))),
            ]
        }
        _ => Vec::new(),
    };
    // An item known by what it is can only be left out: another value would be another item.
    if matches!(path.0.last(), Some(Step::Item(_) | Step::Key(_))) {
        found.clear();
    }
    found.push(None);
    found
}

fn numbers(number: &serde_json::Number) -> Vec<Option<Value>> {
    match number.as_i64() {
        Some(whole) => [whole + 1, whole - 1, whole + 30]
            .map(|n| Some(json!(n)))
            .to_vec(),
        None => Vec::new(),
    }
}

fn texts(text: &str) -> Vec<Option<Value>> {
    let mut found: Vec<String> = alternatives(text).map(str::to_owned).collect();
    found.extend(quantities(text));
    found.push(format!("{text}-changed"));
    // What Secrets hold (`changed` and `{"auths":{}}`); also a name, where a suffix made it too long.
    found.extend(["Y2hhbmdlZA==", "eyJhdXRocyI6e319", "changed"].map(str::to_owned));
    found.into_iter().map(|text| Some(json!(text))).collect()
}

fn alternatives(text: &str) -> impl Iterator<Item = &'static str> {
    let sets = ALTERNATIVES.iter().filter(move |set| set.contains(&text));
    sets.flat_map(|set| set.iter())
        .copied()
        .filter(move |other| *other != text)
}

/// `513Mi` and `511Mi` for `512Mi`, `26%` and `24%` for `25%`.
fn quantities(text: &str) -> Vec<String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    match number.parse::<i64>() {
        Ok(number) if unit.len() <= 2 => [number + 1, number - 1]
            .map(|n| format!("{n}{unit}"))
            .to_vec(),
        _ => Vec::new(),
    }
}

fn lists(items: &[Value]) -> Vec<Option<Value>> {
    let mut found = Vec::new();
    if items.iter().all(Value::is_string) {
        let known = items
            .iter()
            .filter_map(Value::as_str)
            .flat_map(alternatives);
        found.extend(known.map(|other| Some(json!([items, &[json!(other)]].concat()))));
        let more = [items, &[json!("changed")]].concat();
        found.push(Some(json!(more)));
    }
    if items.len() > 1 {
        found.push(Some(json!(items[1..])));
    }
    found
}

fn changed(members: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let change = |value: &Value| json!(format!("{}-changed", value.as_str().unwrap_or_default()));
    members
        .iter()
        .map(|(name, value)| (name.clone(), change(value)))
        .collect()
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_candidates() {
        let path = FieldPath(vec![Step::Field("x".into())]);
        let first = |old: Value| candidates(&path, &old).remove(0);
        assert_eq!(first(json!(true)), Some(json!(false)));
        assert_eq!(first(json!(3)), Some(json!(4)));
        assert_eq!(first(json!("512Mi")), Some(json!("513Mi")));
        assert_eq!(first(json!("25%")), Some(json!("26%")));
        assert_eq!(first(json!("Always")), Some(json!("IfNotPresent")));
        assert_eq!(first(json!("info")), Some(json!("info-changed")));
        assert_eq!(first(json!(["a"])), Some(json!(["a", "changed"])));
        assert_eq!(
            first(json!({"a": "b"})),
            Some(json!({"a": "b", "seedling-test": "changed"}))
        );
        assert_eq!(first(json!({"a": {}})), None);
    }

    #[test]
    fn items_of_sets_can_only_be_removed() {
        let path = FieldPath(vec![Step::Field("x".into()), Step::Item(json!("a"))]);
        assert_eq!(candidates(&path, &json!("a")), [None]);
    }
}
