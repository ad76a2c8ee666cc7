//! The nested objects in the arguments of `seedling_service`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Arg, arguments::Arguments};

/// A port of the service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Port {
    /// Port of the Service, 1 to 65535.
    #[argument(required)]
    pub port: Arg<i64>,
    /// Port the program listens on. Defaults to `port`.
    pub target: Arg<i64>,
    /// `TCP` or `UDP`. Default `TCP`.
    pub protocol: Arg<String>,
    /// What is spoken on the port, for gateways and meshes, such as `http`, `kubernetes.io/h2c` or `grpc`.
    pub app_protocol: Arg<String>,
}

/// Bounds and aim of the autoscaler. `resources` must state what is measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Autoscale {
    /// Fewest pods. Default 1.
    pub min: Arg<i64>,
    /// Most pods.
    #[argument(required)]
    pub max: Arg<i64>,
    /// Average CPU use to aim at, in percent of `resources.cpu`. Default 70 where `memory_percent` is not set.
    pub cpu_percent: Arg<i64>,
    /// Average memory use to aim at, in percent of `resources.memory`.
    pub memory_percent: Arg<i64>,
}

/// One key of a Secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct SecretRef {
    /// Name of the Secret in the same environment.
    #[argument(required)]
    pub secret: Arg<String>,
    /// Key in the Secret.
    #[argument(required)]
    pub key: Arg<String>,
    /// Whether pods start without it. Default `false`.
    pub optional: Arg<bool>,
}

/// A folder that is empty when the pod starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Scratch {
    /// Most it may hold, such as `"4Gi"`; a pod that exceeds it is evicted. Default: no limit.
    pub size: Arg<String>,
    /// Whether it lies in memory; what it holds counts as the pod's memory. Default `false`.
    pub memory: Arg<bool>,
}

/// A folder on a persistent volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// Size, such as `"20Gi"`. It can grow, never shrink.
    #[argument(required)]
    pub size: Arg<String>,
    /// Storage class. Default `managed-csi`, or `azurefile-csi` where `access` is `shared`. It cannot change.
    pub class: Arg<String>,
    /// `single`: one node at a time, so one pod, and the old pod stops before the new one starts. `shared`: any
    /// number of pods, on a class that can (ReadWriteMany). Default `single`.
    pub access: Arg<String>,
    /// Name of the claim. Defaults to the service's name and the path. It cannot change.
    pub claim: Arg<String>,
    /// What happens to the data when the service or this entry is destroyed: `retain` or `delete`.
    /// Default `retain`.
    pub on_destroy: Arg<String>,
}

/// What one pod asks for and may use at most.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// CPU set aside, such as `"250m"` or `"2"`.
    pub cpu: Arg<String>,
    /// Memory set aside, such as `"512Mi"`.
    pub memory: Arg<String>,
    /// Most CPU. Default: no limit.
    pub cpu_limit: Arg<String>,
    /// Most memory; a container that exceeds it is stopped. Defaults to `memory`.
    pub memory_limit: Arg<String>,
    /// Number of GPUs (`nvidia.com/gpu`). Default 0. A pod with a GPU is replaced before its successor starts.
    pub gpu: Arg<i64>,
}

/// One statement for the startup, readiness and liveness probes. Exactly one of `path`, `tcp` and `command`, unless
/// each probe is set apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// HTTP path that answers with a status from 200 to 399.
    pub path: Arg<String>,
    /// Whether it is enough that the port accepts connections.
    pub tcp: Arg<bool>,
    /// Command in the container that ends with exit code 0.
    pub command: Arg<Vec<Arg<String>>>,
    /// Port to ask, as a number or a name from `ports`. Defaults to the service's first port.
    pub port: Arg<String>,
    /// Has the program started? Tried every 2 s for up to 5 minutes; the others wait for it.
    pub startup: Arg<Probe>,
    /// May the pod get requests? Tried every 5 s; not after 3 failures.
    pub readiness: Arg<Probe>,
    /// Does the program live? Tried every 10 s; restarted after 6 failures.
    pub liveness: Arg<Probe>,
}

/// One probe set apart. What is not set is as in `health`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Probe {
    /// Whether there is such a probe. Default `true`.
    pub enabled: Arg<bool>,
    /// HTTP path that answers with a status from 200 to 399.
    pub path: Arg<String>,
    /// Whether it is enough that the port accepts connections.
    pub tcp: Arg<bool>,
    /// Command in the container that ends with exit code 0.
    pub command: Arg<Vec<Arg<String>>>,
    /// Port to ask, as a number or a name from `ports`.
    pub port: Arg<String>,
    /// Time before the first try, such as `"10s"`. Default: none.
    pub initial_delay: Arg<String>,
    /// Time between two tries; without it, what the probe's own text says.
    pub period: Arg<String>,
    /// Time for one try. Default `"3s"`.
    pub timeout: Arg<String>,
    /// Failures in a row that count; without it, what the probe's own text says.
    pub failures: Arg<i64>,
}

/// How new pods replace old ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    /// Pods that may be missing meanwhile: a number or a percentage, rounded down. Default `"25%"`; 1 with a GPU.
    pub max_unavailable: Arg<String>,
    /// Pods that may be there in addition meanwhile: a number or a percentage, rounded up. Default `"25%"`; 0 with a GPU.
    pub max_surge: Arg<String>,
    /// How long a rollout may take, such as `"10m"`. Default `"10m"`. A node that is coming or an image that is
    /// being pulled extends it, up to 30 minutes.
    pub timeout: Arg<String>,
    /// What to do when it fails: `stop` leaves things as they are, to be looked at; `roll_back` returns to the last
    /// good pods. Default `stop`.
    pub on_failure: Arg<String>,
    /// How long a new pod must stay ready before it counts, such as `"15s"`. Default: not at all.
    pub min_ready: Arg<String>,
}

/// A taint that pods tolerate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Toleration {
    /// Key of the taint. Without a key, every taint.
    pub key: Arg<String>,
    /// Value of the taint. Without a value, any value.
    pub value: Arg<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`. Without it, all three.
    pub effect: Arg<String>,
    /// How long a pod stays once a `NoExecute` taint appears, such as `"5m"`. Default: for ever.
    pub stay: Arg<String>,
}

/// User and group of the program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct RunAs {
    /// User id.
    pub user: Arg<i64>,
    /// Group id.
    pub group: Arg<i64>,
    /// Group that owns the files of volumes. Defaults to `group` where there is `storage`.
    pub fs_group: Arg<i64>,
}

/// An identity in Azure that the pods have without a password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Client id of the managed identity or application.
    #[argument(required)]
    pub client_id: Arg<String>,
    /// Tenant, where it is not the cluster's.
    pub tenant_id: Arg<String>,
}

/// A container that runs beside the program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct Container {
    /// Image reference.
    #[argument(required)]
    pub image: Arg<String>,
    /// Replaces the image's entry point.
    pub command: Arg<Vec<Arg<String>>>,
    /// Arguments of the command.
    pub args: Arg<Vec<Arg<String>>>,
    /// Environment variables of this container alone.
    pub config: Arg<BTreeMap<String, Arg<String>>>,
    /// Environment variables from Secrets that something else manages.
    pub secret_refs: Arg<BTreeMap<String, Arg<SecretRef>>>,
    /// What the container needs of a node, beside the program.
    pub resources: Arg<Resources>,
    /// How Kubernetes sees that it has started, is ready and is alive. It states its own `port`.
    pub health: Arg<Health>,
    /// Whether it sees the service's environment variables, files, scratch and storage too. Default `false`.
    pub inherit: Arg<bool>,
}

/// A container that runs to its end before the program starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Arguments)]
#[serde(deny_unknown_fields, default)]
pub struct InitContainer {
    /// Name of the container.
    #[argument(required)]
    pub name: Arg<String>,
    /// Image reference. Defaults to the service's image.
    pub image: Arg<String>,
    /// Replaces the image's entry point.
    pub command: Arg<Vec<Arg<String>>>,
    /// Arguments of the command.
    pub args: Arg<Vec<Arg<String>>>,
    /// Environment variables of this container alone.
    pub config: Arg<BTreeMap<String, Arg<String>>>,
    /// Environment variables from Secrets that something else manages.
    pub secret_refs: Arg<BTreeMap<String, Arg<SecretRef>>>,
    /// What the container needs of a node while it runs.
    pub resources: Arg<Resources>,
    /// Whether it sees the service's environment variables, files, scratch and storage too. Default `true`.
    pub inherit: Arg<bool>,
}
