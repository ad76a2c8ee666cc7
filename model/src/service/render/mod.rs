//! The objects of a service, one file per kind.

mod autoscaler;
mod budget;
mod claim;
mod config_map;
mod container;
mod deployment;
mod environment;
mod network;
mod patch;
mod pod;
mod probes;
mod scheduling;
mod secret;
mod security;
mod service_account;
#[cfg(test)]
mod tests;
mod volumes;

pub(super) use patch::patched_template_problem;
pub use pod::pod_template;

use std::collections::{BTreeMap, BTreeSet};

use super::{Args, TYPE};
use crate::{Context, Object, Rendered, labels};

/// The names of the two objects that are named by their content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The ConfigMap, from [`super::config_map_name`].
    pub config_map: Option<String>,
    /// The Secret, from [`super::secret_name`].
    pub secret: Option<String>,
    /// Variables and absolute paths in the Secret: [`super::secret_keys`], or the keys of the remembered digests,
    /// because arguments from the state do not have them.
    pub secret_keys: BTreeSet<String>,
}

/// What the cluster says and rendering needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// The selector of an adopted Deployment, which cannot be changed.
    pub selector: Option<BTreeMap<String, String>>,
}

/// The objects in write order: ServiceAccount, ConfigMap, Secret, claims, Deployment, Service, autoscaler, budget,
/// each present only when needed. The Secret needs its values, which arguments from the state do not have.
/// What is unknown counts as absent.
pub fn render(args: &Args, context: &Context, names: &Names, live: &Live) -> Rendered {
    let new = Factory {
        args,
        labels: labels::of_resource(context, TYPE, args.name.text()),
    };
    let mut objects = Vec::new();
    objects.extend(service_account::render(&new));
    objects.extend(config_map::render(&new, names));
    objects.extend(secret::render(&new, names));
    objects.extend(claim::render(&new));
    objects.push(deployment::render(&new, names, live));
    objects.extend(network::render(&new, live));
    objects.extend(autoscaler::render(&new));
    objects.extend(budget::render(&new, live));
    Rendered { objects }
}

/// The labels by which Deployment, Service and budget find the pods.
pub fn selector(args: &Args, live: &Live) -> BTreeMap<String, String> {
    live.selector.clone().unwrap_or_else(|| pod_labels(args))
}

/// Labels of ours on every pod. Provider labels are not among them: changing one must not restart anything.
fn pod_labels(args: &Args) -> BTreeMap<String, String> {
    BTreeMap::from([
        (labels::NAME.to_owned(), args.name.text().to_owned()),
        (labels::TYPE.to_owned(), TYPE.to_owned()),
    ])
}

/// Makes objects of one service, with namespace and labels.
struct Factory<'a> {
    args: &'a Args,
    labels: BTreeMap<String, String>,
}

impl Factory<'_> {
    fn object(&self, api_version: &str, kind: &str, name: &str) -> Object {
        Object::new(api_version, kind, Some(self.args.environment.text()), name)
            .labelled(&self.labels)
    }

    /// An object with the service's own name.
    fn namesake(&self, api_version: &str, kind: &str) -> Object {
        self.object(api_version, kind, self.args.name.text())
    }
}
