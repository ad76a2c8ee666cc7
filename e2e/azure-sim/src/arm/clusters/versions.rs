//! Kubernetes versions that are offered (AKS docs, "Supported Kubernetes versions"; the newest patches are made up to fit).

use serde_json::{Value, json};

use crate::http::Answer;

/// Minor versions with their patches, oldest first.
const OFFERED: [(&str, &[&str]); 4] = [
    ("1.33", &["1.33.5", "1.33.6"]),
    ("1.34", &["1.34.1", "1.34.2"]),
    ("1.35", &["1.35.0", "1.35.1"]),
    ("1.36", &["1.36.0"]),
];

/// What a cluster gets that does not say.
pub(crate) const DEFAULT: &str = "1.34";

/// All patches, oldest first.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    OFFERED
        .iter()
        .flat_map(|(_, patches)| patches.iter().copied())
}

/// The full version that a wish stands for: itself, or the newest patch of its minor version.
pub(crate) fn full(wish: &str) -> Option<&'static str> {
    let minor = OFFERED
        .iter()
        .find(|(minor, _)| *minor == wish)
        .and_then(|(_, patches)| patches.last().copied());
    minor.or_else(|| all().find(|version| *version == wish))
}

/// Numbers to compare by.
pub(crate) fn numbers(version: &str) -> (u32, u32, u32) {
    let mut parts = version
        .split('.')
        .map(|part| part.parse().unwrap_or_default());
    let mut next = || parts.next().unwrap_or_default();
    (next(), next(), next())
}

/// What a version can be upgraded to: newer patches, and those of the next minor version (AKS docs, "Upgrade an AKS cluster").
pub(crate) fn upgrades(from: &str) -> Vec<&'static str> {
    let at = numbers(from);
    let reachable = |version: &&str| {
        let to = numbers(version);
        to > at && to.1 <= at.1 + 1
    };
    all().filter(reachable).collect()
}

/// `kubernetesVersions` of a location.
pub(crate) fn of_location() -> Answer {
    let values: Vec<Value> = OFFERED
        .iter()
        .map(|(minor, patches)| minor_version(minor, patches))
        .collect();
    Answer::ok(json!({ "values": values }))
}

fn minor_version(minor: &str, patches: &[&str]) -> Value {
    let of_patch = |patch: &&str| ((*patch).to_owned(), json!({ "upgrades": upgrades(patch) }));
    let patches: serde_json::Map<String, Value> = patches.iter().map(of_patch).collect();
    json!({
        "version": minor,
        "capabilities": { "supportPlan": ["KubernetesOfficial", "AKSLongTermSupport"] },
        "isDefault": minor == DEFAULT,
        "isPreview": false,
        "patchVersions": patches,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_and_upgrades() {
        assert_eq!(full("1.34"), Some("1.34.2"));
        assert_eq!(full("1.34.1"), Some("1.34.1"));
        assert_eq!(full("1.19"), None);
        assert_eq!(upgrades("1.34.1"), ["1.34.2", "1.35.0", "1.35.1"]);
    }
}
