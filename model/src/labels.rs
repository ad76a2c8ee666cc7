//! The labels and annotations by which Seedling knows its objects.

use std::collections::BTreeMap;

use crate::{Arg, At, Context, Report, names};

/// The field manager of everything we apply, except where a second one is named.
pub const FIELD_MANAGER: &str = "seedling";
/// The field manager that holds `replicas` while the autoscaler takes over.
pub const SCALE_FIELD_MANAGER: &str = "seedling-scale";

/// Prefix of all our labels and annotations.
pub const PREFIX: &str = "seedling.dev/";
/// Label: the project that owns an object.
pub const PROJECT: &str = "seedling.dev/project";
/// Label: the resource type without its prefix, such as `service`.
pub const TYPE: &str = "seedling.dev/type";
/// Label: the resource's name.
pub const NAME: &str = "seedling.dev/name";
/// Label: the resource's environment, on objects that live in another one (a certificate beside a shared Gateway).
pub const ENVIRONMENT: &str = "seedling.dev/environment";
/// Annotation: the arguments as JSON, on the leading object.
pub const INTENT: &str = "seedling.dev/intent";
/// Annotation: the create of this object's resource has not ended.
pub const UNFINISHED: &str = "seedling.dev/unfinished";
/// Annotation: when the create ended.
pub const CREATED: &str = "seedling.dev/created";
/// Annotation: when pods that had been refused were last asked for again; changes only to be seen.
pub const RETRIED: &str = "seedling.dev/retried";
/// Annotation on a Secret: the key of its digests, base64.
pub const DIGEST_KEY: &str = "seedling.dev/digest-key";
/// Annotation on a storage claim: `retain` or `delete`.
pub const ON_DESTROY: &str = "seedling.dev/on-destroy";
/// Label on nodes: their node pool.
pub const NODE_POOL: &str = "seedling.dev/node-pool";
/// Taint on nodes that only run services naming their pool.
pub const DEDICATED: &str = "seedling.dev/dedicated";
/// Label that AKS puts on nodes: their node pool.
pub const AKS_NODE_POOL: &str = "kubernetes.azure.com/agentpool";
/// Label that Kubernetes puts on namespaces: their name.
pub const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// The labels of every object of a resource: the provider's, then ours, which win.
pub fn of_resource(context: &Context, resource_type: &str, name: &str) -> BTreeMap<String, String> {
    let mut labels = context.labels.clone();
    labels.insert("app.kubernetes.io/managed-by".into(), FIELD_MANAGER.into());
    labels.insert("app.kubernetes.io/name".into(), name.into());
    labels.insert(PROJECT.into(), context.project.clone());
    labels.insert(TYPE.into(), resource_type.into());
    labels.insert(NAME.into(), name.into());
    labels
}

/// Checks labels as a user writes them: key and value syntax, and that none of ours is claimed.
pub fn check_labels(labels: &BTreeMap<String, Arg<String>>, at: &At, report: &mut Report) {
    for (key, value) in labels {
        let at = at.key(key);
        check_key(key, &at, report);
        if let Some(problem) = value
            .given()
            .and_then(|text| names::label_value_problem(text))
        {
            report.error(
                &at,
                "Invalid label value",
                format!("The value of `{key}` {problem}."),
            );
        }
    }
}

/// Checks annotations as a user writes them.
pub fn check_annotations(
    annotations: &BTreeMap<String, Arg<String>>,
    at: &At,
    report: &mut Report,
) {
    for key in annotations.keys() {
        check_key(key, &at.key(key), report);
    }
}

fn check_key(key: &str, at: &At, report: &mut Report) {
    if key.starts_with(PREFIX) {
        report.error(
            at,
            "Reserved key",
            format!(
                "`{key}` belongs to Seedling, which sets it itself. Use a key with another prefix."
            ),
        );
    } else if let Some(problem) = names::qualified_name_problem(key) {
        report.error(at, "Invalid key", format!("The key `{key}` {problem}."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::lines;

    #[test]
    fn ours_win_over_the_providers() {
        let context = Context {
            project: "acme".into(),
            labels: BTreeMap::from([
                ("team".into(), "core".into()),
                (NAME.into(), "other".into()),
            ]),
            ingress: None,
        };
        let labels = of_resource(&context, "service", "api");
        assert_eq!(labels["team"], "core");
        assert_eq!(labels[NAME], "api");
        assert_eq!(labels[PROJECT], "acme");
    }

    #[test]
    fn keys_and_values_are_checked() {
        let labels = [
            ("team", "core"),
            ("seedling.dev/name", "x"),
            ("a b", "x"),
            ("note", "two words"),
        ]
        .map(|(key, value)| (key.to_owned(), Arg::from(value)));
        let mut report = Report::default();
        check_labels(&BTreeMap::from(labels), &At::of("labels"), &mut report);
        assert_eq!(
            lines(&report.into_findings()),
            [
                "error labels[\"a b\"]: Invalid key",
                "error labels[\"note\"]: Invalid label value",
                "error labels[\"seedling.dev/name\"]: Reserved key"
            ]
        );
    }
}
