//! What an object says about itself in its `status.conditions`.

use seedling_model::Object;
use serde_json::Value as Json;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Such as `Programmed`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// A word for machines.
    pub reason: String,
    /// A sentence for people.
    pub message: String,
}

impl Condition {
    /// Whether the condition holds.
    pub fn is_true(&self) -> bool {
        self.status == "True"
    }

    /// The condition as a line of a message.
    pub fn sentence(&self) -> String {
        let Self {
            kind,
            status,
            reason,
            message,
        } = self;
        format!("{kind} is {status} ({reason}): {message}")
    }
}

/// The conditions in a list, wherever a kind keeps it.
pub fn listed(conditions: &Json) -> Vec<Condition> {
    let text = |condition: &Json, name: &str| {
        condition[name]
            .as_str()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let conditions = conditions.as_array().into_iter().flatten();
    conditions
        .map(|condition| Condition {
            kind: text(condition, "type"),
            status: text(condition, "status"),
            reason: text(condition, "reason"),
            message: text(condition, "message"),
        })
        .collect()
}

/// The conditions of an object.
pub fn of(object: &Object) -> Vec<Condition> {
    listed(object.at("/status/conditions"))
}

/// One condition of an object.
pub fn named(object: &Object, kind: &str) -> Option<Condition> {
    of(object)
        .into_iter()
        .find(|condition| condition.kind == kind)
}

/// All of them as indented lines; a sentence of its own where there is none.
pub fn lines(conditions: &[Condition]) -> String {
    if conditions.is_empty() {
        return "  no conditions: no controller has looked at it".to_owned();
    }
    let lines: Vec<String> = conditions
        .iter()
        .map(|condition| format!("  {}", condition.sentence()))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_read_as_sentences() {
        let object = Object(json!({"status": {"conditions": [
            {"type": "Programmed", "status": "False", "reason": "AddressNotAssigned", "message": "no address yet\n"},
        ]}}));
        let found = named(&object, "Programmed").unwrap();
        assert!(!found.is_true());
        assert_eq!(
            found.sentence(),
            "Programmed is False (AddressNotAssigned): no address yet"
        );
        assert_eq!(named(&object, "Ready"), None);
        assert!(lines(&of(&Object(json!({})))).contains("no controller"));
    }
}
