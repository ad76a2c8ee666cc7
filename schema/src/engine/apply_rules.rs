//! The core's rules for what apply returns (hashicorp/terraform,
//! internal/plans/objchange/compatible.go).

use super::violation::{Violation, all_unknown};
use crate::diagnostics::Diagnostics;
use crate::path::{Path, Step};
use crate::schema::Schema;
use crate::types::Type;
use crate::value::{Refinements, Value};

/// Checks a state that apply returned against the plan: what was known stays as it was, and nothing
/// is unknown any more.
pub(crate) fn check_applied(schema: &Schema, planned: &Value, actual: &Value) -> Diagnostics {
    let violations = compare(planned, actual, &schema.ty(), &Path::root());
    let mut diagnostics = Violation::report(
        violations,
        "Provider produced inconsistent result after apply",
    );
    diagnostics.extend(Violation::report(
        all_unknown(actual, &Path::root()),
        "Provider returned invalid result object after apply",
    ));
    diagnostics
}

/// The contradictions between a planned value and the actual one.
pub(super) fn compare(planned: &Value, actual: &Value, ty: &Type, path: &Path) -> Vec<Violation> {
    let one = |reason: &str| vec![Violation::new(path, reason)];
    match (planned, actual) {
        (Value::Unknown(_), Value::Unknown(_)) | (Value::Null, Value::Null) => Vec::new(),
        (Value::Unknown(refinements), _) if fits(refinements, actual) => Vec::new(),
        (Value::Unknown(_), _) => one("the value is none of those that were promised"),
        (_, Value::Unknown(_)) => one("the value was known and is now unknown"),
        (Value::Null, _) => one("the value was null and is now something else"),
        (_, Value::Null) => one("the value was planned and is now null"),
        (Value::Dynamic(planned_type, planned), Value::Dynamic(actual_type, actual)) => {
            if planned_type == actual_type {
                compare(planned, actual, planned_type, path)
            } else {
                one("the value has another type than planned")
            }
        }
        (Value::List(planned), Value::List(actual)) => compare_lists(planned, actual, ty, path),
        (Value::Map(planned), Value::Map(actual)) => {
            let step = |name: &str| match ty {
                Type::Map(_) => Step::Key(name.to_owned()),
                _ => Step::Attribute(name.to_owned()),
            };
            let mut violations = Vec::new();
            for (name, planned) in planned {
                let path = path.clone().step(step(name));
                match actual.get(name) {
                    Some(actual) => {
                        violations.extend(compare(planned, actual, element_type(ty, name), &path));
                    }
                    None => violations.push(Violation::new(&path, "the element has vanished")),
                }
            }
            let new = actual.keys().filter(|name| !planned.contains_key(*name));
            violations.extend(new.map(|name| {
                Violation::new(&path.clone().step(step(name)), "a new element has appeared")
            }));
            violations
        }
        _ if planned == actual => Vec::new(),
        _ => one("the value is another one than planned"),
    }
}

fn element_type<'a>(ty: &'a Type, name: &str) -> &'a Type {
    match ty {
        Type::Map(element) => element,
        Type::Object(members) => members.get(name).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

fn compare_lists(planned: &[Value], actual: &[Value], ty: &Type, path: &Path) -> Vec<Violation> {
    if let Type::Set(_) = ty {
        return compare_sets(planned, actual, path);
    }
    if planned.len() != actual.len() {
        return vec![Violation::new(
            path,
            format!(
                "the length was {} and is now {}",
                planned.len(),
                actual.len()
            ),
        )];
    }
    let pairs = planned.iter().zip(actual).enumerate();
    pairs
        .flat_map(|(position, (planned, actual))| {
            let ty = match ty {
                Type::List(element) => element,
                Type::Tuple(types) => types.get(position).unwrap_or(&Type::Dynamic),
                _ => &Type::Dynamic,
            };
            let index = i64::try_from(position).unwrap_or(i64::MAX);
            compare(planned, actual, ty, &path.clone().index(index))
        })
        .collect()
}

/// Elements that hold something unknown may become any element, or the same one.
fn compare_sets(planned: &[Value], actual: &[Value], path: &Path) -> Vec<Violation> {
    let (known, open): (Vec<_>, Vec<_>) = planned
        .iter()
        .partition(|element| element.is_wholly_known());
    if actual.len() > planned.len() {
        let reason = format!(
            "the set had {} elements and has now {}",
            planned.len(),
            actual.len()
        );
        return vec![Violation::new(path, reason)];
    }
    let vanished = known.iter().any(|element| !actual.contains(element));
    let appeared = open.is_empty() && actual.iter().any(|element| !known.contains(&element));
    match (vanished, appeared) {
        (true, _) => vec![Violation::new(
            path,
            "a planned element of the set is missing",
        )],
        (false, true) => vec![Violation::new(
            path,
            "the set has an element that was not planned",
        )],
        (false, false) => Vec::new(),
    }
}

/// Whether a value is one of those that a refined unknown promised.
fn fits(refinements: &Refinements, actual: &Value) -> bool {
    if actual.is_null() {
        return !refinements.not_null;
    }
    let length = actual
        .as_list()
        .map(<[Value]>::len)
        .or_else(|| actual.as_map().map(std::collections::BTreeMap::len));
    let length = length.and_then(|length| i64::try_from(length).ok());
    let prefix_fits = match (&refinements.prefix, actual.as_str()) {
        (Some(prefix), Some(text)) => text.starts_with(prefix.as_str()),
        _ => true,
    };
    prefix_fits
        && length.is_none_or(|length| {
            refinements.min_length.is_none_or(|least| length >= least)
                && refinements.max_length.is_none_or(|most| length <= most)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(planned: &Value, actual: &Value, ty: &Type) -> Vec<String> {
        let violations = compare(planned, actual, ty, &Path::of("a"));
        violations
            .into_iter()
            .map(|violation| format!("{}: {}", violation.path, violation.reason))
            .collect()
    }

    #[test]
    fn known_values_stay_and_unknown_ones_become_anything() {
        let text = Type::string();
        let list = Type::list(Type::string());
        let map = Type::map(Type::string());
        let texts =
            |texts: &[&str]| Value::List(texts.iter().map(|text| Value::from(*text)).collect());
        let cases = [
            (Value::from("x"), Value::from("x"), &text, ""),
            (Value::unknown(), Value::from("x"), &text, ""),
            (Value::unknown(), Value::Null, &text, ""),
            (
                Value::unknown_not_null(),
                Value::Null,
                &text,
                "a: the value is none of those",
            ),
            (
                Value::from("x"),
                Value::from("y"),
                &text,
                "a: the value is another one",
            ),
            (
                Value::from("x"),
                Value::Null,
                &text,
                "a: the value was planned and is now null",
            ),
            (
                Value::Null,
                Value::from("x"),
                &text,
                "a: the value was null",
            ),
            (
                Value::from("x"),
                Value::unknown(),
                &text,
                "a: the value was known",
            ),
            (
                texts(&["x"]),
                texts(&["x", "y"]),
                &list,
                "a: the length was 1",
            ),
            (
                texts(&["x", "y"]),
                texts(&["x", "z"]),
                &list,
                "a[1]: the value is another",
            ),
            (
                Value::object([("k", Value::Null)]),
                Value::object([]),
                &map,
                r#"a["k"]: the element has vanished"#,
            ),
            (
                Value::object([]),
                Value::object([("k", Value::Null)]),
                &map,
                r#"a["k"]: a new element"#,
            ),
        ];
        for (planned, actual, ty, wanted) in cases {
            let reasons = reasons(&planned, &actual, ty);
            match wanted {
                "" => assert_eq!(reasons, [""; 0]),
                _ => assert!(
                    reasons.len() == 1 && reasons[0].starts_with(wanted),
                    "{wanted}: {reasons:?}"
                ),
            }
        }
    }

    #[test]
    fn sets_may_shrink_where_something_was_unknown_and_never_grow() {
        let ty = Type::set(Type::string());
        let set = |elements: &[Value]| Value::List(elements.to_vec());
        let (a, b, open) = (Value::from("a"), Value::from("b"), Value::unknown());
        assert!(
            reasons(
                &set(&[a.clone(), open.clone()]),
                &set(std::slice::from_ref(&a)),
                &ty
            )
            .is_empty()
        );
        assert!(reasons(&set(&[a.clone(), open]), &set(&[a.clone(), b.clone()]), &ty).is_empty());
        assert_eq!(
            reasons(
                &set(std::slice::from_ref(&a)),
                &set(std::slice::from_ref(&b)),
                &ty
            )
            .len(),
            1
        );
        assert_eq!(
            reasons(&set(std::slice::from_ref(&a)), &set(&[a.clone(), b]), &ty).len(),
            1
        );
    }
}
