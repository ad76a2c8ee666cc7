//! Containers: the program, its sidecars, and what runs before it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{environment, pod::PRE_STOP_SECONDS, probes, security};
use crate::{
    Arg, quantity,
    service::{
        Args,
        parts::{Container, InitContainer, Resources},
        ports,
    },
};

/// What the program sees and other containers may inherit.
pub(super) struct Shared {
    pub(super) variables: BTreeMap<String, Value>,
    pub(super) mounts: BTreeMap<String, Value>,
}

/// The program's container, named after the service.
pub(super) fn main(args: &Args, shared: Shared) -> Value {
    let probes = probes::of_service(args);
    json!({
        "name": args.name.text(),
        "image": args.image.text(),
        "command": list(&args.command),
        "args": list(&args.args),
        "ports": container_ports(args),
        "env": entries(shared.variables),
        "resources": resources(&args.resources),
        "startupProbe": probes.startup,
        "readinessProbe": probes.readiness,
        "livenessProbe": probes.liveness,
        // The pod keeps answering while endpoints and load balancers still send it requests.
        "lifecycle": ports::has_port(args).then(|| json!({ "preStop": { "sleep": { "seconds": PRE_STOP_SECONDS } } })),
        "securityContext": security::of_container(args),
        "volumeMounts": entries(shared.mounts),
    })
}

/// Sidecars, which Kubernetes starts first and stops last, then the init containers in their order.
pub(super) fn before_main(args: &Args, shared: &Shared) -> Vec<Value> {
    let sidecars = args.sidecars.given().into_iter().flatten();
    let sidecars = sidecars
        .filter_map(|(name, sidecar)| Some(self::sidecar(args, name, sidecar.given()?, shared)));
    let init = args
        .init
        .given()
        .into_iter()
        .flatten()
        .filter_map(Arg::given);
    sidecars
        .chain(init.map(|container| before(args, container, shared)))
        .collect()
}

fn sidecar(args: &Args, name: &str, container: &Container, shared: &Shared) -> Value {
    let probes = probes::of_sidecar(container.health.given());
    let inherited = container.inherit.or(false).then_some(shared);
    json!({
        "name": name,
        "image": container.image.text(),
        "restartPolicy": "Always",
        "command": list(&container.command),
        "args": list(&container.args),
        "env": entries(variables(environment::own(&container.config, &container.secret_refs), inherited)),
        "resources": resources(&container.resources),
        "startupProbe": probes.startup,
        "readinessProbe": probes.readiness,
        "livenessProbe": probes.liveness,
        "securityContext": security::of_container(args),
        "volumeMounts": inherited.and_then(|shared| entries(shared.mounts.clone())),
    })
}

fn before(args: &Args, container: &InitContainer, shared: &Shared) -> Value {
    let inherited = container.inherit.or(true).then_some(shared);
    json!({
        "name": container.name.text(),
        "image": container.image.text_or(args.image.text()),
        "command": list(&container.command),
        "args": list(&container.args),
        "env": entries(variables(environment::own(&container.config, &container.secret_refs), inherited)),
        "resources": resources(&container.resources),
        "securityContext": security::of_container(args),
        "volumeMounts": inherited.and_then(|shared| entries(shared.mounts.clone())),
    })
}

/// A container's own variables win over inherited ones.
fn variables(own: BTreeMap<String, Value>, inherited: Option<&Shared>) -> BTreeMap<String, Value> {
    let mut variables = inherited
        .map(|shared| shared.variables.clone())
        .unwrap_or_default();
    variables.extend(own);
    variables
}

fn container_ports(args: &Args) -> Option<Vec<Value>> {
    let mut ports: Vec<Value> = Vec::new();
    for port in ports::service_ports(args) {
        let entry =
            json!({ "containerPort": port.target, "protocol": port.protocol, "name": port.name });
        // Two ports of the Service may lead to one of the container.
        let known = ports.iter().any(|known| {
            known["containerPort"] == entry["containerPort"]
                && known["protocol"] == entry["protocol"]
        });
        if !known {
            ports.push(entry);
        }
    }
    (!ports.is_empty()).then_some(ports)
}

/// Requests and limits. The memory limit equals the request unless said otherwise: memory cannot be taken back
/// from a container, CPU can, so CPU has no limit unless said otherwise.
fn resources(resources: &Arg<Resources>) -> Option<Value> {
    let resources = resources.given()?;
    let gpu = resources
        .gpu
        .given()
        .filter(|count| **count > 0)
        .map(ToString::to_string);
    let requests = amounts([
        ("cpu", resources.cpu.given()),
        ("memory", resources.memory.given()),
    ]);
    let limits = amounts([
        ("cpu", resources.cpu_limit.given()),
        (
            "memory",
            resources.memory_limit.given().or(resources.memory.given()),
        ),
        ("nvidia.com/gpu", gpu.as_ref()),
    ]);
    (requests.is_some() || limits.is_some())
        .then(|| json!({ "requests": requests, "limits": limits }))
}

fn amounts<const N: usize>(amounts: [(&str, Option<&String>); N]) -> Option<Value> {
    let amounts: Map<String, Value> = amounts
        .into_iter()
        .filter_map(|(name, amount)| Some((name.to_owned(), quantity::canonical(amount?).into())))
        .collect();
    (!amounts.is_empty()).then_some(Value::Object(amounts))
}

fn entries(map: BTreeMap<String, Value>) -> Option<Vec<Value>> {
    (!map.is_empty()).then(|| map.into_values().collect())
}

fn list(words: &Arg<Vec<Arg<String>>>) -> Option<Vec<&str>> {
    words
        .given()
        .map(|words| words.iter().map(Arg::text).collect())
}
