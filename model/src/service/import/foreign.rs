//! Another tool's Deployment: its meaning in our arguments, as far as it can be told.

use serde_json::Value;

use super::{LiveObjects, container, leftovers, list, probes, text, variables, volumes};
use crate::{
    Arg, duration, labels,
    service::{
        Args,
        parts::{Autoscale, Port, Rollout, RunAs, Toleration},
    },
};

/// The arguments, and a sentence for each guess.
pub(super) fn read(live: &LiveObjects<'_>) -> (Args, Vec<String>) {
    let mut guesses = Vec::new();
    let container = live.container();
    let ports = ports(live, &mut guesses);
    let mut args = Args {
        environment: live.deployment.namespace().map(str::to_owned).into(),
        name: live.deployment.name().into(),
        image: container["image"].as_str().map(str::to_owned).into(),
        replicas: if live.autoscaler.is_some() {
            Arg::Absent
        } else {
            live.deployment.at("/spec/replicas").as_i64().into()
        },
        autoscale: live
            .autoscaler
            .map(|autoscaler| autoscale(autoscaler.at("/spec")))
            .into(),
        resources: container::resources(container),
        command: container::words(&container["command"]),
        args: container::words(&container["args"]),
        health: probes::health(container),
        rollout: rollout(live.deployment.at("/spec"), &mut guesses),
        run_as: run_as(live.pod(), container),
        node_pool: node_pool(live.pod()).into(),
        tolerations: tolerations(&live.pod()["tolerations"]),
        ..Args::default()
    };
    set_ports(&mut args, ports);
    variables::read(live, &mut args, &mut guesses);
    volumes::read(live, &mut args, &mut guesses);
    args.pod_patch = leftovers::pod_patch(live, &args, &mut guesses).into();
    (args, guesses)
}

/// The Service's ports, else the container's.
fn ports(live: &LiveObjects<'_>, guesses: &mut Vec<String>) -> Vec<(Option<String>, Port)> {
    let container_ports = list(&live.container()["ports"]);
    if let Some(service) = live.service {
        return list(service.at("/spec/ports"))
            .iter()
            .filter_map(|port| service_port(port, container_ports))
            .collect();
    }
    if !container_ports.is_empty() {
        guesses.push(
            "No Service leads to the pods; one is planned for the ports of the container.".into(),
        );
    }
    let read = |port: &Value| {
        let number = port["containerPort"].as_i64()?;
        Some((
            port["name"].as_str().map(str::to_owned),
            port_of(number, number, port),
        ))
    };
    container_ports.iter().filter_map(read).collect()
}

/// A port of the Service; without a name of its own it has that of the container's port.
fn service_port(port: &Value, container_ports: &[Value]) -> Option<(Option<String>, Port)> {
    let number = port["port"].as_i64()?;
    let target = match &port["targetPort"] {
        Value::String(name) => container::port_number(container_ports, name)?,
        other => other.as_i64().unwrap_or(number),
    };
    let of_container = container_ports
        .iter()
        .find(|port| port["containerPort"].as_i64() == Some(target));
    let name = port["name"]
        .as_str()
        .or_else(|| of_container?["name"].as_str());
    Some((name.map(str::to_owned), port_of(number, target, port)))
}

fn port_of(number: i64, target: i64, live: &Value) -> Port {
    Port {
        port: number.into(),
        target: (target != number).then_some(target).into(),
        protocol: live["protocol"]
            .as_str()
            .filter(|protocol| *protocol != "TCP")
            .map(str::to_owned)
            .into(),
        app_protocol: live["appProtocol"].as_str().map(str::to_owned).into(),
    }
}

/// One plain port is `port`; anything else needs names.
fn set_ports(args: &mut Args, mut ports: Vec<(Option<String>, Port)>) {
    let plain = |port: &Port| {
        port.target.is_absent() && port.protocol.is_absent() && port.app_protocol.is_absent()
    };
    match ports.as_slice() {
        [] => {}
        [(_, port)] if plain(port) => args.port = port.port,
        _ => {
            let named = ports.drain(..).enumerate();
            let named = named.map(|(index, (name, port))| {
                (
                    name.unwrap_or_else(|| format!("port-{}", index + 1)),
                    port.into(),
                )
            });
            args.ports = Arg::Given(named.collect());
        }
    }
}

fn autoscale(spec: &Value) -> Autoscale {
    let percent = |resource: &str| {
        let metric = list(&spec["metrics"]).iter().find(|metric| {
            metric
                .pointer("/resource/name")
                .is_some_and(|name| name == resource)
        })?;
        metric
            .pointer("/resource/target/averageUtilization")?
            .as_i64()
    };
    Autoscale {
        min: spec["minReplicas"].as_i64().into(),
        max: spec["maxReplicas"].as_i64().into(),
        cpu_percent: percent("cpu").into(),
        memory_percent: percent("memory").into(),
    }
}

fn rollout(spec: &Value, guesses: &mut Vec<String>) -> Arg<Rollout> {
    if spec["strategy"]["type"] == "Recreate" {
        guesses.push("The Deployment stops all old pods before it starts new ones; a `seedling_service` does so only with storage for one pod.".into());
    }
    let share = |member: &str| {
        text(&spec["strategy"]["rollingUpdate"][member]).filter(|share| share != "25%")
    };
    let min_ready = spec["minReadySeconds"]
        .as_u64()
        .filter(|seconds| *seconds > 0)
        .map(duration::format);
    let deadline = spec["progressDeadlineSeconds"]
        .as_u64()
        .filter(|seconds| *seconds != 600)
        .map(duration::format);
    let rollout = Rollout {
        max_unavailable: share("maxUnavailable").into(),
        max_surge: share("maxSurge").into(),
        timeout: deadline.into(),
        min_ready: min_ready.into(),
        on_failure: Arg::Absent,
    };
    (rollout != Rollout::default()).then_some(rollout).into()
}

fn run_as(pod: &Value, container: &Value) -> Arg<RunAs> {
    let id = |member: &str| {
        container["securityContext"][member]
            .as_i64()
            .or_else(|| pod["securityContext"][member].as_i64())
    };
    let run_as = RunAs {
        user: id("runAsUser").into(),
        group: id("runAsGroup").into(),
        fs_group: id("fsGroup").into(),
    };
    (run_as != RunAs::default()).then_some(run_as).into()
}

/// The pool named by a node selector or by a required affinity.
fn node_pool(pod: &Value) -> Option<String> {
    let keys = [labels::NODE_POOL, labels::AKS_NODE_POOL, "agentpool"];
    let selected = keys
        .iter()
        .find_map(|key| pod["nodeSelector"][key].as_str());
    let terms = pod.pointer(
        "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms",
    );
    let expressions = terms
        .map(list)
        .into_iter()
        .flatten()
        .flat_map(|term| list(&term["matchExpressions"]));
    let required = expressions
        .filter(|expression| keys.iter().any(|key| expression["key"] == **key))
        .find_map(|expression| expression.pointer("/values/0")?.as_str());
    selected.or(required).map(str::to_owned)
}

fn tolerations(live: &Value) -> Arg<Vec<Arg<Toleration>>> {
    let word = |value: &Value| Arg::from(value.as_str().map(str::to_owned));
    let read = |toleration: &Value| {
        Arg::Given(Toleration {
            key: word(&toleration["key"]),
            value: word(&toleration["value"]),
            effect: word(&toleration["effect"]),
            stay: toleration["tolerationSeconds"]
                .as_u64()
                .map(duration::format)
                .into(),
        })
    };
    let tolerations: Vec<_> = list(live).iter().map(read).collect();
    (!tolerations.is_empty()).then_some(tolerations).into()
}
