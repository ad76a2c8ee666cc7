//! The annotation that keeps what objects cannot tell: all arguments as written, without secrets.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Object, labels, object::without_nulls};

/// Version of the annotation's content. A reader refuses newer versions.
pub const INTENT_VERSION: u64 = 1;

/// The arguments as the annotation's JSON. `Secret` serializes as null, so no secret can be inside; `omitted` are
/// top-level arguments that are read from elsewhere.
pub(crate) fn write(args: &impl Serialize, omitted: &[&str]) -> Value {
    let mut arguments = serde_json::to_value(args).map_or(Value::Null, without_nulls);
    if let Value::Object(members) = &mut arguments {
        members.retain(|name, _| !omitted.contains(&name.as_str()));
    }
    json!({ "version": INTENT_VERSION, "arguments": arguments })
}

/// The arguments in the annotation of `leading`. Nothing where there is no annotation.
///
/// # Errors
/// The annotation cannot be read; the text says why, as a sentence.
pub(crate) fn read<T: DeserializeOwned>(leading: &Object) -> Result<Option<T>, String> {
    let Some(text) = leading.annotation(labels::INTENT) else {
        return Ok(None);
    };
    let mut intent: Value = serde_json::from_str(text)
        .map_err(|error| format!("The annotation {} is no JSON: {error}.", labels::INTENT))?;
    if intent["version"].as_u64() != Some(INTENT_VERSION) {
        return Err(format!(
            "The annotation {} has version {}, and this release reads version {INTENT_VERSION}.",
            labels::INTENT,
            intent["version"]
        ));
    }
    serde_json::from_value(intent["arguments"].take())
        .map(Some)
        .map_err(|error| {
            format!(
                "The annotation {} holds something unexpected: {error}.",
                labels::INTENT
            )
        })
}
