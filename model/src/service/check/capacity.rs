//! Number of pods, autoscaling and resources.

use crate::{
    Arg, At, Report, checks,
    service::{
        Args,
        parts::{Autoscale, Resources},
    },
};

pub(super) fn check(args: &Args, report: &mut Report) {
    checks::number(
        &args.replicas,
        0,
        i64::from(i32::MAX),
        &At::of("replicas"),
        report,
    );
    check_resources(&args.resources, &At::of("resources"), report);
    let Some(autoscale) = args.autoscale.given() else {
        return;
    };
    if args.replicas.given().is_some() {
        let detail = "The autoscaler decides about the number of pods. Leave `replicas` out, or `autoscale`.";
        report.error(
            &At::of("replicas"),
            "Both `replicas` and `autoscale`",
            detail,
        );
    }
    check_bounds(autoscale, &At::of("autoscale"), report);
    check_measured(args, autoscale, report);
}

/// Quantities, and limits that cover requests; also for sidecars and init containers.
pub(super) fn check_resources(resources: &Arg<Resources>, at: &At, report: &mut Report) {
    let Some(resources) = resources.given() else {
        return;
    };
    let cpu = checks::cpu(&resources.cpu, &at.attribute("cpu"), report);
    let cpu_limit = checks::cpu(&resources.cpu_limit, &at.attribute("cpu_limit"), report);
    checks::limit_covers_request(cpu, cpu_limit, ("cpu", "cpu_limit"), at, report);
    let memory = checks::memory(&resources.memory, &at.attribute("memory"), report);
    let memory_limit = checks::memory(
        &resources.memory_limit,
        &at.attribute("memory_limit"),
        report,
    );
    checks::limit_covers_request(memory, memory_limit, ("memory", "memory_limit"), at, report);
    checks::number(&resources.gpu, 0, 64, &at.attribute("gpu"), report);
}

fn check_bounds(autoscale: &Autoscale, at: &At, report: &mut Report) {
    let min = checks::number(
        &autoscale.min,
        1,
        i64::from(i32::MAX),
        &at.attribute("min"),
        report,
    );
    let max = checks::number(
        &autoscale.max,
        1,
        i64::from(i32::MAX),
        &at.attribute("max"),
        report,
    );
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        report.error(
            &at.attribute("min"),
            "`min` above `max`",
            format!("`min` is {min} and `max` is {max}. Swap or change them."),
        );
    }
    checks::number(
        &autoscale.cpu_percent,
        1,
        1000,
        &at.attribute("cpu_percent"),
        report,
    );
    checks::number(
        &autoscale.memory_percent,
        1,
        1000,
        &at.attribute("memory_percent"),
        report,
    );
}

/// A percentage is one of the request: without a request the autoscaler does nothing.
fn check_measured(args: &Args, autoscale: &Autoscale, report: &mut Report) {
    let by_memory = autoscale.memory_percent.is_set();
    let by_cpu = autoscale.cpu_percent.is_set() || !by_memory;
    let measured = [("cpu", by_cpu, "250m"), ("memory", by_memory, "512Mi")]
        .into_iter()
        .filter(|(_, measured, _)| *measured);
    for (what, _, example) in measured {
        if !requests(&args.resources, what) {
            let detail = format!(
                "The autoscaler compares use with `resources.{what}`, which is not set, so it would never act. \
                 Set it, for example `resources = {{ {what} = \"{example}\" }}`."
            );
            report.error(
                &At::of("autoscale"),
                format!("Autoscaling without `resources.{what}`"),
                detail,
            );
        }
        for (name, sidecar) in args.sidecars.given().into_iter().flatten() {
            if sidecar
                .given()
                .is_some_and(|sidecar| !requests(&sidecar.resources, what))
            {
                let detail = format!(
                    "The autoscaler needs the request of every container. Without `resources.{what}` here it acts only where the environment's `container_defaults` fill it in."
                );
                report.warning(
                    &At::of("sidecars").key(name),
                    format!("Autoscaling with a sidecar without `resources.{what}`"),
                    detail,
                );
            }
        }
    }
}

/// Whether a request is stated, or may be. A limit alone counts: Kubernetes takes it as the request.
fn requests(resources: &Arg<Resources>, what: &str) -> bool {
    match resources {
        Arg::Absent => false,
        Arg::Unknown => true,
        Arg::Given(resources) if what == "cpu" => {
            resources.cpu.is_set() || resources.cpu_limit.is_set()
        }
        Arg::Given(resources) => resources.memory.is_set() || resources.memory_limit.is_set(),
    }
}
