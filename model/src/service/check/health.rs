//! Probes.

use crate::{
    Arg, At, Report, checks,
    service::{
        Args,
        parts::{Health, Probe},
        ports,
    },
};

pub(super) fn check(args: &Args, report: &mut Report) {
    let names: Vec<String> = ports::service_ports(args)
        .into_iter()
        .filter_map(|port| port.name)
        .collect();
    let known = Ports {
        has_default: ports::has_port(args),
        names: (!args.ports.is_unknown()).then_some(names),
    };
    check_health(&args.health, &At::of("health"), &known, report);
}

/// A sidecar's probes, which find no port unless they state one.
pub(super) fn check_sidecar(health: &Arg<Health>, at: &At, report: &mut Report) {
    check_health(
        health,
        at,
        &Ports {
            has_default: false,
            names: Some(Vec::new()),
        },
        report,
    );
}

/// What a probe can fall back on, and the names it can use where they are known.
struct Ports {
    has_default: bool,
    names: Option<Vec<String>>,
}

fn check_health(health: &Arg<Health>, at: &At, ports: &Ports, report: &mut Report) {
    let Some(health) = health.given() else { return };
    let general = Handler {
        path: &health.path,
        tcp: &health.tcp,
        command: &health.command,
    };
    general.check(at, report);
    check_port(&health.port, at, ports, report);
    if general.needs_port() && health.port.is_absent() && !ports.has_default {
        missing_port(at, report);
    }
    let probes = [
        ("startup", &health.startup),
        ("readiness", &health.readiness),
        ("liveness", &health.liveness),
    ];
    for (name, probe) in probes {
        if let Some(probe) = probe.given() {
            check_probe(probe, health, &at.attribute(name), ports, report);
        }
    }
    let apart = probes.iter().any(|(_, probe)| probe.is_set());
    if general.count() == 0 && !apart {
        let detail = "Say how to ask: `path` for HTTP, `tcp = true`, or `command`.";
        report.error(at, "Health without a question", detail);
    }
}

fn check_probe(probe: &Probe, health: &Health, at: &At, ports: &Ports, report: &mut Report) {
    let own = Handler {
        path: &probe.path,
        tcp: &probe.tcp,
        command: &probe.command,
    };
    own.check(at, report);
    check_port(&probe.port, at, ports, report);
    if own.needs_port() && probe.port.is_absent() && health.port.is_absent() && !ports.has_default {
        missing_port(at, report);
    }
    checks::any_duration(&probe.initial_delay, &at.attribute("initial_delay"), report);
    checks::positive_duration(&probe.period, &at.attribute("period"), report);
    checks::positive_duration(&probe.timeout, &at.attribute("timeout"), report);
    checks::number(
        &probe.failures,
        1,
        i64::from(i32::MAX),
        &at.attribute("failures"),
        report,
    );
}

/// How a probe asks: at most one of three.
struct Handler<'a> {
    path: &'a Arg<String>,
    tcp: &'a Arg<bool>,
    command: &'a Arg<Vec<Arg<String>>>,
}

impl Handler<'_> {
    fn count(&self) -> usize {
        let tcp = !matches!(self.tcp, Arg::Absent | Arg::Given(false));
        [self.path.is_set(), tcp, self.command.is_set()]
            .into_iter()
            .filter(|set| *set)
            .count()
    }

    fn needs_port(&self) -> bool {
        self.path.given().is_some() || self.tcp.or(false)
    }

    fn check(&self, at: &At, report: &mut Report) {
        let known = !self.path.is_unknown() && !self.tcp.is_unknown() && !self.command.is_unknown();
        if known && self.count() > 1 {
            report.error(
                at,
                "Several ways to ask",
                "Use one of `path`, `tcp` and `command`.",
            );
        }
        if self.path.given().is_some_and(|path| !path.starts_with('/')) {
            report.error(
                &at.attribute("path"),
                "Invalid path",
                format!("`{}` must start with `/`.", self.path.text()),
            );
        }
        if self.command.given().is_some_and(Vec::is_empty) {
            report.error(
                &at.attribute("command"),
                "Empty command",
                "Name a program, such as `[\"/bin/healthy\"]`.",
            );
        }
    }
}

fn check_port(port: &Arg<String>, at: &At, ports: &Ports, report: &mut Report) {
    let (Some(port), at) = (port.given(), at.attribute("port")) else {
        return;
    };
    match port.parse::<i64>() {
        Ok(number) => {
            checks::number(&Arg::Given(number), 1, 65535, &at, report);
        }
        Err(_)
            if ports
                .names
                .as_ref()
                .is_some_and(|names| !names.contains(port)) =>
        {
            report.error(
                &at,
                "Unknown port",
                format!("`{port}` is neither a number nor a name in `ports`."),
            );
        }
        Err(_) => {}
    }
}

fn missing_port(at: &At, report: &mut Report) {
    let detail =
        "There is no port to ask. Set `port` here, or the service's `port`, or use `command`.";
    report.error(at, "Health without a port", detail);
}
