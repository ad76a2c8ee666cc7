//! One change of one resource.

use serde_json::{Map, Value as Json};

use super::Values;

/// What happens to a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// A data source is read at apply.
    Read,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It goes.
    Delete,
    /// It goes, and is made again.
    DeleteThenCreate,
    /// It is made again, then the old one goes.
    CreateThenDelete,
    /// The state forgets it; it stays as it is.
    Forget,
    /// The state forgets it, and another one is made.
    ForgetAndCreate,
    /// Something that this program does not know.
    Strange(String),
}

impl Action {
    fn from_json(actions: &Json) -> Self {
        let words: Vec<&str> = actions
            .as_array()
            .into_iter()
            .flatten()
            .map(|word| word.as_str().unwrap_or("?"))
            .collect();
        match words.as_slice() {
            ["no-op"] => Self::Nothing,
            ["read"] => Self::Read,
            ["create"] => Self::Create,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["delete", "create"] => Self::DeleteThenCreate,
            ["create", "delete"] => Self::CreateThenDelete,
            ["forget"] => Self::Forget,
            ["forget", "create"] | ["create", "forget"] => Self::ForgetAndCreate,
            _ => Self::Strange(words.join(", ")),
        }
    }

    /// Whether what exists goes, to be made again or not.
    pub fn removes(&self) -> bool {
        matches!(
            self,
            Self::Delete | Self::DeleteThenCreate | Self::CreateThenDelete
        )
    }

    /// Whether something is made.
    pub fn creates(&self) -> bool {
        matches!(
            self,
            Self::Create | Self::DeleteThenCreate | Self::CreateThenDelete | Self::ForgetAndCreate
        )
    }

    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Nothing => "unchanged".into(),
            Self::Read => "read at apply".into(),
            Self::Create => "create".into(),
            Self::Update => "change in place".into(),
            Self::Delete => "remove".into(),
            Self::DeleteThenCreate => "replace: remove, then create".into(),
            Self::CreateThenDelete => "replace: create, then remove".into(),
            Self::Forget => "forget".into(),
            Self::ForgetAndCreate => "forget, and create another".into(),
            Self::Strange(words) => format!("unknown action ({words})"),
        }
    }
}

/// One entry of `resource_changes`, `resource_drift` or `deferred_changes`.
#[derive(Clone, Debug)]
pub struct Change {
    /// The address in the configuration.
    pub address: String,
    /// The address before it was moved.
    pub moved_from: Option<String>,
    /// Whether a data source, not a resource, is meant.
    pub is_data: bool,
    /// Type of the resource.
    pub type_name: String,
    /// Whether an old object is meant that a replacement has left.
    pub is_deposed: bool,
    /// Why the CLI chose this action, in its words.
    pub reason: Option<String>,
    /// What happens.
    pub action: Action,
    /// Whether it is taken into the state.
    pub is_import: bool,
    /// Attributes that force a replacement.
    pub replaced_by: Vec<String>,
    /// Before and after.
    pub values: Values,
    /// Members that this program does not know.
    pub strange: Vec<String>,
}

/// Members of a change that are of no use here.
const OF_NO_USE: [&str; 7] = [
    "module_address",
    "name",
    "index",
    "provider_name",
    "mode",
    "type",
    "deposed",
];
const OF_NO_USE_INSIDE: [&str; 3] = ["generated_config", "before_identity", "after_identity"];

impl Change {
    /// Reads an entry. What has not the expected form becomes an unknown action, never an error: a plan must not
    /// get through unread because of one odd entry.
    pub fn from_json(entry: Json) -> Self {
        let Json::Object(mut entry) = entry else {
            return Self::from_json(Json::Object(Map::new()));
        };
        let text = |entry: &Map<String, Json>, name: &str| {
            entry
                .get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (mode, type_name) = (text(&entry, "mode"), text(&entry, "type"));
        let is_deposed = entry.get("deposed").is_some_and(|key| !key.is_null());
        let mut change = match entry.remove("change") {
            Some(Json::Object(change)) => change,
            _ => Map::new(),
        };
        let mut own = |name: &str| match entry.remove(name) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        };
        let (address, moved_from, reason) = (
            own("address"),
            own("previous_address"),
            own("action_reason"),
        );
        let action = Action::from_json(&change.remove("actions").unwrap_or_default());
        let is_import = change.remove("importing").is_some_and(|it| !it.is_null());
        let replaced_by = paths(&change.remove("replace_paths").unwrap_or_default());
        let values = Values::take(&mut change);
        entry.retain(|name, value| !OF_NO_USE.contains(&name.as_str()) && !value.is_null());
        change.retain(|name, value| !OF_NO_USE_INSIDE.contains(&name.as_str()) && !value.is_null());
        Self {
            address: address.unwrap_or_else(|| "(no address)".into()),
            moved_from,
            is_data: mode == "data",
            type_name,
            is_deposed,
            reason,
            action,
            is_import,
            replaced_by,
            values,
            strange: entry
                .into_iter()
                .chain(change)
                .map(|(name, _)| name)
                .collect(),
        }
    }
}

/// `[["storage", "/data", "class"]]` → `storage./data.class`.
fn paths(paths: &Json) -> Vec<String> {
    let step = |step: &Json| match step {
        Json::String(name) => name.clone(),
        other => other.to_string(),
    };
    let path = |path: &Json| {
        let steps = path.as_array().into_iter().flatten();
        steps.map(step).collect::<Vec<_>>().join(".")
    };
    let paths = paths.as_array().into_iter().flatten();
    paths.map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_odd_is_an_unknown_action() {
        for entry in [
            json!(1),
            json!({}),
            json!({ "change": { "actions": ["explode"] } }),
            json!({ "change": { "actions": [] } }),
        ] {
            assert!(matches!(
                Change::from_json(entry).action,
                Action::Strange(_)
            ));
        }
    }

    #[test]
    fn unknown_members_are_named() {
        let entry = json!({ "address": "a.b", "type": "a", "hazard": 1, "later": null, "change": { "actions": ["no-op"], "extra": {} } });
        assert_eq!(Change::from_json(entry).strange, ["hazard", "extra"]);
    }
}
