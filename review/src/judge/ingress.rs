//! `seedling_ingress`: hosts, paths and certificates.

use std::collections::{BTreeMap, BTreeSet};

use seedling_model::{
    Arg,
    ingress::{Args, Tls},
};

use super::{Judge, attributes, ours};
use crate::{
    Kind,
    plan::{Action, Change},
};

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let Some((before, after)) = ours::sides::<Args>(judge, change) else {
        return;
    };
    let subject = ours::subject(change);
    if let Some(replacement) = ours::replacement(change) {
        judge.say(Kind::Destroy, change, &subject, replacement);
    }
    let (before, after) = match change.action {
        Action::Create => (None, after),
        Action::Delete => (before, None),
        Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => (before, after),
        _ => return,
    };
    hosts(judge, change, &subject, before.as_ref(), after.as_ref());
    routes(judge, change, &subject, before.as_ref(), after.as_ref());
    if let (Some(before), Some(after)) = (&before, &after) {
        certificate(judge, change, &subject, before, after);
        doors(judge, change, &subject, before, after);
        ours::common::<Args>(judge, change, &subject);
    }
    moved(judge, change, &subject);
}

fn hosts(
    judge: &mut Judge,
    change: &Change,
    subject: &str,
    before: Option<&Args>,
    after: Option<&Args>,
) {
    let (old, new) = (hosts_of(before), hosts_of(after));
    for host in new.difference(&old) {
        let how = match after.map(|args| &args.tls) {
            Some(Arg::Absent) => ", over plain HTTP",
            _ => "",
        };
        judge.say(
            Kind::Exposure,
            change,
            subject,
            format!("{host} answers{how}"),
        );
    }
    for host in old.difference(&new) {
        let sentence = format!("{host} answers no more; its DNS record is left behind");
        judge.say(Kind::Destroy, change, subject, sentence);
    }
    if after.is_some_and(|args| args.host.is_unknown() || args.aliases.is_unknown()) {
        judge.say(
            Kind::Unknown,
            change,
            subject,
            "its hosts are known only after apply",
        );
    }
}

fn hosts_of(args: Option<&Args>) -> BTreeSet<&str> {
    let hosts = args.into_iter().flat_map(|args| {
        let aliases = args.aliases.given().into_iter().flatten();
        [&args.host].into_iter().chain(aliases)
    });
    hosts.filter_map(Arg::given).map(String::as_str).collect()
}

fn routes(
    judge: &mut Judge,
    change: &Change,
    subject: &str,
    before: Option<&Args>,
    after: Option<&Args>,
) {
    let (old, new) = (routes_of(before), routes_of(after));
    for (path, service) in &new {
        match old.get(path) {
            Some(before) if before != service => {
                judge.say(
                    Kind::Exposure,
                    change,
                    subject,
                    format!("{path} leads to {service} instead of {before}"),
                );
            }
            None if !old.is_empty() => {
                judge.say(
                    Kind::Exposure,
                    change,
                    subject,
                    format!("{path} leads to {service}"),
                );
            }
            _ => {}
        }
    }
    for (path, service) in &old {
        if !new.is_empty() && !new.contains_key(path) {
            let sentence = format!("{path} has no route of its own any more; it led to {service}");
            judge.say(Kind::Exposure, change, subject, sentence);
        }
    }
}

fn routes_of(args: Option<&Args>) -> BTreeMap<&str, String> {
    let routes = args
        .and_then(|args| args.routes.given())
        .into_iter()
        .flatten();
    routes
        .map(|(path, route)| {
            let service = route
                .given()
                .map_or("a service known only after apply", |route| {
                    route.service.text_or("a service known only after apply")
                });
            let port = route.given().and_then(|route| route.port.given());
            let port = port
                .map(|port| format!(" (port {port})"))
                .unwrap_or_default();
            (path.as_str(), format!("{service}{port}"))
        })
        .collect()
}

fn certificate(judge: &mut Judge, change: &Change, subject: &str, before: &Args, after: &Args) {
    let (old, new) = (source(before.tls.given()), source(after.tls.given()));
    if old != new && !after.tls.is_unknown() {
        judge.say(
            Kind::Exposure,
            change,
            subject,
            format!("its certificate: {new} instead of {old}"),
        );
    } else if change.values.leaves("tls").contains_key("tls.certificate") {
        judge.say(
            Kind::Exposure,
            change,
            subject,
            "another certificate is written",
        );
    }
}

fn source(tls: Option<&Tls>) -> String {
    match tls {
        None => "none (plain HTTP)".into(),
        Some(Tls {
            issuer: Arg::Given(issuer),
            ..
        }) => format!("from the issuer {issuer}"),
        Some(Tls {
            secret: Arg::Given(secret),
            ..
        }) => format!("from the Secret {secret}"),
        Some(_) => "given in the configuration".into(),
    }
}

/// Who may come in: networks, passwords, plain HTTP.
fn doors(judge: &mut Judge, change: &Change, subject: &str, before: &Args, after: &Args) {
    let changed = attributes::arguments_changed(change);
    let has = |name: &str| changed.iter().any(|changed| changed == name);
    if has("allow_cidrs") {
        let networks = |args: &Args| {
            let networks = args.allow_cidrs.given().into_iter().flatten();
            let networks: Vec<&str> = networks.map(Arg::text).collect();
            if networks.is_empty() {
                "everybody".to_owned()
            } else {
                networks.join(", ")
            }
        };
        let sentence = format!(
            "{} may call instead of {}",
            networks(after),
            networks(before)
        );
        judge.say(Kind::Exposure, change, subject, sentence);
    }
    if has("redirect_http") {
        let sentence = match after.redirect_http.given() {
            Some(false) => "plain HTTP is answered",
            _ => "plain HTTP is redirected to HTTPS",
        };
        judge.say(Kind::Exposure, change, subject, sentence);
    }
    let said = [
        "allow_cidrs",
        "redirect_http",
        "host",
        "aliases",
        "routes",
        "tls",
    ];
    let rest: Vec<&str> = changed
        .iter()
        .map(String::as_str)
        .filter(|name| !said.contains(name))
        .collect();
    if !rest.is_empty() {
        judge.say(
            Kind::Change,
            change,
            subject,
            format!("changes: {}", rest.join(", ")),
        );
    }
}

/// The address becomes another one where something else answers: another controller or Gateway.
fn moved(judge: &mut Judge, change: &Change, subject: &str) {
    let address = change.values.before("address").as_str();
    if let (Action::Update, Some(address), true) =
        (&change.action, address, change.values.is_unknown("address"))
    {
        let sentence = format!(
            "moves away from the address {address}: DNS records must follow, and until then the old address must answer"
        );
        judge.say(Kind::Exposure, change, subject, sentence);
    }
    let controller = |side: &serde_json::Value| side.as_str().map(str::to_owned);
    let sides = (
        controller(change.values.before("controller")),
        controller(change.values.after("controller")),
    );
    if let (Some(old), Some(new)) = sides
        && old != new
    {
        judge.say(
            Kind::Exposure,
            change,
            subject,
            format!("is served by {new} instead of {old}"),
        );
    }
}
