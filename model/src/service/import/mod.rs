//! From live objects back to arguments.

mod container;
mod foreign;
mod leftovers;
mod own;
mod probes;
#[cfg(test)]
mod tests;
mod variables;
mod volumes;

use std::collections::BTreeMap;

use serde_json::Value;

use super::Args;
use crate::{Object, intent};

/// The live objects of a service.
#[derive(Clone, Copy, Debug)]
pub struct LiveObjects<'a> {
    /// The Deployment.
    pub deployment: &'a Object,
    /// The Service that leads to its pods.
    pub service: Option<&'a Object>,
    /// The HorizontalPodAutoscaler that scales it.
    pub autoscaler: Option<&'a Object>,
    /// The ConfigMaps that its pods use.
    pub config_maps: &'a [Object],
    /// The PersistentVolumeClaims that its pods use.
    pub claims: &'a [Object],
    /// The keys of the Secrets that its pods use, by name. Values are not needed.
    pub secret_keys: &'a BTreeMap<String, Vec<String>>,
}

impl LiveObjects<'_> {
    fn pod(&self) -> &Value {
        self.deployment.at("/spec/template/spec")
    }

    /// The program's container: the one named after the Deployment, else the first.
    fn container(&self) -> &Value {
        let containers = list(&self.pod()["containers"]);
        let named = containers
            .iter()
            .find(|container| container["name"] == self.deployment.name());
        named.or(containers.first()).unwrap_or(&Value::Null)
    }

    fn config_map(&self, name: &str) -> Option<&Object> {
        self.config_maps.iter().find(|object| object.name() == name)
    }
}

/// The arguments of a live service, and sentences about what was guessed. Ours carry their arguments in an
/// annotation; image, a fixed number of pods, `config` and `files` are read from the objects in any case.
pub fn from_live(live: &LiveObjects<'_>) -> (Args, Vec<String>) {
    match intent::read::<Args>(live.deployment) {
        Ok(Some(args)) => (own::refreshed(args, live), Vec::new()),
        Ok(None) => foreign::read(live),
        Err(problem) => {
            let (args, mut guesses) = foreign::read(live);
            guesses.insert(0, problem);
            (args, guesses)
        }
    }
}

/// The members of a JSON list; none where it is no list.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text or number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
