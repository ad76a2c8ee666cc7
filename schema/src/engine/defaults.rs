//! First pass: values that the schema knows where the configuration gives none.

use super::nested::{counterpart, elements_mut};
use crate::attribute::{Attribute, Planning, Shape};
use crate::value::Value;

/// Fills in defaults and values that are always planned, in nested objects too.
pub(super) fn fill(attributes: &[(String, Attribute)], config: &Value, planned: &mut Value) {
    let Value::Map(members) = planned else { return };
    for (name, attribute) in attributes {
        let member = members.entry(name.clone()).or_default();
        let mut given = config.get(name);
        if given.is_null() {
            match &attribute.planning {
                Planning::Always(value) => member.clone_from(value),
                Planning::Default(value) => {
                    member.clone_from(value);
                    given = value;
                }
                Planning::KeepsPrior | Planning::UnknownOnChange => {}
            }
        }
        // What the provider computed as a whole has no defaults of its parts.
        if let (Shape::Nested(nesting, children), false) = (&attribute.shape, given.is_null()) {
            for (step, element) in elements_mut(*nesting, member) {
                fill(children, counterpart(given, step.as_ref()), element);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes() -> Vec<(String, Attribute)> {
        let port = Attribute::map_of_objects(vec![
            ("port", Attribute::number().required()),
            ("protocol", Attribute::string().default_to("TCP")),
        ]);
        let rollout = Attribute::object(vec![
            ("surge", Attribute::string().default_to("25%")),
            ("timeout", Attribute::string().default_to("10m")),
        ]);
        vec![
            ("ports".to_owned(), port.optional()),
            (
                "rollout".to_owned(),
                rollout.default_to(Value::object([("surge", "1".into())])),
            ),
            (
                "status".to_owned(),
                Attribute::string().planned_as("complete"),
            ),
        ]
    }

    #[test]
    fn defaults_reach_into_elements_and_into_defaults() {
        let config = Value::object([(
            "ports",
            Value::object([("http", Value::object([("port", 80.into())]))]),
        )]);
        let mut planned = config.clone();
        planned.set("status", "failed".into());
        fill(&attributes(), &config, &mut planned);
        assert_eq!(
            planned.get("ports").get("http").get("protocol").as_str(),
            Some("TCP")
        );
        assert_eq!(planned.get("rollout").get("surge").as_str(), Some("1"));
        assert_eq!(planned.get("rollout").get("timeout").as_str(), Some("10m"));
        assert_eq!(planned.get("status").as_str(), Some("complete"));
    }

    #[test]
    fn a_given_object_gets_the_defaults_of_its_parts() {
        let config = Value::object([(
            "rollout",
            Value::object([("surge", "2".into()), ("timeout", Value::Null)]),
        )]);
        let mut planned = config.clone();
        fill(&attributes(), &config, &mut planned);
        assert_eq!(planned.get("rollout").get("surge").as_str(), Some("2"));
        assert_eq!(planned.get("rollout").get("timeout").as_str(), Some("10m"));
        assert!(planned.get("ports").is_null());
    }
}
