//! Sidecars and init containers.

use std::collections::BTreeSet;

use super::{capacity, check_image, health, variables};
use crate::{
    At, Report, names,
    service::{
        Args,
        parts::{Container, InitContainer},
    },
};

pub(super) fn check(args: &Args, report: &mut Report) {
    let mut seen = BTreeSet::from([args.name.text()]);
    for (name, sidecar) in args.sidecars.given().into_iter().flatten() {
        let at = At::of("sidecars").key(name);
        check_name(name, &mut seen, &at, report);
        if let Some(sidecar) = sidecar.given() {
            check_sidecar(sidecar, &at, report);
        }
    }
    for (index, container) in args.init.given().into_iter().flatten().enumerate() {
        let Some(container) = container.given() else {
            continue;
        };
        let at = At::of("init").index(index);
        if let Some(name) = container.name.given() {
            check_name(name, &mut seen, &at.attribute("name"), report);
        }
        check_init(container, &at, report);
    }
}

fn check_sidecar(sidecar: &Container, at: &At, report: &mut Report) {
    check_image(&sidecar.image, &at.attribute("image"), report);
    variables::check_own(&sidecar.config, &sidecar.secret_refs, at, report);
    capacity::check_resources(&sidecar.resources, &at.attribute("resources"), report);
    health::check_sidecar(&sidecar.health, &at.attribute("health"), report);
}

fn check_init(container: &InitContainer, at: &At, report: &mut Report) {
    check_image(&container.image, &at.attribute("image"), report);
    variables::check_own(&container.config, &container.secret_refs, at, report);
    capacity::check_resources(&container.resources, &at.attribute("resources"), report);
}

fn check_name<'a>(name: &'a str, seen: &mut BTreeSet<&'a str>, at: &At, report: &mut Report) {
    if let Some(problem) = names::dns_label_problem(name, 63) {
        report.error(at, "Invalid container name", format!("`{name}` {problem}."));
    } else if !seen.insert(name) {
        let detail = format!(
            "Another container of the pod is called `{name}` (the program's has the service's name). Choose another name."
        );
        report.error(at, "Container name used twice", detail);
    }
}
