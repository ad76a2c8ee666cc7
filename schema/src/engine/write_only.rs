//! Second pass: write-only values go to the provider and nowhere else.

use super::nested::{element_path, elements, elements_mut};
use crate::attribute::{Attribute, Shape};
use crate::path::Path;
use crate::value::Value;

/// Makes every write-only value null.
pub(crate) fn clear(attributes: &[(String, Attribute)], value: &mut Value) {
    let Value::Map(members) = value else { return };
    for (name, attribute) in attributes {
        let Some(member) = members.get_mut(name) else {
            continue;
        };
        if attribute.write_only {
            *member = Value::Null;
        } else if let Shape::Nested(nesting, children) = &attribute.shape {
            for (_, element) in elements_mut(*nesting, member) {
                clear(children, element);
            }
        }
    }
}

/// The write-only attributes that have a value.
pub(crate) fn given(attributes: &[(String, Attribute)], value: &Value, path: &Path) -> Vec<Path> {
    let mut paths = Vec::new();
    for (name, attribute) in attributes {
        let (member, path) = (value.get(name), path.clone().attribute(name));
        if attribute.write_only && !member.is_null() {
            paths.push(path);
        } else if let Shape::Nested(nesting, children) = &attribute.shape {
            for (step, element) in elements(*nesting, member) {
                paths.extend(given(
                    children,
                    element,
                    &element_path(&path, step.as_ref()),
                ));
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Type;

    #[test]
    fn write_only_values_are_found_and_cleared_at_any_depth() {
        let secrets = Attribute::map_of(Type::string()).optional().write_only();
        let auth = Attribute::list_of_objects(vec![
            ("user", Attribute::string().required()),
            ("password", Attribute::string().required().write_only()),
        ]);
        let attributes = vec![
            ("secrets".to_owned(), secrets),
            ("auth".to_owned(), auth.optional()),
        ];
        let user = Value::object([("user", "u".into()), ("password", "p".into())]);
        let mut value = Value::object([
            ("secrets", Value::object([("A", "x".into())])),
            ("auth", Value::List(vec![user])),
        ]);
        let paths: Vec<_> = given(&attributes, &value, &Path::root())
            .iter()
            .map(Path::to_string)
            .collect();
        assert_eq!(paths, ["secrets", "auth[0].password"]);

        clear(&attributes, &mut value);
        assert!(given(&attributes, &value, &Path::root()).is_empty());
        assert_eq!(value.get("auth").element(0).get("user").as_str(), Some("u"));
    }
}
