//! Third pass: what only apply can tell.

use super::nested::{counterpart, elements_mut};
use crate::attribute::{Attribute, Planning, Shape};
use crate::value::Value;

/// Makes every computed value unknown that neither the configuration nor the schema gives.
pub(super) fn mark(
    attributes: &[(String, Attribute)],
    config: &Value,
    prior: &Value,
    planned: &mut Value,
) {
    let Value::Map(members) = planned else { return };
    for (name, attribute) in attributes {
        let member = members.entry(name.clone()).or_default();
        let (given, before) = (config.get(name), prior.get(name));
        if given.is_null() {
            if attribute.computed && told_by_apply(&attribute.planning, before) {
                *member = Value::unknown();
            }
        } else if let Shape::Nested(nesting, children) = &attribute.shape {
            for (step, element) in elements_mut(*nesting, member) {
                let step = step.as_ref();
                mark(
                    children,
                    counterpart(given, step),
                    counterpart(before, step),
                    element,
                );
            }
        }
    }
}

fn told_by_apply(planning: &Planning, before: &Value) -> bool {
    match planning {
        Planning::Default(_) | Planning::Always(_) => false,
        Planning::KeepsPrior => before.is_null(),
        Planning::UnknownOnChange => true,
    }
}

/// Whether the only difference between two plans is that something became unknown.
pub(crate) fn only_marked_unknown(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (_, Value::Unknown(_)) => true,
        (Value::Map(before), Value::Map(after)) => {
            before.len() == after.len()
                && before.iter().all(|(name, value)| {
                    after
                        .get(name)
                        .is_some_and(|other| only_marked_unknown(value, other))
                })
        }
        (Value::List(before), Value::List(after)) => {
            before.len() == after.len()
                && before
                    .iter()
                    .zip(after)
                    .all(|(value, other)| only_marked_unknown(value, other))
        }
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_values_become_unknown_unless_the_schema_says_otherwise() {
        let attributes = vec![
            ("name".to_owned(), Attribute::string().required()),
            ("id".to_owned(), Attribute::string().keeps_prior()),
            ("revision".to_owned(), Attribute::number().computed()),
            (
                "status".to_owned(),
                Attribute::string().planned_as("complete"),
            ),
        ];
        let config = Value::object([("name", "a".into())]);
        let values = Value::object([
            ("name", "a".into()),
            ("id", "7".into()),
            ("revision", 1.into()),
            ("status", "complete".into()),
        ]);

        let mut updated = values.clone();
        mark(&attributes, &config, &values, &mut updated);
        assert_eq!(updated.get("id").as_str(), Some("7"));
        assert!(updated.get("revision").is_unknown());
        assert_eq!(updated.get("status").as_str(), Some("complete"));
        assert!(only_marked_unknown(&values, &updated));
        assert!(!only_marked_unknown(&updated, &values));

        let mut created = values.clone();
        mark(&attributes, &config, &Value::Null, &mut created);
        assert!(created.get("id").is_unknown());
    }
}
