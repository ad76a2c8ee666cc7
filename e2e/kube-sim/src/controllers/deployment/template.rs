//! Pod templates: whether two are the same, and the hash by which revisions are named.

use serde_json::{Map, Value};

/// The label by which the pods of one revision are told from another's.
pub const HASH_LABEL: &str = "pod-template-hash";

/// What `k8s.io/apimachinery/pkg/util/rand` encodes with.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// Whether two templates make the same pods.
pub fn same(one: &Value, other: &Value) -> bool {
    comparable(one) == comparable(other)
}

/// A name for a template, different for another collision count. The real one hashes a print-out of Go's
/// structures, so the letters differ from a real cluster's; length and alphabet do not.
pub fn hash(template: &Value, collisions: Option<i64>) -> String {
    let mut text = canonical(&comparable(template));
    if let Some(collisions) = collisions {
        text.push_str(&collisions.to_string());
    }
    let digits = fnv32(text.as_bytes()).to_string();
    let encode = |digit: u8| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()]);
    digits.bytes().map(encode).collect()
}

/// A template with the revision's own label.
pub fn labelled(template: &Value, hash: &str) -> Value {
    let mut template = template.clone();
    template["metadata"]["labels"][HASH_LABEL] = hash.into();
    template
}

/// Without the revision's own label, and without members that say nothing.
fn comparable(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove(HASH_LABEL);
    }
    meaningful(&template).unwrap_or(Value::Null)
}

fn meaningful(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), meaningful(value)?)));
            let kept: Map<String, Value> = kept.collect();
            // An empty object can choose between alternatives (`emptyDir: {}`), so it says something.
            (members.is_empty() || !kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| meaningful(item).unwrap_or(Value::Null));
            Some(Value::Array(items.collect()))
        }
        plain => Some(plain.clone()),
    }
}

/// JSON with sorted members.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members = members
                .into_iter()
                .map(|(name, value)| format!("{name:?}:{}", canonical(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        plain => plain.to_string(),
    }
}

/// FNV-1a, 32 bits.
fn fnv32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_own_label_makes_no_difference() {
        let plain = json!({"metadata": {"labels": {"app": "a"}, "creationTimestamp": null}, "spec": {"x": 1}});
        let hash = hash(&plain, None);
        let labelled = labelled(&plain, &hash);
        assert_eq!(labelled["metadata"]["labels"][HASH_LABEL], hash);
        assert!(same(&plain, &labelled));
        assert!(!same(&plain, &json!({"spec": {"x": 2}})));
    }

    #[test]
    fn an_empty_choice_is_a_difference() {
        assert!(!same(&json!({"emptyDir": {}}), &json!({})));
        assert!(same(&json!({"x": null}), &json!({})));
    }

    #[test]
    fn collisions_give_other_names() {
        let template = json!({"spec": {}});
        assert_ne!(hash(&template, None), hash(&template, Some(1)));
    }
}
