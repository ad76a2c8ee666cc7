//! Which of our fields the live objects no longer hold, and who changed them.
//!
//! We compare only what we would write: values that other controllers own never show up.
//! A difference names a path, never a value, because values may be secret.

use seedling_model::{FIELD_MANAGER, Object, labels, merge};
use serde_json::{Map, Value as Json};

/// One place where the cluster differs from what was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `Deployment/api`
    pub object: String,
    /// `spec.template.spec.containers[api].image`; empty when the whole object is missing.
    pub path: String,
    /// Manager and time of the change, where the server recorded them.
    pub by: Option<String>,
}

impl Difference {
    /// The entry of the computed `drift` list.
    pub fn sentence(&self) -> String {
        let what = if self.path.is_empty() {
            format!("{} is missing", self.object)
        } else {
            format!("{} {}", self.object, self.path)
        };
        match &self.by {
            Some(by) => format!("{what}, by {by}"),
            None => what,
        }
    }
}

/// Compares one object with its live counterpart.
pub fn compare(wanted: &Object, live: Option<&Object>) -> Vec<Difference> {
    let object = format!("{}/{}", wanted.kind(), wanted.name());
    let Some(live) = live else {
        return vec![Difference {
            object,
            path: String::new(),
            by: None,
        }];
    };
    let mut walk = Walk {
        object,
        kind: wanted.kind(),
        managers: live.0["metadata"]["managedFields"].as_array(),
        found: Vec::new(),
    };
    let mut at = Place::default();
    walk.members(&wanted.0, &live.0, &mut at);
    walk.found
}

/// Where the walk is: for people, for the merge-key table and for managedFields.
#[derive(Default)]
struct Place {
    shown: String,
    fields: Vec<String>,
    owned: Vec<String>,
}

struct Walk<'a> {
    object: String,
    kind: &'a str,
    managers: Option<&'a Vec<Json>>,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn members(&mut self, wanted: &Json, live: &Json, at: &mut Place) {
        for (name, member) in wanted.as_object().into_iter().flatten() {
            if at.fields.is_empty() && matches!(name.as_str(), "apiVersion" | "kind") {
                continue;
            }
            let shown = at.shown.len();
            at.enter(name);
            self.value(member, &live[name.as_str()], at);
            at.leave(shown);
        }
    }

    fn value(&mut self, wanted: &Json, live: &Json, at: &mut Place) {
        match (wanted, live) {
            _ if at.is_one_value() && !same(wanted, live) => self.report(at),
            (Json::Object(members), Json::Object(_)) if !members.is_empty() => {
                self.members(wanted, live, at);
            }
            (Json::Array(wanted_items), Json::Array(live_items)) => {
                match merge::list_keys(self.kind, &at.names()) {
                    Some(keys) => self.keyed(keys, wanted_items, live_items, at),
                    None if wanted != live => self.report(at),
                    None => {}
                }
            }
            _ if same(wanted, live) => {}
            _ => self.report(at),
        }
    }

    fn keyed(&mut self, keys: &[&str], wanted: &[Json], live: &[Json], at: &mut Place) {
        for item in wanted {
            let key = identity(keys, item);
            let twin = live
                .iter()
                .find(|other| merge::same_entry(item, other, keys));
            let shown = at.shown.len();
            at.enter_item(&key);
            match twin {
                Some(twin) => self.members(item, twin, at),
                None => self.report(at),
            }
            at.leave_item(shown);
        }
    }

    fn report(&mut self, at: &Place) {
        self.found.push(Difference {
            object: self.object.clone(),
            path: at.shown.clone(),
            by: self.changed_by(&at.owned),
        });
    }

    fn changed_by(&self, owned: &[String]) -> Option<String> {
        let entry =
            self.managers?.iter().rev().find(|entry| {
                entry["manager"] != FIELD_MANAGER && owns(&entry["fieldsV1"], owned)
            })?;
        let manager = entry["manager"].as_str()?;
        Some(
            match entry["time"].as_str().and_then(|time| time.get(..16)) {
                Some(time) => format!("{manager}, {}", time.replace('T', " ")),
                None => manager.to_owned(),
            },
        )
    }
}

/// Objects that server-side apply owns as one value (`x-kubernetes-map-type: atomic` in the
/// OpenAPI): what others add to them changes what they mean.
const ONE_VALUE: [&str; 5] = [
    "selector",
    "nodeSelector",
    "labelSelector",
    "podSelector",
    "namespaceSelector",
];

impl Place {
    fn is_one_value(&self) -> bool {
        self.fields
            .last()
            .is_some_and(|name| ONE_VALUE.contains(&name.as_str()))
    }

    fn names(&self) -> Vec<&str> {
        self.fields.iter().map(String::as_str).collect()
    }

    fn enter(&mut self, name: &str) {
        if name.contains(['.', '/']) {
            self.shown.extend(["[", name, "]"]);
        } else if self.shown.is_empty() {
            self.shown.push_str(name);
        } else {
            self.shown.push('.');
            self.shown.push_str(name);
        }
        self.fields.push(name.to_owned());
        self.owned.push(format!("f:{name}"));
    }

    fn leave(&mut self, shown: usize) {
        self.shown.truncate(shown);
        self.fields.pop();
        self.owned.pop();
    }

    fn enter_item(&mut self, key: &Map<String, Json>) {
        let shown: Vec<_> = key.values().map(plain).collect();
        self.shown.extend(["[", shown.join(" ").as_str(), "]"]);
        self.owned.push(format!("k:{}", Json::Object(key.clone())));
    }

    fn leave_item(&mut self, shown: usize) {
        self.shown.truncate(shown);
        self.owned.pop();
    }
}

/// Whether a managedFields tree names the path, or a part that contains it.
fn owns(tree: &Json, path: &[String]) -> bool {
    let mut here = tree;
    for step in path {
        match here.get(step) {
            Some(next) => here = next,
            None => return false,
        }
    }
    true
}

/// The members that tell items of a keyed list apart. `protocol` defaults as the server does.
fn identity(keys: &[&str], item: &Json) -> Map<String, Json> {
    keys.iter()
        .filter_map(|key| match (item.get(*key), *key) {
            (Some(value), _) => Some(((*key).to_owned(), value.clone())),
            (None, "protocol") => Some(((*key).to_owned(), "TCP".into())),
            (None, _) => None,
        })
        .collect()
}

/// An empty object or list that the server leaves out is the same as an absent one.
fn same(wanted: &Json, live: &Json) -> bool {
    let empty = match wanted {
        Json::Object(members) => members.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    };
    wanted == live || (empty && live.is_null())
}

fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether the object carries the labels of this owner.
pub fn is_owned(object: &Object, project: &str, type_name: &str, name: &str) -> bool {
    let label = |key: &str| object.0["metadata"]["labels"][key].as_str();
    label(labels::PROJECT) == Some(project)
        && label(labels::TYPE) == Some(type_name)
        && label(labels::NAME) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sentences(wanted: Json, live: Json) -> Vec<String> {
        compare(&Object(wanted), Some(&Object(live)))
            .iter()
            .map(Difference::sentence)
            .collect()
    }

    #[test]
    fn what_others_add_is_no_difference() {
        let wanted =
            json!({"kind": "Deployment", "metadata": {"name": "api"}, "spec": {"paused": false}});
        let live = json!({"kind": "Deployment", "metadata": {"name": "api", "uid": "1"}, "spec": {"paused": false, "replicas": 3}});
        assert_eq!(sentences(wanted, live), Vec::<String>::new());
    }

    #[test]
    fn a_changed_field_of_a_keyed_item_is_named_with_its_manager() {
        let container = |image: &str| json!([{"name": "other"}, {"name": "api", "image": image}]);
        let pod = |image: &str| json!({"template": {"spec": {"containers": container(image)}}});
        let wanted = json!({"kind": "Deployment", "metadata": {"name": "api"}, "spec": pod("a")});
        let live = json!({
            "kind": "Deployment",
            "metadata": {"name": "api", "managedFields": [{
                "manager": "kubectl-edit",
                "time": "2026-01-02T10:02:33Z",
                "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"api\"}": {"f:image": {}}}}}}},
            }]},
            "spec": pod("b"),
        });
        assert_eq!(
            sentences(wanted, live),
            [
                "Deployment/api spec.template.spec.containers[api].image, by kubectl-edit, 2026-01-02 10:02"
            ]
        );
    }

    #[test]
    fn a_missing_object_says_so() {
        let wanted = Object(json!({"kind": "Service", "metadata": {"name": "api"}}));
        assert_eq!(
            compare(&wanted, None)[0].sentence(),
            "Service/api is missing"
        );
    }
}
