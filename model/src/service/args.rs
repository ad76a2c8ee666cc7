//! The arguments of `seedling_service`. Nested objects are in [`super::parts`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::parts::{
    Autoscale, Container, Health, Identity, InitContainer, Port, Resources, Rollout, RunAs,
    Scratch, SecretRef, Storage, Toleration,
};
use crate::{Arg, Secret, arguments::Arguments};

/// A program that runs in an environment: Deployment, Service, ConfigMap, Secret, autoscaler, disruption budget,
/// service account and storage claims, each present only when needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// The environment (namespace) the service lives in.
    #[argument(required, replaces)]
    pub environment: Arg<String>,
    /// Name of the service and, inside the environment, its host name; at most 50 characters.
    #[argument(required, replaces)]
    pub name: Arg<String>,
    /// Image reference with a tag or digest, such as `registry.example/acme/api:1.4.2`.
    #[argument(required)]
    pub image: Arg<String>,
    /// The port the program listens on, and the Service's. Leave it out for a worker that nobody calls. The
    /// environment variable `PORT` is not set. Conflicts with `ports`.
    pub port: Arg<i64>,
    /// Several ports, by name: name → `{ port, target }`. Conflicts with `port`.
    pub ports: Arg<BTreeMap<String, Arg<Port>>>,
    /// Number of pods. Default 1. Conflicts with `autoscale`.
    pub replicas: Arg<i64>,
    /// Let the number of pods follow the load. Conflicts with `replicas`.
    pub autoscale: Arg<Autoscale>,
    /// Environment variables. A change of a value rolls the pods in the same apply.
    pub config: Arg<BTreeMap<String, Arg<String>>>,
    /// Secret environment variables. Write-only: in no state, and in no plan when the values come from ephemeral
    /// variables. A change of a value rolls the pods in the same apply.
    pub secrets: Arg<BTreeMap<String, Arg<Secret>>>,
    /// Environment variables from Secrets that something else manages: variable → `{ secret, key }`.
    pub secret_refs: Arg<BTreeMap<String, Arg<SecretRef>>>,
    /// Environment variables from the pod itself: variable → field, such as `status.podIP`, `metadata.name`,
    /// `limits.memory` or `requests.cpu`.
    pub environment_from_field: Arg<BTreeMap<String, Arg<String>>>,
    /// Files: absolute path → content. Other files of the image in the same folder stay visible.
    pub files: Arg<BTreeMap<String, Arg<String>>>,
    /// Secret files: absolute path → content. Write-only, like `secrets`.
    pub secret_files: Arg<BTreeMap<String, Arg<Secret>>>,
    /// When set, the values of `secrets` and `secret_files` are written only on create and when this changes. For
    /// values that differ on each run, such as generated passwords.
    pub secrets_version: Arg<String>,
    /// Folders that live as long as the pod: absolute path → `{ size, memory }`.
    pub scratch: Arg<BTreeMap<String, Arg<Scratch>>>,
    /// Folders that outlive the pods: absolute path → `{ size, class, access, on_destroy }`.
    pub storage: Arg<BTreeMap<String, Arg<Storage>>>,
    /// What one pod needs of a node.
    pub resources: Arg<Resources>,
    /// How Kubernetes sees that a pod has started, is ready and is alive, from one statement. Without it, a pod
    /// with a port is ready when that port accepts connections.
    pub health: Arg<Health>,
    /// How new pods replace old ones.
    pub rollout: Arg<Rollout>,
    /// Name of the node pool to run on. Its dedicated, spot and GPU taints are tolerated.
    pub node_pool: Arg<String>,
    /// Further node taints that are tolerated.
    pub tolerations: Arg<Vec<Arg<Toleration>>>,
    /// User and group the program runs as. Defaults to the image's.
    pub run_as: Arg<RunAs>,
    /// Azure workload identity of the pods.
    pub identity: Arg<Identity>,
    /// Meet the Pod Security Standard `restricted`: not as root, and without any Linux capability. Default `false`.
    pub restricted: Arg<bool>,
    /// Replaces the image's entry point.
    pub command: Arg<Vec<Arg<String>>>,
    /// Arguments of the command.
    pub args: Arg<Vec<Arg<String>>>,
    /// Containers that run beside the program for as long as it does, by name. They start before `init` and before
    /// the program, and stop after it.
    pub sidecars: Arg<BTreeMap<String, Arg<Container>>>,
    /// Containers that run to their end, one after the other, before the program starts.
    pub init: Arg<Vec<Arg<InitContainer>>>,
    /// JSON that is merged into the pod template as server-side apply merges: lists with a key merge by it, other
    /// lists replace, `null` deletes. The way out for what has no argument.
    pub pod_patch: Arg<String>,
    /// Whether to take over a Deployment of this name, and what belongs to it, that something else made. Its
    /// selector is kept. Default `false`.
    pub adopt: Arg<bool>,
}
