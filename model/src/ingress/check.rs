//! What can be said about the arguments without a cluster, and what the chosen controller cannot do.

use std::{collections::BTreeSet, net::IpAddr};

use super::{Args, Route, Tls, size};
use crate::{Arg, At, Context, Controller, Finding, Report, Secret, checks, names};

/// Longest host: listener and field manager are named after it or the ingress, and need room in 253 characters.
const LONGEST_HOST: usize = 240;

/// Problems of the arguments alone.
pub fn check(args: &Args) -> Vec<Finding> {
    let mut report = Report::default();
    checks::environment(&args.environment, &At::of("environment"), &mut report);
    checks::name(
        &args.name,
        |name| names::service_name_problem(name, 50),
        &At::of("name"),
        &mut report,
    );
    checks::name(
        &args.gateway,
        gateway_problem,
        &At::of("gateway"),
        &mut report,
    );
    check_hosts(args, &mut report);
    check_routes(args, &mut report);
    check_tls(args, &mut report);
    check_limits(args, &mut report);
    check_basic_auth(args, &mut report);
    check_cidrs(args, &mut report);
    report.into_findings()
}

/// Problems of the arguments together with the provider block.
pub fn check_with(args: &Args, context: &Context) -> Vec<Finding> {
    let mut report = Report::default();
    match context.ingress.as_ref().map(|ingress| ingress.controller) {
        None => {
            let detail = "The provider block does not say which controller answers. Add for example \
                          `ingress = { controller = \"gateway\", class = \"approuting-istio\" }` to it.";
            report.error(&At::default(), "No ingress controller", detail);
        }
        Some(Controller::Gateway) => check_for_gateway(args, &mut report),
        Some(Controller::IngressNginx) => check_for_nginx(args, &mut report),
    }
    report.into_findings()
}

fn gateway_problem(reference: &str) -> Option<String> {
    reference.split_once('/').map_or_else(
        || names::dns_subdomain_problem(reference),
        |(environment, name)| {
            names::dns_label_problem(environment, 63).or_else(|| names::dns_subdomain_problem(name))
        },
    )
}

fn check_hosts(args: &Args, report: &mut Report) {
    let problem = |host: &str| {
        let too_long = host.len() > LONGEST_HOST;
        names::host_problem(host)
            .or_else(|| too_long.then(|| format!("is longer than {LONGEST_HOST} characters")))
    };
    checks::name(&args.host, problem, &At::of("host"), report);
    let mut seen: BTreeSet<&str> = args.host.given().map(String::as_str).into_iter().collect();
    for (index, alias) in args.aliases.given().into_iter().flatten().enumerate() {
        let at = At::of("aliases").index(index);
        checks::name(alias, problem, &at, report);
        if alias.given().is_some_and(|alias| !seen.insert(alias)) {
            report.error(
                &at,
                "Host used twice",
                format!("`{}` is named already. Remove one of them.", alias.text()),
            );
        }
    }
}

fn check_routes(args: &Args, report: &mut Report) {
    let Some(routes) = args.routes.given() else {
        return;
    };
    if routes.is_empty() {
        let detail = "Nothing would answer. Name a service, for example `routes = { \"/\" = { service = \"api\" } }`.";
        report.error(&At::of("routes"), "No routes", detail);
    }
    for (path, route) in routes {
        let at = At::of("routes").key(path);
        check_path(path, &at, report);
        if let Some(Route { service, port }) = route.given() {
            checks::name(
                service,
                |name| names::service_name_problem(name, 63),
                &at.attribute("service"),
                report,
            );
            checks::number(port, 1, 65535, &at.attribute("port"), report);
        }
    }
}

fn check_path(path: &str, at: &At, report: &mut Report) {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '*' | '"' | '\\');
    let problem = if !path.starts_with('/') {
        "must start with `/`"
    } else if path.contains("//") || path.split('/').any(|part| matches!(part, "." | "..")) {
        "must be written plainly, without `//`, `.` or `..`"
    } else if path.len() > 1 && path.ends_with('/') {
        "must not end with `/`: a prefix without it matches the same requests"
    } else if !path.chars().all(plain) {
        "may hold only printable characters without `?`, `#`, `*`, quotes and `\\`: it is a prefix, not a pattern"
    } else {
        return;
    };
    report.error(at, "Invalid path prefix", format!("`{path}` {problem}."));
}

fn check_tls(args: &Args, report: &mut Report) {
    let at = At::of("tls");
    if args.redirect_http.given() == Some(&true) && args.tls.is_absent() {
        let detail = "There is no HTTPS to redirect to. Add `tls`, or leave `redirect_http` out.";
        report.error(&At::of("redirect_http"), "Redirect without `tls`", detail);
    }
    let Some(tls) = args.tls.given() else { return };
    checks::name(
        &tls.issuer,
        names::dns_subdomain_problem,
        &at.attribute("issuer"),
        report,
    );
    checks::name(
        &tls.secret,
        names::dns_subdomain_problem,
        &at.attribute("secret"),
        report,
    );
    check_sources(tls, &at, report);
    let pem = tls
        .certificate
        .given()
        .is_none_or(|pem| pem.trim_start().starts_with("-----BEGIN CERTIFICATE-----"));
    if !pem {
        report.error(
            &at.attribute("certificate"),
            "Not a certificate",
            "It must be PEM text that starts with `-----BEGIN CERTIFICATE-----`.",
        );
    }
    let key = tls
        .key
        .given()
        .is_none_or(|key| key.expose().contains("PRIVATE KEY-----"));
    if !key {
        report.error(
            &at.attribute("key"),
            "Not a private key",
            "It must be PEM text that starts with `-----BEGIN PRIVATE KEY-----` or alike.",
        );
    }
}

/// Exactly one source of the certificate. An unknown value may turn out null, so it is not counted against others.
fn check_sources(tls: &Tls, at: &At, report: &mut Report) {
    let given = [
        tls.issuer.given().is_some(),
        tls.secret.given().is_some(),
        tls.certificate.given().is_some(),
    ];
    let unknown =
        tls.issuer.is_unknown() || tls.secret.is_unknown() || tls.certificate.is_unknown();
    let count = given.into_iter().filter(|given| *given).count();
    if count > 1 || (count == 0 && !unknown) {
        report.error(
            at,
            "Where the certificate comes from",
            "Use exactly one of `issuer`, `secret`, or `certificate` with `key`.",
        );
    }
    if tls.certificate.given().is_some() && tls.key.is_absent() {
        report.error(
            &at.attribute("key"),
            "Certificate without its key",
            "Give the private key of `certificate`.",
        );
    }
    if tls.key.given().is_some() && tls.certificate.is_absent() {
        report.error(
            &at.attribute("certificate"),
            "Key without its certificate",
            "Give the certificate of `key`.",
        );
    }
}

fn check_limits(args: &Args, report: &mut Report) {
    if args
        .max_body_size
        .given()
        .is_some_and(|text| size::bytes(text).is_none())
    {
        let detail = format!(
            "`{}` is no size. Write for example `16Mi`, or `0` for no limit.",
            args.max_body_size.text()
        );
        report.error(&At::of("max_body_size"), "Invalid size", detail);
    }
    checks::positive_duration(&args.address_timeout, &At::of("address_timeout"), report);
    let Some(timeouts) = args.timeouts.given() else {
        return;
    };
    let at = At::of("timeouts");
    for (name, timeout) in [
        ("request", &timeouts.request),
        ("connect", &timeouts.connect),
    ] {
        let duration = checks::positive_duration(timeout, &at.attribute(name), report);
        if duration.is_some_and(|duration| duration.subsec_nanos() > 0) {
            report.error(
                &at.attribute(name),
                "Not whole seconds",
                "Controllers count whole seconds.",
            );
        }
    }
}

fn check_basic_auth(args: &Args, report: &mut Report) {
    let at = At::of("basic_auth");
    let Some(users) = args.basic_auth.given() else {
        return;
    };
    if users.is_empty() {
        report.error(
            &at,
            "No users",
            "Nobody could call. Name a user, or leave `basic_auth` out.",
        );
    }
    for (user, password) in users {
        let at = at.key(user);
        if user.is_empty() || user.contains([':', '\n']) {
            report.error(
                &at,
                "Invalid user name",
                "A user name is not empty and holds no `:`.",
            );
        }
        match password.given().map(Secret::expose) {
            Some("") => report.error(&at, "Empty password", "Give a password."),
            Some(password) if password.len() > 72 => {
                report.error(
                    &at,
                    "Password too long",
                    "bcrypt reads 72 bytes. Use a shorter password.",
                );
            }
            _ => {}
        }
    }
}

fn check_cidrs(args: &Args, report: &mut Report) {
    for (index, cidr) in args.allow_cidrs.given().into_iter().flatten().enumerate() {
        if cidr.given().is_some_and(|cidr| !is_cidr(cidr)) {
            let detail = format!(
                "`{}` is no network. Write an address and the length of its prefix, such as `10.0.0.0/8` or `203.0.113.7/32`.",
                cidr.text()
            );
            report.error(
                &At::of("allow_cidrs").index(index),
                "Invalid network",
                detail,
            );
        }
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else {
        return false;
    };
    match (address.parse(), prefix.parse::<u8>()) {
        (Ok(IpAddr::V4(_)), Ok(prefix)) => prefix <= 32,
        (Ok(IpAddr::V6(_)), Ok(prefix)) => prefix <= 128,
        _ => false,
    }
}

/// What the Gateway API has no portable word for.
fn check_for_gateway(args: &Args, report: &mut Report) {
    let connect = args
        .timeouts
        .given()
        .map_or(&Arg::Absent, |timeouts| &timeouts.connect);
    let table = [
        (
            args.basic_auth.given().is_some(),
            At::of("basic_auth"),
            "Let the service ask for the password itself, or put an authenticating proxy such as oauth2-proxy before it as a `seedling_service`",
        ),
        (
            args.allow_cidrs.given().is_some(),
            At::of("allow_cidrs"),
            "Use a gateway with `internal = true` for private callers, or the `loadBalancerSourceRanges` of the gateway's load balancer",
        ),
        (
            args.max_body_size.given().is_some(),
            At::of("max_body_size"),
            "Leave it out, as most gateways have no limit, and let the service refuse large requests",
        ),
        (
            connect.given().is_some(),
            At::of("timeouts").attribute("connect"),
            "Use `timeouts.request`, which covers the connection too",
        ),
    ];
    for (set, at, instead) in table {
        if set {
            let detail = format!(
                "The Gateway API has no portable way to say this. {instead}; or use the controller `ingress-nginx`."
            );
            report.error(&at, "Not possible with the controller `gateway`", detail);
        }
    }
    let request = args
        .timeouts
        .given()
        .is_some_and(|timeouts| timeouts.request.given().is_some());
    if args.websocket.or(false) && request {
        let detail = "Gateways may close an open web socket after `timeouts.request`. Leave that out where sockets stay open for longer.";
        report.warning(
            &At::of("websocket"),
            "Web sockets end with the request's time-out",
            detail,
        );
    }
}

fn check_for_nginx(args: &Args, report: &mut Report) {
    if args.gateway.given().is_some() {
        let detail = "The controller `ingress-nginx` reads no Gateways. Leave `gateway` out, or use the controller `gateway`.";
        report.error(
            &At::of("gateway"),
            "Not possible with the controller `ingress-nginx`",
            detail,
        );
    }
}

#[cfg(test)]
mod tests;
