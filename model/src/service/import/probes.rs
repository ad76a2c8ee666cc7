//! Live probes as `health`, each set apart.

use serde_json::Value;

use super::{
    container::{port_number, words},
    list, text,
};
use crate::{
    Arg, duration,
    service::parts::{Health, Probe},
};

/// Nothing where the container has no probe; a missing one among others is switched off.
pub(super) fn health(container: &Value) -> Arg<Health> {
    let probes = ["startupProbe", "readinessProbe", "livenessProbe"].map(|name| &container[name]);
    if probes.iter().all(|probe| probe.is_null()) {
        return Arg::Absent;
    }
    let [startup, readiness, liveness] =
        probes.map(|live| Arg::Given(probe(live, list(&container["ports"]))));
    Arg::Given(Health {
        startup,
        readiness,
        liveness,
        ..Health::default()
    })
}

fn probe(live: &Value, ports: &[Value]) -> Probe {
    if live.is_null() {
        return Probe {
            enabled: false.into(),
            ..Probe::default()
        };
    }
    let seconds = |member: &str| {
        live[member]
            .as_u64()
            .filter(|seconds| *seconds > 0)
            .map(duration::format)
    };
    let port = live
        .pointer("/httpGet/port")
        .or_else(|| live.pointer("/tcpSocket/port"));
    Probe {
        enabled: Arg::Absent,
        path: live.pointer("/httpGet/path").and_then(text).into(),
        tcp: live.get("tcpSocket").map(|_| true).into(),
        command: words(&live["exec"]["command"]),
        port: port.and_then(|port| port_text(port, ports)).into(),
        initial_delay: seconds("initialDelaySeconds").into(),
        period: seconds("periodSeconds").into(),
        timeout: seconds("timeoutSeconds").into(),
        failures: live["failureThreshold"].as_i64().into(),
    }
}

/// The port's number as text: its name may be another one in the Service.
fn port_text(port: &Value, ports: &[Value]) -> Option<String> {
    match port.as_str() {
        Some(name) => port_number(ports, name).map(|number| number.to_string()),
        None => text(port),
    }
}
