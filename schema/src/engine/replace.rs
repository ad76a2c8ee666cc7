//! Fifth pass: which changes cannot be made in place.

use super::nested::{counterpart, element_path, elements};
use crate::attribute::{Attribute, Shape};
use crate::path::Path;
use crate::plan::Plan;
use crate::value::Value;

/// Adds the changed attributes that the schema marks, and brings all replace paths into order.
pub(super) fn collect(attributes: &[(String, Attribute)], plan: &mut Plan) {
    if plan.prior.is_null() {
        // There is nothing to replace, whatever the resource says.
        plan.replace.clear();
        return;
    }
    changed(
        attributes,
        &plan.prior,
        &plan.planned,
        &Path::root(),
        &mut plan.replace,
    );
    plan.replace.sort();
    plan.replace.dedup();
}

fn changed(
    attributes: &[(String, Attribute)],
    prior: &Value,
    planned: &Value,
    path: &Path,
    replace: &mut Vec<Path>,
) {
    for (name, attribute) in attributes {
        let (before, after) = (prior.get(name), planned.get(name));
        if before == after || attribute.write_only {
            continue;
        }
        let path = path.clone().attribute(name);
        if attribute.replaces {
            replace.push(path);
        } else if let Shape::Nested(nesting, children) = &attribute.shape {
            for (step, element) in elements(*nesting, after) {
                let step = step.as_ref();
                changed(
                    children,
                    counterpart(before, step),
                    element,
                    &element_path(&path, step),
                    replace,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::Private;

    #[test]
    fn only_changed_attributes_replace() {
        let storage = Attribute::map_of_objects(vec![
            ("size", Attribute::string().required()),
            ("class", Attribute::string().required().replaces()),
        ]);
        let attributes = vec![
            ("name".to_owned(), Attribute::string().required().replaces()),
            ("storage".to_owned(), storage.optional()),
        ];
        let thing = |name: &str, class: &str| {
            let volume = Value::object([("size", "1Gi".into()), ("class", class.into())]);
            Value::object([
                ("name", name.into()),
                ("storage", Value::object([("/data", volume)])),
            ])
        };
        let replaced = |prior: Value, planned: Value| {
            let mut plan = Plan {
                config: planned.clone(),
                prior,
                planned,
                prior_private: Private::default(),
                planned_private: Private::default(),
                replace: Vec::new(),
            };
            collect(&attributes, &mut plan);
            plan.replace.iter().map(Path::to_string).collect::<Vec<_>>()
        };
        assert!(replaced(thing("a", "x"), thing("a", "x")).is_empty());
        assert!(replaced(Value::Null, thing("a", "x")).is_empty());
        assert_eq!(replaced(thing("a", "x"), thing("b", "x")), ["name"]);
        assert_eq!(
            replaced(thing("a", "x"), thing("a", "y")),
            [r#"storage["/data"].class"#]
        );
    }
}
