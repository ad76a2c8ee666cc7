//! The arguments of `seedling_environment`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arg, Secret, arguments::Arguments};

/// A namespace ready to be lived in: quota, defaults, pod security, network rules and image pull credentials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// Name of the namespace, at most 63 characters.
    #[argument(required, replaces)]
    pub name: Arg<String>,
    /// Labels for the namespace, beside the provider's and Seedling's own.
    pub labels: Arg<BTreeMap<String, Arg<String>>>,
    /// Annotations for the namespace.
    pub annotations: Arg<BTreeMap<String, Arg<String>>>,
    /// What all pods and claims of the environment may use together (a ResourceQuota). Where CPU or memory is
    /// limited, a container that asks for none of it is refused, so set `container_defaults` too.
    pub quota: Arg<Quota>,
    /// Requests and limits for containers that state none (a LimitRange).
    pub container_defaults: Arg<ContainerDefaults>,
    /// The Pod Security Standard that the API server enforces here: `restricted`, `baseline` or `privileged`.
    /// Default `baseline`.
    pub pod_security: Arg<String>,
    /// `open`: every pod of the cluster reaches the pods here. `isolated`: only this environment's own pods,
    /// the environments in `allow_from`, the ingress controller and the namespace `monitoring` do; traffic to the
    /// outside stays open. Default `open`.
    pub network: Arg<String>,
    /// Environments whose pods may reach an `isolated` environment.
    pub allow_from: Arg<Vec<Arg<String>>>,
    /// Credentials for image registries: host name → login, for example `registry.example`. They are kept in the
    /// Secret `seedling-pull`, which every pod of a `seedling_service` uses. Write-only: in no state.
    pub image_pull: Arg<BTreeMap<String, Arg<RegistryLogin>>>,
    /// Whether destroying or replacing the environment is refused. Default `true`.
    pub deletion_protection: Arg<bool>,
    /// Whether the environment may be destroyed while it holds storage claims that are not marked
    /// `on_destroy = "delete"`. Default `false`.
    pub delete_storage: Arg<bool>,
    /// How long a destroy waits for the namespace to be gone, such as `"10m"`. Default `"10m"`.
    pub delete_timeout: Arg<String>,
    /// Whether to take over a namespace of this name that something else made. Default `false`.
    pub adopt: Arg<bool>,
}

/// Upper bounds for the sum over an environment. An omitted member is not limited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Quota {
    /// CPU requested by all pods, such as `"8"` or `"500m"` (`requests.cpu`).
    pub cpu: Arg<String>,
    /// Memory requested by all pods, such as `"16Gi"` (`requests.memory`).
    pub memory: Arg<String>,
    /// Sum of all CPU limits (`limits.cpu`). Containers without a CPU limit are then refused.
    pub cpu_limit: Arg<String>,
    /// Sum of all memory limits (`limits.memory`). Defaults to `memory`; set it higher where services have a
    /// `memory_limit` above their `memory`.
    pub memory_limit: Arg<String>,
    /// Number of GPUs requested by all pods (`requests.nvidia.com/gpu`).
    pub gpu: Arg<i64>,
    /// Number of pods (`pods`).
    pub pods: Arg<i64>,
    /// Storage requested by all claims, such as `"200Gi"` (`requests.storage`).
    pub storage: Arg<String>,
    /// Number of storage claims (`persistentvolumeclaims`).
    pub claims: Arg<i64>,
    /// Number of Services (`services`).
    pub services: Arg<i64>,
    /// Number of Services of type LoadBalancer (`services.loadbalancers`).
    pub load_balancers: Arg<i64>,
}

/// What a container that states nothing gets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct ContainerDefaults {
    /// CPU request, such as `"100m"`.
    pub cpu: Arg<String>,
    /// Memory request, such as `"128Mi"`.
    pub memory: Arg<String>,
    /// CPU limit. Default: none.
    pub cpu_limit: Arg<String>,
    /// Memory limit. Defaults to `memory`.
    pub memory_limit: Arg<String>,
}

/// A login at an image registry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryLogin {
    /// User name.
    #[argument(required)]
    pub username: Arg<String>,
    /// Password or token.
    #[argument(required)]
    pub password: Arg<Secret>,
}
