//! Live environment variables as `config`, `secret_refs` and `environment_from_field`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{LiveObjects, list};
use crate::{
    Arg,
    service::{Args, parts::SecretRef},
};

#[derive(Default)]
struct Found {
    config: BTreeMap<String, Arg<String>>,
    references: BTreeMap<String, Arg<SecretRef>>,
    fields: BTreeMap<String, Arg<String>>,
}

pub(super) fn read(live: &LiveObjects<'_>, args: &mut Args, guesses: &mut Vec<String>) {
    let mut found = Found::default();
    for source in list(&live.container()["envFrom"]) {
        found.add_source(source, live, guesses);
    }
    for entry in list(&live.container()["env"]) {
        if !found.add_entry(entry, live) {
            guesses.push(format!(
                "The variable {} could not be read and is left out.",
                entry["name"]
            ));
        }
    }
    if found
        .config
        .values()
        .any(|value| value.text().contains("$("))
    {
        guesses.push(
            "A variable refers to others by `$(…)`, which values in `config` do not: check it."
                .into(),
        );
    }
    args.config = unless_empty(found.config);
    args.secret_refs = unless_empty(found.references);
    args.environment_from_field = unless_empty(found.fields);
}

impl Found {
    /// A whole ConfigMap or Secret.
    fn add_source(&mut self, source: &Value, live: &LiveObjects<'_>, guesses: &mut Vec<String>) {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        if let Some(name) = source.pointer("/configMapRef/name").and_then(Value::as_str) {
            match live.config_map(name) {
                Some(object) => self.add_config_map(prefix, object.at("/data")),
                None => guesses.push(format!(
                    "ConfigMap {name} was not found; its variables are left out."
                )),
            }
        }
        if let Some(name) = source.pointer("/secretRef/name").and_then(Value::as_str) {
            match live.secret_keys.get(name) {
                Some(keys) => self.references.extend(
                    keys.iter()
                        .map(|key| (format!("{prefix}{key}"), reference(name, key, false))),
                ),
                None => guesses.push(format!(
                    "The keys of Secret {name} are not known; its variables are left out."
                )),
            }
        }
    }

    fn add_config_map(&mut self, prefix: &str, data: &Value) {
        let entries = data.as_object().into_iter().flatten();
        self.config.extend(entries.filter_map(|(key, value)| {
            Some((format!("{prefix}{key}"), Arg::from(value.as_str()?)))
        }));
    }

    /// One variable; false where its source is not found.
    fn add_entry(&mut self, entry: &Value, live: &LiveObjects<'_>) -> bool {
        let name = entry["name"].as_str().unwrap_or_default().to_owned();
        let from = &entry["valueFrom"];
        if from.is_null() {
            self.config
                .insert(name, entry["value"].as_str().unwrap_or_default().into());
        } else if let Some(value) = config_value(&from["configMapKeyRef"], live) {
            self.config.insert(name, value.into());
        } else if let (Some(secret), Some(key)) = (
            from["secretKeyRef"]["name"].as_str(),
            from["secretKeyRef"]["key"].as_str(),
        ) {
            let optional = from["secretKeyRef"]["optional"]
                .as_bool()
                .unwrap_or_default();
            self.references
                .insert(name, reference(secret, key, optional));
        } else if let Some(field) = from["fieldRef"]["fieldPath"]
            .as_str()
            .or(from["resourceFieldRef"]["resource"].as_str())
        {
            self.fields.insert(name, field.into());
        } else {
            return false;
        }
        true
    }
}

fn config_value<'a>(reference: &Value, live: &'a LiveObjects<'_>) -> Option<&'a str> {
    live.config_map(reference["name"].as_str()?)?
        .at("/data")
        .get(reference["key"].as_str()?)?
        .as_str()
}

fn reference(secret: &str, key: &str, optional: bool) -> Arg<SecretRef> {
    Arg::Given(SecretRef {
        secret: secret.into(),
        key: key.into(),
        optional: optional.then_some(true).into(),
    })
}

fn unless_empty<T>(map: BTreeMap<String, T>) -> Arg<BTreeMap<String, T>> {
    (!map.is_empty()).then_some(map).into()
}
