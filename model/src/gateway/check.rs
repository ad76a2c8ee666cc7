//! What can be said about the arguments without a cluster.

use super::{Args, class};
use crate::{At, Context, Finding, Report, checks, labels, names};

/// Problems of the arguments alone.
pub fn check(args: &Args) -> Vec<Finding> {
    let mut report = Report::default();
    checks::environment(&args.environment, &At::of("environment"), &mut report);
    // Controllers name the Service after Gateway and class, so the name must leave room in 63 characters.
    checks::name(
        &args.name,
        |name| names::service_name_problem(name, 40),
        &At::of("name"),
        &mut report,
    );
    checks::name(
        &args.class,
        names::dns_subdomain_problem,
        &At::of("class"),
        &mut report,
    );
    checks::positive_duration(
        &args.address_timeout,
        &At::of("address_timeout"),
        &mut report,
    );
    if let Some(annotations) = args.annotations.given() {
        labels::check_annotations(annotations, &At::of("annotations"), &mut report);
    }
    report.into_findings()
}

/// Problems of the arguments together with the provider block.
pub fn check_with(args: &Args, context: &Context) -> Vec<Finding> {
    let mut report = Report::default();
    if args.class.is_absent() && class(args, context).is_none() {
        let detail = "Name a GatewayClass here, such as `approuting-istio`, or for all gateways in the provider block: \
                      `ingress = { controller = \"gateway\", class = \"…\" }`.";
        report.error(&At::of("class"), "No class for the Gateway", detail);
    }
    report.into_findings()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Controller, IngressController, finding::lines};
    use serde_json::{Value, json};

    fn read(args: &Value) -> Args {
        serde_json::from_value(args.clone()).unwrap()
    }

    #[test]
    fn every_problem_is_found() {
        let table = [
            (
                json!({ "environment": "A" }),
                "error environment: Invalid name",
            ),
            (json!({ "name": "1a" }), "error name: Invalid name"),
            (json!({ "class": "A b" }), "error class: Invalid name"),
            (
                json!({ "address_timeout": "soon" }),
                "error address_timeout: Invalid duration",
            ),
            (
                json!({ "annotations": { "seedling.dev/x": "" } }),
                "error annotations[\"seedling.dev/x\"]: Reserved key",
            ),
        ];
        for (args, expected) in table {
            assert_eq!(lines(&check(&read(&args))), [expected], "{args}");
        }
        assert_eq!(
            check(&read(
                &json!({ "environment": "prod", "class": "istio", "internal": true })
            )),
            []
        );
    }

    #[test]
    fn a_class_comes_from_somewhere() {
        let with = |controller, class: Option<&str>| Context {
            ingress: Some(IngressController {
                controller,
                class: class.map(str::to_owned),
            }),
            ..Context::default()
        };
        let bare = read(&json!({}));
        assert_eq!(
            check_with(&bare, &with(Controller::Gateway, Some("istio"))),
            []
        );
        assert_eq!(
            check_with(&read(&json!({ "class": "a" })), &Context::default()),
            []
        );
        for context in [
            Context::default(),
            with(Controller::Gateway, None),
            with(Controller::IngressNginx, Some("nginx")),
        ] {
            assert_eq!(
                lines(&check_with(&bare, &context)),
                ["error class: No class for the Gateway"]
            );
        }
    }
}
