//! Environment variables.

use std::collections::BTreeMap;

use crate::{
    Arg, At, Report, checks, names,
    service::{Args, parts::SecretRef},
};

pub(super) fn check(args: &Args, report: &mut Report) {
    let sources = [
        ("config", keys(&args.config)),
        ("secrets", keys(&args.secrets)),
        ("secret_refs", keys(&args.secret_refs)),
        ("environment_from_field", keys(&args.environment_from_field)),
    ];
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (source, names) in sources {
        for name in names {
            let at = At::of(source).key(name);
            check_name(name, &at, report);
            if let Some(earlier) = seen.insert(name, source) {
                let detail = format!(
                    "`{name}` is set in `{earlier}` too, and a variable has one value. Remove one of them."
                );
                report.error(&at, "Variable set twice", detail);
            }
        }
    }
    check_references(&args.secret_refs, &At::of("secret_refs"), report);
    check_fields(args, report);
    check_nulls("config", &args.config, report);
    check_nulls("files", &args.files, report);
    check_nulls("secrets", &args.secrets, report);
    check_nulls("secret_files", &args.secret_files, report);
}

/// A key without a value would be asked for by the pods and found nowhere.
fn check_nulls<T>(argument: &str, map: &Arg<BTreeMap<String, Arg<T>>>, report: &mut Report) {
    for (name, value) in map.given().into_iter().flatten() {
        if value.is_absent() {
            let detail = format!(
                "`{name}` is null. Give a value (an empty text is one), or leave the entry out."
            );
            report.error(&At::of(argument).key(name), "Value is null", detail);
        }
    }
}

/// Names and references of a sidecar or init container.
pub(super) fn check_own(
    config: &Arg<BTreeMap<String, Arg<String>>>,
    secret_refs: &Arg<BTreeMap<String, Arg<SecretRef>>>,
    at: &At,
    report: &mut Report,
) {
    for name in keys(config) {
        check_name(name, &at.attribute("config").key(name), report);
    }
    for name in keys(secret_refs) {
        let at = at.attribute("secret_refs").key(name);
        check_name(name, &at, report);
        if keys(config).contains(&name) {
            report.error(
                &at,
                "Variable set twice",
                format!("`{name}` is set in `config` too. Remove one of them."),
            );
        }
    }
    check_references(secret_refs, &at.attribute("secret_refs"), report);
}

fn keys<T>(map: &Arg<BTreeMap<String, Arg<T>>>) -> Vec<&str> {
    map.given()
        .into_iter()
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
        .collect()
}

/// Variables are keys of a ConfigMap or Secret too, whose keys know fewer characters than variables.
fn check_name(name: &str, at: &At, report: &mut Report) {
    if let Some(problem) = names::data_key_problem(name) {
        report.error(at, "Invalid variable name", format!("`{name}` {problem}."));
    } else if !names::is_shell_variable(name) {
        let detail = format!(
            "Kubernetes accepts `{name}`, but shells and many programs only read letters, digits and `_`, not starting with a digit."
        );
        report.warning(at, "Unusual variable name", detail);
    }
}

fn check_references(
    references: &Arg<BTreeMap<String, Arg<SecretRef>>>,
    at: &At,
    report: &mut Report,
) {
    for (name, reference) in references.given().into_iter().flatten() {
        let Some(reference) = reference.given() else {
            continue;
        };
        let at = at.key(name);
        checks::name(
            &reference.secret,
            names::dns_subdomain_problem,
            &at.attribute("secret"),
            report,
        );
        checks::name(
            &reference.key,
            names::data_key_problem,
            &at.attribute("key"),
            report,
        );
    }
}

/// The fields that a container can read, from `k8s.io/kubernetes/pkg/apis/core/validation`.
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

fn check_fields(args: &Args, report: &mut Report) {
    for (name, field) in args.environment_from_field.given().into_iter().flatten() {
        let Some(field) = field.given() else { continue };
        if !is_field(field) {
            let detail = format!(
                "`{field}` cannot be read by a container. Use one of {}, `metadata.labels['…']`, `metadata.annotations['…']`, or `limits.` or `requests.` with {}.",
                FIELDS.map(|field| format!("`{field}`")).join(", "),
                RESOURCES.map(|resource| format!("`{resource}`")).join(", ")
            );
            report.error(
                &At::of("environment_from_field").key(name),
                "Unknown field",
                detail,
            );
        }
    }
}

fn is_field(field: &str) -> bool {
    let keyed = ["metadata.labels['", "metadata.annotations['"];
    let resource = field
        .strip_prefix("limits.")
        .or_else(|| field.strip_prefix("requests."));
    FIELDS.contains(&field)
        || resource.is_some_and(|resource| RESOURCES.contains(&resource))
        || (keyed.iter().any(|prefix| field.starts_with(prefix)) && field.ends_with("']"))
}
