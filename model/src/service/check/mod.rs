//! What can be said about the arguments without a cluster, one file per subject.

mod capacity;
mod containers;
mod files;
mod health;
mod pod;
mod ports;
mod rollout;
mod storage;
#[cfg(test)]
mod tests;
mod variables;

use super::Args;
use crate::{Arg, At, Finding, Report, checks, image, names};

/// Longest name of a service: a dash, eight digits and room for Kubernetes' own suffixes must fit into 63 characters.
const LONGEST_NAME: usize = 50;

/// All offline problems of a service.
pub fn check(args: &Args) -> Vec<Finding> {
    let mut report = Report::default();
    checks::environment(&args.environment, &At::of("environment"), &mut report);
    checks::name(
        &args.name,
        |name| names::service_name_problem(name, LONGEST_NAME),
        &At::of("name"),
        &mut report,
    );
    check_image(&args.image, &At::of("image"), &mut report);
    ports::check(args, &mut report);
    capacity::check(args, &mut report);
    storage::check(args, &mut report);
    rollout::check(args, &mut report);
    variables::check(args, &mut report);
    files::check(args, &mut report);
    health::check(args, &mut report);
    containers::check(args, &mut report);
    pod::check(args, &mut report);
    report.into_findings()
}

fn check_image(reference: &Arg<String>, at: &At, report: &mut Report) {
    let Some(text) = reference.given() else {
        return;
    };
    if let Err(problem) = image::parse(text) {
        let detail = format!(
            "The image `{text}` {problem}. Write it like `registry.example/acme/api:1.4.2`."
        );
        report.error(at, "Invalid image reference", detail);
    }
}
