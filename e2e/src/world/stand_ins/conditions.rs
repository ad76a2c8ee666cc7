//! Conditions of a status, as the API conventions have them.

use serde_json::{Value, json};

/// One condition: type, whether it is true, reason, message.
pub(super) struct Condition<'a>(pub &'a str, pub bool, pub &'a str, pub &'a str);

/// The list of conditions for an object. A condition that keeps its status keeps the time of its last transition.
pub(super) fn conditions(object: &Value, before: &Value, wanted: &[Condition]) -> Value {
    let now = now();
    let condition = |Condition(kind, is_true, reason, message): &Condition| {
        let status = if *is_true { "True" } else { "False" };
        let same = super::view::list(before)
            .iter()
            .find(|old| old["type"] == *kind && old["status"] == status);
        let since = same
            .and_then(|old| old["lastTransitionTime"].as_str())
            .unwrap_or(&now);
        json!({
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "observedGeneration": object["metadata"]["generation"],
            "lastTransitionTime": since,
        })
    };
    wanted.iter().map(condition).collect()
}

fn now() -> String {
    let seconds = time::OffsetDateTime::now_utc().replace_nanosecond(0);
    seconds
        .ok()
        .and_then(|now| {
            now.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_default()
}
