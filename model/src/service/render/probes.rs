//! Startup, readiness and liveness probes from one statement.

use serde_json::{Value, json};

use crate::{
    Arg, duration,
    service::{
        Args,
        parts::{Health, Probe},
        ports,
    },
};

/// The probes of one container.
#[derive(Default)]
pub(super) struct Probes {
    pub(super) startup: Option<Value>,
    pub(super) readiness: Option<Value>,
    pub(super) liveness: Option<Value>,
}

/// Time between tries and failures that count. Part of the promised pod template.
struct Pace {
    period: u64,
    failures: i64,
}

const STARTUP: Pace = Pace {
    period: 2,
    failures: 150,
};
const READINESS: Pace = Pace {
    period: 5,
    failures: 3,
};
const LIVENESS: Pace = Pace {
    period: 10,
    failures: 6,
};
const TIMEOUT: u64 = 3;

/// The program's probes. Without a statement about readiness, a pod is ready when its port accepts connections.
pub(super) fn of_service(args: &Args) -> Probes {
    let port = ports::main_port(args)
        .map(|port| port.name.map_or_else(|| port.target.into(), Value::from));
    let mut probes = of_container(args.health.given(), port.as_ref());
    let disabled = args
        .health
        .given()
        .is_some_and(|health| !enabled(&health.readiness));
    if probes.readiness.is_none() && !disabled {
        probes.readiness =
            port.map(|port| paced(json!({ "tcpSocket": { "port": port } }), None, &READINESS));
    }
    probes
}

/// The probes of a sidecar, which states its port itself.
pub(super) fn of_sidecar(health: Option<&Health>) -> Probes {
    of_container(health, None)
}

fn of_container(health: Option<&Health>, port: Option<&Value>) -> Probes {
    let Some(health) = health else {
        return Probes::default();
    };
    Probes {
        startup: probe(health, &health.startup, &STARTUP, port),
        readiness: probe(health, &health.readiness, &READINESS, port),
        liveness: probe(health, &health.liveness, &LIVENESS, port),
    }
}

fn probe(
    health: &Health,
    apart: &Arg<Probe>,
    pace: &Pace,
    default_port: Option<&Value>,
) -> Option<Value> {
    if !enabled(apart) {
        return None;
    }
    let own = apart.given();
    let port = own
        .and_then(|probe| probe.port.given())
        .or(health.port.given());
    let port = port
        .map(|port| port_value(port))
        .or_else(|| default_port.cloned())
        .unwrap_or_default();
    let own_handler = own.and_then(|probe| handler(&probe.path, probe.tcp, &probe.command, &port));
    let handler =
        own_handler.or_else(|| handler(&health.path, health.tcp, &health.command, &port))?;
    Some(paced(handler, own, pace))
}

fn enabled(probe: &Arg<Probe>) -> bool {
    probe.given().is_none_or(|probe| probe.enabled.or(true))
}

fn handler(
    path: &Arg<String>,
    tcp: Arg<bool>,
    command: &Arg<Vec<Arg<String>>>,
    port: &Value,
) -> Option<Value> {
    if let Some(path) = path.given() {
        return Some(json!({ "httpGet": { "path": path, "port": port } }));
    }
    if tcp.or(false) {
        return Some(json!({ "tcpSocket": { "port": port } }));
    }
    let command: Vec<&str> = command.given()?.iter().map(Arg::text).collect();
    Some(json!({ "exec": { "command": command } }))
}

fn paced(mut probe: Value, own: Option<&Probe>, pace: &Pace) -> Value {
    let seconds = |pick: fn(&Probe) -> &Arg<String>| {
        own.and_then(|probe| duration::parse(pick(probe).given()?).ok())
            .map(duration::whole_seconds)
    };
    probe["initialDelaySeconds"] = seconds(|probe| &probe.initial_delay).into();
    probe["periodSeconds"] = seconds(|probe| &probe.period).unwrap_or(pace.period).into();
    probe["timeoutSeconds"] = seconds(|probe| &probe.timeout).unwrap_or(TIMEOUT).into();
    probe["failureThreshold"] = own
        .and_then(|probe| probe.failures.given().copied())
        .unwrap_or(pace.failures)
        .into();
    probe
}

fn port_value(port: &str) -> Value {
    port.parse::<i64>()
        .map_or_else(|_| port.into(), Value::from)
}
