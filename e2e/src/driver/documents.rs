//! The JSON answers of `show -json`, as far as the harness reads them.

use serde::Deserialize;
use serde_json::Value;

use super::providers::OURS;

/// A saved plan.
#[derive(Clone, Debug, Deserialize)]
pub struct PlanDocument {
    /// What would be done to each resource instance.
    #[serde(default)]
    pub resource_changes: Vec<ResourceChange>,
    /// What the refresh found changed outside, as the command line sees it.
    #[serde(default)]
    pub resource_drift: Vec<ResourceChange>,
}

/// One resource instance in a plan.
#[derive(Clone, Debug, Deserialize)]
pub struct ResourceChange {
    /// `module.x.seedling_service.api["a"]`.
    pub address: String,
    /// Its type.
    pub r#type: String,
    /// `host/namespace/type` of its provider.
    #[serde(default)]
    pub provider_name: String,
    /// The change.
    pub change: Change,
}

/// What would be done to one resource instance.
#[derive(Clone, Debug, Deserialize)]
pub struct Change {
    /// `["no-op"]`, `["update"]`, `["delete", "create"]`, …
    pub actions: Vec<String>,
    /// The prior state.
    #[serde(default)]
    pub before: Value,
    /// The planned state; unknown values are left out.
    #[serde(default)]
    pub after: Value,
    /// Present if it is imported.
    #[serde(default)]
    pub importing: Option<Value>,
}

impl ResourceChange {
    /// Whether nothing would be done to it.
    pub fn is_no_op(&self) -> bool {
        self.change.actions == ["no-op"] || self.change.actions == ["read"]
    }

    /// Names of the top-level attributes that differ, sorted.
    pub fn changed_attributes(&self) -> Vec<String> {
        let empty = serde_json::Map::new();
        let before = self.change.before.as_object().unwrap_or(&empty);
        let after = self.change.after.as_object().unwrap_or(&empty);
        let mut names: Vec<String> = before
            .iter()
            .filter(|(name, value)| after.get(*name) != Some(value))
            .map(|(name, _)| name.clone())
            .chain(
                after
                    .keys()
                    .filter(|name| !before.contains_key(*name))
                    .cloned(),
            )
            .collect();
        names.sort();
        names
    }
}

impl PlanDocument {
    /// The instances that would be touched.
    pub fn touched(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resource_changes
            .iter()
            .filter(|change| !change.is_no_op())
    }
}

/// The current state.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct StateDocument {
    /// Absent if there is no state.
    #[serde(default)]
    pub values: Option<StateValues>,
}

/// The values of a state.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct StateValues {
    root_module: StateModule,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct StateModule {
    #[serde(default)]
    resources: Vec<StateResource>,
    #[serde(default)]
    child_modules: Vec<StateModule>,
}

/// One resource instance in a state.
#[derive(Clone, Debug, Deserialize)]
pub struct StateResource {
    /// `module.x.seedling_service.api["a"]`.
    pub address: String,
    /// `managed` or `data`.
    pub mode: String,
    /// Its type.
    pub r#type: String,
    /// `host/namespace/type` of its provider.
    #[serde(default)]
    pub provider_name: String,
    /// Its attributes.
    pub values: Value,
}

impl StateResource {
    /// A string attribute, or an empty string.
    pub fn text(&self, name: &str) -> &str {
        self.values
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

impl StateDocument {
    /// All managed resources of all modules.
    pub fn resources(&self) -> Vec<&StateResource> {
        let mut found = Vec::new();
        let mut modules: Vec<&StateModule> = self.values.iter().map(|v| &v.root_module).collect();
        while let Some(module) = modules.pop() {
            found.extend(module.resources.iter().filter(|r| r.mode == "managed"));
            modules.extend(&module.child_modules);
        }
        found.sort_by(|a, b| a.address.cmp(&b.address));
        found
    }

    /// The managed resources of our provider.
    pub fn ours(&self) -> Vec<&StateResource> {
        self.resources()
            .into_iter()
            .filter(|r| r.provider_name.ends_with(OURS))
            .collect()
    }
}
