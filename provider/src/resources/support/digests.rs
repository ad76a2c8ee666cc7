//! Keyed digests of secrets: they show that a value changed and say nothing about it.
//!
//! The key is random and lives in an annotation of the live Secret, never in a state, so that a
//! leaked state cannot be searched for a value.

use std::collections::BTreeMap;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use seedling_model::{Context, Object, digest, labels};
use seedling_schema::{Diagnostic, Private, Value};

use crate::kubernetes::drift::Difference;

const KEY_BYTES: usize = 32;

/// The key of a live Secret's digests.
pub fn key_of(secret: &Object) -> Option<Vec<u8>> {
    STANDARD
        .decode(secret.annotation(labels::DIGEST_KEY)?)
        .ok()
        .filter(|key| !key.is_empty())
}

/// A new random key.
pub fn new_key() -> Result<Vec<u8>, Diagnostic> {
    let mut key = vec![0; KEY_BYTES];
    SystemRandom::new().fill(&mut key).map_err(|_| {
        Diagnostic::error(
            "No random numbers",
            "The operating system gave no random bytes for the key of the secrets' digests. Nothing was changed; apply again.",
        )
    })?;
    Ok(key)
}

/// What a live Secret holds.
pub fn data_of(secret: &Object) -> BTreeMap<String, Vec<u8>> {
    let data = secret.0["data"].as_object();
    data.into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), STANDARD.decode(value.as_str()?).ok()?)))
        .collect()
}

/// What a refresh can compare a Secret with, since a state holds no values: its labels, its type
/// and that it cannot be changed. The values are compared by their digests.
pub fn shell(context: &Context, of: (&str, &str), namespace: &str, name: &str) -> Object {
    let (resource_type, resource) = of;
    Object::new("v1", "Secret", Some(namespace), name).labelled(&labels::of_resource(
        context,
        resource_type,
        resource,
    ))
}

/// Private note: which key the digests were made with, by a hash that says nothing about it.
const KEY: &str = "digest_key";

/// Notes the key of the digests.
pub fn remember_key(private: &mut Private, key: &[u8]) {
    private.set(KEY, digest::short_hash(key));
}

/// A changed key makes every digest another, so it is named as the cause. The first refresh after
/// an import notes the key.
pub fn key_drift(secret: &Object, private: &mut Private) -> Option<Difference> {
    let key = key_of(secret).unwrap_or_default();
    match private.get(KEY).and_then(serde_json::Value::as_str) {
        None => {
            remember_key(private, &key);
            None
        }
        Some(remembered) if remembered == digest::short_hash(&key) => None,
        Some(_) => Some(Difference {
            object: format!("Secret/{}", secret.name()),
            path: format!("metadata.annotations[{}]", labels::DIGEST_KEY),
            by: None,
        }),
    }
}

/// A digest map as a value; null where there is nothing to digest.
pub fn value(digests: BTreeMap<String, String>) -> Value {
    if digests.is_empty() {
        Value::Null
    } else {
        Value::from(digests)
    }
}

/// The warning of a refresh that may not read Secrets.
pub fn unreadable(title: &str) -> Diagnostic {
    Diagnostic::warning(
        format!("The secrets of {title} could not be compared"),
        "The identity of the provider's `cluster` block may not read Secrets here. The digests of the last apply stand, and a change of a secret value shows only at apply.",
    )
}
