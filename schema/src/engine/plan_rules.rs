//! Sixth pass: the core's rules for planned values (hashicorp/terraform,
//! internal/plans/objchange/plan_valid.go), so that a contradiction is found here, with its path.

use super::nested::{counterpart, element_path, elements};
use super::violation::{Violation, all_unknown};
use crate::attribute::{Attribute, Nesting, Shape};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::plan::Plan;
use crate::schema::Schema;
use crate::value::Value;

/// Checks a plan as the core will.
pub(crate) fn check_planned(schema: &Schema, plan: &Plan) -> Diagnostics {
    let mut violations = check(schema, &plan.prior, &plan.config, &plan.planned);
    for path in &plan.replace {
        if plan.prior.at(path).is_none() && plan.planned.at(path).is_none() {
            violations.push(Violation::new(
                path,
                "a replacement was asked for an attribute that does not exist",
            ));
        }
    }
    Violation::report(violations, "Provider planned an invalid value")
}

/// Checks what an ephemeral resource or a data source gave: configured values kept, all of it known.
pub(crate) fn check_opened(schema: &Schema, config: &Value, result: &Value) -> Diagnostics {
    if result.is_null() {
        return Diagnostic::error(
            "Provider returned nothing",
            "The provider reported neither a result nor an error. This is a bug in the provider. Please report it.",
        )
        .into();
    }
    let mut violations = check(schema, &Value::Null, config, result);
    violations.extend(all_unknown(result, &Path::root()));
    Violation::report(violations, "Provider returned an invalid value")
}

fn check(schema: &Schema, prior: &Value, config: &Value, planned: &Value) -> Vec<Violation> {
    let (mut config, mut planned) = (config.clone(), planned.clone());
    config.forget_refinements();
    config.normalize(&schema.ty());
    planned.forget_refinements();
    let mut violations = Vec::new();
    if presence_agrees(&config, &planned, &Path::root(), &mut violations) && !planned.is_null() {
        check_attributes(
            &schema.attributes,
            Sides {
                prior,
                config: &config,
                planned: &planned,
            },
            &Path::root(),
            &mut violations,
        );
    }
    violations
}

/// The three values that belong together.
#[derive(Clone, Copy)]
struct Sides<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

fn presence_agrees(
    config: &Value,
    planned: &Value,
    path: &Path,
    violations: &mut Vec<Violation>,
) -> bool {
    let reason = match (config.is_null(), planned.is_null()) {
        (false, true) => "it is planned to be absent, but the configuration wants it",
        (true, false) => "it is planned to exist, but the configuration does not want it",
        _ => return true,
    };
    violations.push(Violation::new(path, reason));
    false
}

fn check_attributes(
    attributes: &[(String, Attribute)],
    sides: Sides<'_>,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    for (name, attribute) in attributes {
        let member = Sides {
            prior: sides.prior.get(name),
            config: sides.config.get(name),
            planned: sides.planned.get(name),
        };
        check_attribute(attribute, member, &path.clone().attribute(name), violations);
    }
}

fn check_attribute(
    attribute: &Attribute,
    sides: Sides<'_>,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    let Sides {
        prior,
        config,
        planned,
    } = sides;
    if attribute.write_only {
        if !planned.is_null() {
            violations.push(Violation::new(
                path,
                "it is write-only, but a value is planned",
            ));
        }
        return;
    }
    let keeps_prior = planned == prior && !prior.is_null() && !config.is_null();
    if planned == config || keeps_prior || (attribute.computed && config.is_null()) {
        return;
    }
    if config.is_null() {
        violations.push(Violation::new(
            path,
            "a value is planned for an attribute that is not computed",
        ));
        return;
    }
    match &attribute.shape {
        Shape::Nested(nesting, children) => {
            check_nested(*nesting, children, sides, path, violations);
        }
        Shape::Plain(_) => {
            violations.push(Violation::new(
                path,
                "the planned value is neither the configured one nor the prior one",
            ));
        }
    }
}

fn check_nested(
    nesting: Nesting,
    children: &[(String, Attribute)],
    sides: Sides<'_>,
    path: &Path,
    violations: &mut Vec<Violation>,
) {
    let Sides {
        prior,
        config,
        planned,
    } = sides;
    if !presence_agrees(config, planned, path, violations) {
        return;
    }
    if planned.is_unknown() {
        violations.push(Violation::new(
            path,
            "it is planned as unknown, although it is configured",
        ));
        return;
    }
    let (planned_elements, config_elements) =
        (elements(nesting, planned), elements(nesting, config));
    let steps = |elements: &[(Option<_>, &Value)]| {
        elements
            .iter()
            .map(|(step, _)| step.clone())
            .collect::<Vec<_>>()
    };
    if steps(&planned_elements) != steps(&config_elements) {
        violations.push(Violation::new(
            path,
            "the plan has other elements than the configuration",
        ));
        return;
    }
    for (step, element) in planned_elements {
        let step = step.as_ref();
        let path = element_path(path, step);
        if element.is_unknown() {
            violations.push(Violation::new(
                &path,
                "an element is planned as unknown; only its attributes may be",
            ));
            continue;
        }
        let member = Sides {
            prior: counterpart(prior, step),
            config: counterpart(config, step),
            planned: element,
        };
        check_attributes(children, member, &path, violations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let ports = Attribute::map_of_objects(vec![
            ("port", Attribute::number().required()),
            ("target", Attribute::number().optional().computed()),
        ]);
        Schema::new(0)
            .attribute("name", Attribute::string().required())
            .attribute("note", Attribute::string().optional())
            .attribute("id", Attribute::string().computed())
            .attribute("secret", Attribute::string().optional().write_only())
            .attribute("ports", ports.optional())
    }

    fn reasons(prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
        let violations = check(&schema(), prior, config, planned);
        violations
            .into_iter()
            .map(|violation| format!("{}: {}", violation.path, violation.reason))
            .collect()
    }

    #[test]
    fn what_core_accepts_is_accepted() {
        let config = Value::object([("name", "A".into()), ("secret", "s".into())]);
        let prior = Value::object([("name", "a".into())]);
        let cases = [
            Value::object([("name", "A".into()), ("id", Value::unknown())]),
            Value::object([("name", "a".into()), ("id", "7".into())]),
        ];
        for planned in cases {
            assert_eq!(reasons(&prior, &config, &planned), [""; 0], "{planned:?}");
        }
        assert_eq!(reasons(&prior, &Value::Null, &Value::Null), [""; 0]);
    }

    #[test]
    fn what_core_refuses_is_found_with_its_path() {
        let ports =
            |key: &str, port: Value| Value::object([(key, Value::object([("port", port)]))]);
        let config = Value::object([("name", "A".into()), ("ports", ports("http", 80.into()))]);
        let with = |name: &str, value: Value| {
            let mut planned = config.clone();
            planned.set(name, value);
            planned
        };
        let cases = [
            (
                with("name", "other".into()),
                "name: the planned value is neither",
            ),
            (
                with("name", Value::unknown()),
                "name: the planned value is neither",
            ),
            (
                with("note", "x".into()),
                "note: a value is planned for an attribute that is not computed",
            ),
            (with("secret", "x".into()), "secret: it is write-only"),
            (
                with("ports", Value::Null),
                "ports: it is planned to be absent",
            ),
            (
                with("ports", Value::unknown()),
                "ports: it is planned as unknown",
            ),
            (
                with("ports", ports("grpc", 80.into())),
                "ports: the plan has other elements",
            ),
            (
                with("ports", ports("http", 81.into())),
                r#"ports["http"].port: the planned value"#,
            ),
            (Value::Null, ": it is planned to be absent"),
        ];
        for (planned, wanted) in cases {
            let reasons = reasons(&Value::Null, &config, &planned);
            assert!(
                reasons.len() == 1 && reasons[0].starts_with(wanted),
                "{wanted}: {reasons:?}"
            );
        }
    }
}
