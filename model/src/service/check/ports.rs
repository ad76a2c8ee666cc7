//! Ports.

use crate::{At, Report, checks, names, service::Args};

pub(super) fn check(args: &Args, report: &mut Report) {
    checks::number(&args.port, 1, 65535, &At::of("port"), report);
    if args.port.given().is_some() && args.ports.given().is_some() {
        let detail = "`port` is short for one port without a name. Move it into `ports`, or leave `ports` out.";
        report.error(&At::of("ports"), "Both `port` and `ports`", detail);
    }
    check_each(args, report);
    check_duplicates(args, report);
}

fn check_each(args: &Args, report: &mut Report) {
    for (name, port) in args.ports.given().into_iter().flatten() {
        let at = At::of("ports").key(name);
        if let Some(problem) = names::port_name_problem(name) {
            report.error(&at, "Invalid port name", format!("`{name}` {problem}."));
        }
        let Some(port) = port.given() else { continue };
        checks::number(&port.port, 1, 65535, &at.attribute("port"), report);
        checks::number(&port.target, 1, 65535, &at.attribute("target"), report);
        checks::choice(
            &port.protocol,
            &["TCP", "UDP"],
            &at.attribute("protocol"),
            report,
        );
        checks::name(
            &port.app_protocol,
            names::qualified_name_problem,
            &at.attribute("app_protocol"),
            report,
        );
    }
}

fn check_duplicates(args: &Args, report: &mut Report) {
    let ports: Vec<_> = args
        .ports
        .given()
        .into_iter()
        .flatten()
        .filter_map(|(name, port)| Some((name, port.given()?)))
        .collect();
    for (index, (name, port)) in ports.iter().enumerate() {
        let earlier = ports[..index].iter().find(|(_, other)| {
            other.port.given().is_some()
                && other.port == port.port
                && other.protocol.text_or("TCP") == port.protocol.text_or("TCP")
        });
        if let Some((earlier, _)) = earlier {
            let number = port.port.or(0);
            let detail = format!(
                "`{earlier}` has port {number} already. Give each entry its own `port`; several may share a `target`."
            );
            report.error(
                &At::of("ports").key(name).attribute("port"),
                "Port used twice",
                detail,
            );
        }
    }
}
