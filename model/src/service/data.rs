//! The contents of ConfigMap and Secret, and the names that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use super::Args;
use crate::{
    Arg, Secret,
    digest::{map_bytes, short_hash, short_hmac},
};

/// What the ConfigMap holds: variable or absolute path → value.
pub fn config_data(args: &Args) -> BTreeMap<String, Vec<u8>> {
    let entries = [&args.config, &args.files]
        .into_iter()
        .filter_map(Arg::given)
        .flatten();
    entries
        .filter_map(|(name, value)| Some((name.clone(), value.given()?.clone().into_bytes())))
        .collect()
}

/// The ConfigMap's name, `<service>-<8 hex>` by its content; nothing where it would be empty.
pub fn config_map_name(args: &Args) -> Option<String> {
    let data = config_data(args);
    (!data.is_empty()).then(|| format!("{}-{}", args.name.text(), short_hash(&map_bytes(&data))))
}

/// What the Secret holds: variable or absolute path → value. Nothing where no value is given, as in arguments from
/// the state. Its keys are those of [`crate::digest::digests`].
pub fn secret_data(args: &Args) -> Option<BTreeMap<String, Vec<u8>>> {
    let data: BTreeMap<String, Vec<u8>> = secret_entries(args)
        .filter_map(|(name, value)| {
            Some((name.clone(), value.given()?.expose().as_bytes().to_vec()))
        })
        .collect();
    (!data.is_empty()).then_some(data)
}

/// The keys of `secrets` and `secret_files`, whether or not their values are known yet.
pub fn secret_keys(args: &Args) -> BTreeSet<String> {
    secret_entries(args).map(|(name, _)| name.clone()).collect()
}

/// The Secret's name, `<service>-<8 hex>` by its content under `key`, so that the name tells nothing.
pub fn secret_name(service: &str, data: &BTreeMap<String, Vec<u8>>, key: &[u8]) -> String {
    format!("{service}-{}", short_hmac(key, &map_bytes(data)))
}

fn secret_entries(args: &Args) -> impl Iterator<Item = (&String, &Arg<Secret>)> {
    [&args.secrets, &args.secret_files]
        .into_iter()
        .filter_map(Arg::given)
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn args(value: serde_json::Value) -> Args {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn names_follow_the_content() {
        let base =
            args(json!({ "name": "api", "config": { "A": "1" }, "files": { "/etc/x": "y" } }));
        let other =
            args(json!({ "name": "api", "config": { "A": "2" }, "files": { "/etc/x": "y" } }));
        // Running pods refer to this name: it never changes for a given content.
        assert_eq!(config_map_name(&base).as_deref(), Some("api-152c6abe"));
        assert_ne!(config_map_name(&base), config_map_name(&other));
        assert_eq!(
            config_map_name(&args(json!({ "name": "api", "config": {} }))),
            None
        );
    }

    #[test]
    fn secret_names_need_the_key() {
        let args = args(
            json!({ "name": "api", "secrets": { "TOKEN": "t" }, "secret_files": { "/k": "f" } }),
        );
        let data = secret_data(&args).unwrap();
        assert_eq!(data.keys().collect::<Vec<_>>(), ["/k", "TOKEN"]);
        assert_eq!(secret_name("api", &data, b"key"), "api-1744363f");
        assert_ne!(
            secret_name("api", &data, b"key"),
            secret_name("api", &data, b"other")
        );
    }

    #[test]
    fn without_values_there_are_keys_only() {
        let args = args(json!({ "secrets": { "TOKEN": null } }));
        assert_eq!(secret_data(&args), None);
        assert_eq!(secret_keys(&args).len(), 1);
    }
}
