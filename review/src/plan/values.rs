//! The values of a change: before, after, what is unknown and what is masked.

use std::collections::{BTreeMap, BTreeSet};

use seedling_model::arguments::Arguments;
use seedling_schema::{DecodeError, Value};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::secrecy;

/// Both sides of a change, with their masks.
#[derive(Clone, Debug, Default)]
pub struct Values {
    before: Json,
    after: Json,
    unknown: Json,
    before_mask: Json,
    after_mask: Json,
}

/// A value inside a resource that is not divided further.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf {
    /// Known.
    Known(Json),
    /// Known only after apply.
    Unknown,
}

impl Values {
    /// Takes the values out of a change object.
    pub fn take(change: &mut Map<String, Json>) -> Self {
        let mut take = |name: &str| change.remove(name).unwrap_or_default();
        Self {
            before: take("before"),
            after: take("after"),
            unknown: take("after_unknown"),
            before_mask: take("before_sensitive"),
            after_mask: take("after_sensitive"),
        }
    }

    /// A top-level attribute before.
    pub fn before(&self, name: &str) -> &Json {
        &self.before[name]
    }

    /// A top-level attribute after; null where it is not known yet.
    pub fn after(&self, name: &str) -> &Json {
        &self.after[name]
    }

    /// Whether anything of a top-level attribute is known only after apply.
    pub fn is_unknown(&self, name: &str) -> bool {
        self.unknown == Json::Bool(true) || secrecy::covers(&self.unknown[name])
    }

    /// The arguments of a resource of ours before; nothing where there was none.
    pub fn args_before<T: Arguments + DeserializeOwned>(&self) -> Result<Option<T>, DecodeError> {
        decode(&self.before, &Json::Null)
    }

    /// The arguments of a resource of ours after, unknown ones included; nothing where it goes.
    pub fn args_after<T: Arguments + DeserializeOwned>(&self) -> Result<Option<T>, DecodeError> {
        decode(&self.after, &self.unknown)
    }

    /// Names of the top-level attributes that change, or may.
    pub fn changed(&self) -> BTreeSet<String> {
        let names = [&self.before, &self.after, &self.unknown];
        let names = names.into_iter().filter_map(Json::as_object).flatten();
        names
            .map(|(name, _)| name.clone())
            .filter(|name| self.before(name) != self.after(name) || self.is_unknown(name))
            .collect()
    }

    /// Whether a mask covers any part of a top-level attribute on either side.
    pub fn is_masked(&self, name: &str) -> bool {
        [&self.before_mask, &self.after_mask]
            .into_iter()
            .any(|mask| match mask {
                Json::Object(members) => members.get(name).is_some_and(secrecy::covers),
                other => secrecy::covers(other),
            })
    }

    /// Names of the top-level attributes after.
    pub fn names(&self) -> BTreeSet<String> {
        let names = [&self.after, &self.unknown];
        let names = names.into_iter().filter_map(Json::as_object).flatten();
        names.map(|(name, _)| name.clone()).collect()
    }

    /// The leaves of a top-level attribute after, changed or not.
    pub fn leaves_after(&self, name: &str) -> BTreeMap<String, Leaf> {
        let mut leaves = BTreeMap::new();
        flatten(name, self.after(name), self.unknown_of(name), &mut leaves);
        leaves
    }

    fn unknown_of(&self, name: &str) -> &Json {
        match &self.unknown {
            Json::Object(members) => members.get(name).unwrap_or(&Json::Null),
            whole => whole,
        }
    }

    /// The changed leaves of a top-level attribute: path → before, after.
    pub fn leaves(&self, name: &str) -> BTreeMap<String, (Leaf, Leaf)> {
        let mut before = BTreeMap::new();
        let mut after = BTreeMap::new();
        flatten(name, self.before(name), &Json::Null, &mut before);
        flatten(name, self.after(name), self.unknown_of(name), &mut after);
        let paths: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let side = |side: &BTreeMap<String, Leaf>, path: &str| {
            side.get(path).cloned().unwrap_or(Leaf::Known(Json::Null))
        };
        paths
            .into_iter()
            .map(|path| {
                let sides = (side(&before, &path), side(&after, &path));
                (path, sides)
            })
            .filter(|(_, (before, after))| before != after)
            .collect()
    }
}

fn decode<T: Arguments + DeserializeOwned>(
    value: &Json,
    unknown: &Json,
) -> Result<Option<T>, DecodeError> {
    if value.is_null() {
        return Ok(None);
    }
    let known: BTreeSet<&str> = T::fields().iter().map(|field| field.name).collect();
    let mut merged = merge(value, unknown);
    if let Value::Map(members) = &mut merged {
        members.retain(|name, _| known.contains(name.as_str()));
    }
    merged.decode().map(Some)
}

/// Puts what is unknown, which `after` shows as null or leaves out, back into its place.
fn merge(value: &Json, unknown: &Json) -> Value {
    if *unknown == Json::Bool(true) {
        return Value::unknown();
    }
    match value {
        Json::Null if !secrecy::covers(unknown) => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number
            .to_string()
            .parse()
            .map_or_else(|_| Value::unknown(), Value::Number),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(elements) => Value::List(
            elements
                .iter()
                .enumerate()
                .map(|(index, element)| merge(element, &unknown[index]))
                .collect(),
        ),
        Json::Object(_) | Json::Null => {
            let names = [value, unknown]
                .into_iter()
                .filter_map(Json::as_object)
                .flatten();
            Value::Map(
                names
                    .map(|(name, _)| (name.clone(), merge(&value[name], &unknown[name])))
                    .collect(),
            )
        }
    }
}

/// Takes a value apart into leaves, by path. Members of `unknown` that are true are known only after apply.
pub fn flatten(path: &str, value: &Json, unknown: &Json, leaves: &mut BTreeMap<String, Leaf>) {
    if *unknown == Json::Bool(true) || (value.is_array() && secrecy::covers(unknown)) {
        leaves.insert(path.to_owned(), Leaf::Unknown);
        return;
    }
    let members: BTreeSet<&String> = [value, unknown]
        .into_iter()
        .filter_map(Json::as_object)
        .flat_map(Map::keys)
        .collect();
    if members.is_empty() {
        leaves.insert(path.to_owned(), Leaf::Known(value.clone()));
    }
    for name in members {
        flatten(
            &format!("{path}.{name}"),
            &value[name],
            &unknown[name],
            leaves,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seedling_model::{Arg, service::Args};
    use serde_json::json;

    fn values(change: Json) -> Values {
        let Json::Object(mut change) = change else {
            panic!("an object")
        };
        Values::take(&mut change)
    }

    #[test]
    fn unknown_parts_are_told_from_absent_ones() {
        let values = values(json!({
            "before": null,
            "after": { "name": "api", "image": null, "config": { "A": "1" }, "replicas": 2, "new_in_a_later_version": 1 },
            "after_unknown": { "image": true, "config": { "B": true }, "secret_digests": true },
        }));
        let args: Args = values.args_after().unwrap().unwrap();
        assert!(args.image.is_unknown() && args.port.is_absent());
        assert_eq!(args.replicas, Arg::Given(2));
        let config = args.config.given().unwrap();
        assert_eq!((&config["A"], &config["B"]), (&"1".into(), &Arg::Unknown));
        assert_eq!(values.args_before::<Args>().unwrap(), None);
    }

    #[test]
    fn leaves_are_the_changed_ones() {
        let values = values(json!({
            "before": { "resources": { "cpu": "1", "memory": "1Gi" } },
            "after": { "resources": { "cpu": "2", "memory": "1Gi" } },
            "after_unknown": { "resources": { "gpu": true } },
        }));
        let leaves = values.leaves("resources");
        assert_eq!(
            leaves.keys().collect::<Vec<_>>(),
            ["resources.cpu", "resources.gpu"]
        );
        assert_eq!(leaves["resources.gpu"].1, Leaf::Unknown);
    }

    #[test]
    fn a_mask_over_the_whole_object_covers_each_attribute() {
        for masks in [
            json!({ "before_sensitive": true }),
            json!({ "after_sensitive": { "a": { "b": true } } }),
        ] {
            assert!(values(masks).is_masked("a"));
        }
        assert!(
            !values(json!({ "before_sensitive": false, "after_sensitive": { "a": {} } }))
                .is_masked("a")
        );
    }
}
