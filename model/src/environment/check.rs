//! What can be said about the arguments without a cluster.

use super::{Args, ContainerDefaults, Quota};
use crate::{Arg, At, Finding, Report, checks, labels, names};

/// All offline problems of an environment.
pub fn check(args: &Args) -> Vec<Finding> {
    let mut report = Report::default();
    check_name(args, &mut report);
    if let Some(given) = args.labels.given() {
        labels::check_labels(given, &At::of("labels"), &mut report);
    }
    if let Some(given) = args.annotations.given() {
        labels::check_annotations(given, &At::of("annotations"), &mut report);
    }
    checks::choice(
        &args.pod_security,
        &["restricted", "baseline", "privileged"],
        &At::of("pod_security"),
        &mut report,
    );
    checks::choice(
        &args.network,
        &["open", "isolated"],
        &At::of("network"),
        &mut report,
    );
    checks::positive_duration(&args.delete_timeout, &At::of("delete_timeout"), &mut report);
    check_allow_from(args, &mut report);
    if let Some(quota) = args.quota.given() {
        check_quota(quota, &At::of("quota"), &mut report);
    }
    if let Some(defaults) = args.container_defaults.given() {
        check_defaults(defaults, &At::of("container_defaults"), &mut report);
    }
    check_quota_with_defaults(args, &mut report);
    check_image_pull(args, &mut report);
    report.into_findings()
}

fn check_name(args: &Args, report: &mut Report) {
    let at = At::of("name");
    checks::environment(&args.name, &at, report);
    if args.name.text().starts_with("kube-") {
        report.error(
            &at,
            "Reserved name",
            "Names that start with `kube-` belong to Kubernetes. Choose another one.",
        );
    }
}

fn check_allow_from(args: &Args, report: &mut Report) {
    let at = At::of("allow_from");
    let Some(environments) = args.allow_from.given() else {
        return;
    };
    for (index, environment) in environments.iter().enumerate() {
        checks::environment(environment, &at.index(index), report);
    }
    if args.network.known_or("open".into()).as_deref() == Some("open") {
        let detail = "Everything may reach an `open` environment already. Set `network = \"isolated\"` or leave `allow_from` out.";
        report.warning(&at, "No effect", detail);
    }
}

fn check_quota(quota: &Quota, at: &At, report: &mut Report) {
    let cpu = checks::cpu(&quota.cpu, &at.attribute("cpu"), report);
    let cpu_limit = checks::cpu(&quota.cpu_limit, &at.attribute("cpu_limit"), report);
    checks::limit_covers_request(cpu, cpu_limit, ("cpu", "cpu_limit"), at, report);
    let memory = checks::memory(&quota.memory, &at.attribute("memory"), report);
    let memory_limit = checks::memory(&quota.memory_limit, &at.attribute("memory_limit"), report);
    checks::limit_covers_request(memory, memory_limit, ("memory", "memory_limit"), at, report);
    checks::amount(&quota.storage, &at.attribute("storage"), report);
    let counts = [
        ("gpu", &quota.gpu),
        ("pods", &quota.pods),
        ("claims", &quota.claims),
        ("services", &quota.services),
        ("load_balancers", &quota.load_balancers),
    ];
    for (name, count) in counts {
        checks::number(count, 0, i64::MAX, &at.attribute(name), report);
    }
}

fn check_defaults(defaults: &ContainerDefaults, at: &At, report: &mut Report) {
    let cpu = checks::cpu(&defaults.cpu, &at.attribute("cpu"), report);
    let cpu_limit = checks::cpu(&defaults.cpu_limit, &at.attribute("cpu_limit"), report);
    checks::limit_covers_request(cpu, cpu_limit, ("cpu", "cpu_limit"), at, report);
    let memory = checks::memory(&defaults.memory, &at.attribute("memory"), report);
    let memory_limit = checks::memory(
        &defaults.memory_limit,
        &at.attribute("memory_limit"),
        report,
    );
    checks::limit_covers_request(memory, memory_limit, ("memory", "memory_limit"), at, report);
}

/// A quota on CPU limits refuses every container without one, and services have none by default.
fn check_quota_with_defaults(args: &Args, report: &mut Report) {
    let limits_cpu = args
        .quota
        .given()
        .is_some_and(|quota| quota.cpu_limit.is_set());
    let none_by_default = match &args.container_defaults {
        Arg::Absent => true,
        Arg::Unknown => false,
        Arg::Given(defaults) => defaults.cpu_limit.is_absent(),
    };
    if limits_cpu && none_by_default {
        let detail = "With this quota every container without a CPU limit is refused, and a `seedling_service` has none \
                      unless it says `cpu_limit`. Set `container_defaults.cpu_limit`, or limit `quota.cpu` instead.";
        report.warning(
            &At::of("quota").attribute("cpu_limit"),
            "Containers without a CPU limit are refused",
            detail,
        );
    }
}

fn check_image_pull(args: &Args, report: &mut Report) {
    let at = At::of("image_pull");
    for (registry, login) in args.image_pull.given().into_iter().flatten() {
        let at = at.key(registry);
        let host = registry
            .split_once(':')
            .map_or(registry.as_str(), |(host, _)| host);
        let port = registry
            .split_once(':')
            .is_none_or(|(_, port)| port.parse::<u16>().is_ok());
        if names::dns_subdomain_problem(host).is_some() || !port {
            let detail = format!(
                "`{registry}` must be the registry's host name as it stands in images, such as `registry.example` or `docker.io`."
            );
            report.error(&at, "Invalid registry", detail);
        }
        if login
            .given()
            .is_some_and(|login| matches!(&login.username, Arg::Given(name) if name.is_empty()))
        {
            report.error(
                &at.attribute("username"),
                "Empty user name",
                "A login needs a user name.",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arg::all_unknown, finding::lines};
    use serde_json::{Value, json};

    fn check_json(args: Value) -> Vec<String> {
        lines(&check(&serde_json::from_value(args).unwrap()))
    }

    #[test]
    fn a_good_environment_has_no_findings() {
        let args = json!({
            "name": "prod", "labels": { "team": "core" }, "pod_security": "restricted", "network": "isolated",
            "allow_from": ["monitoring"], "quota": { "cpu": "8", "memory": "16Gi", "gpu": 1, "pods": 40 },
            "container_defaults": { "cpu": "100m", "memory": "128Mi" }, "delete_timeout": "5m",
            "image_pull": { "registry.example:5000": { "username": "u", "password": "p" } }
        });
        assert_eq!(check_json(args), [] as [&str; 0]);
    }

    #[test]
    fn nothing_is_said_about_unknown_values() {
        assert_eq!(check(&all_unknown()), []);
        let nested = Args {
            quota: Arg::Given(all_unknown()),
            container_defaults: Arg::Given(all_unknown()),
            ..all_unknown()
        };
        assert_eq!(check(&nested), []);
    }

    #[test]
    fn every_problem_is_found() {
        let table = [
            (json!({ "name": "Prod" }), "error name: Invalid name"),
            (json!({ "name": "" }), "error name: Invalid name"),
            (json!({ "name": "kube-x" }), "error name: Reserved name"),
            (
                json!({ "labels": { "seedling.dev/x": "a" } }),
                "error labels[\"seedling.dev/x\"]: Reserved key",
            ),
            (
                json!({ "annotations": { "a b": "a" } }),
                "error annotations[\"a b\"]: Invalid key",
            ),
            (
                json!({ "pod_security": "none" }),
                "error pod_security: Unknown value",
            ),
            (
                json!({ "network": "closed" }),
                "error network: Unknown value",
            ),
            (
                json!({ "allow_from": ["a"] }),
                "warning allow_from: No effect",
            ),
            (
                json!({ "network": "isolated", "allow_from": ["A"] }),
                "error allow_from[0]: Invalid name",
            ),
            (
                json!({ "quota": { "cpu": "lots" } }),
                "error quota.cpu: Invalid quantity",
            ),
            (
                json!({ "quota": { "cpu": "0.1m" } }),
                "error quota.cpu: Too fine",
            ),
            (
                json!({ "quota": { "memory": "16" } }),
                "error quota.memory: Too little memory",
            ),
            (
                json!({ "quota": { "memory": "2Gi", "memory_limit": "1Gi" } }),
                "error quota.memory_limit: Limit below request",
            ),
            (
                json!({ "quota": { "cpu_limit": "1" } }),
                "warning quota.cpu_limit: Containers without a CPU limit are refused",
            ),
            (
                json!({ "quota": { "pods": -1 } }),
                "error quota.pods: Number out of range",
            ),
            (
                json!({ "quota": { "storage": "-1Gi" } }),
                "error quota.storage: Negative amount",
            ),
            (
                json!({ "container_defaults": { "cpu": "2", "cpu_limit": "1" } }),
                "error container_defaults.cpu_limit: Limit below request",
            ),
            (
                json!({ "delete_timeout": "0s" }),
                "error delete_timeout: Duration is zero",
            ),
            (
                json!({ "image_pull": { "https://a": {} } }),
                "error image_pull[\"https://a\"]: Invalid registry",
            ),
        ];
        for (args, expected) in table {
            assert_eq!(check_json(args.clone()), [expected], "{args}");
        }
    }
}
