//! `$filter`: `eq`, `startswith`, `x/any(c:c eq '…')`, joined by `and`, `or` (Graph docs, "Use the $filter query parameter").

use serde_json::Value;

use super::error;
use crate::http::Refusal;

/// A condition.
#[derive(Debug, PartialEq)]
enum Condition {
    Equal(String, Value),
    Starts(String, String),
    Any(String, Value),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

/// The values for which a filter holds; all without one.
pub(super) fn apply(filter: Option<&str>, values: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    let Some(filter) = filter else {
        return Ok(values);
    };
    let condition = Parser(filter, DEPTH).whole().ok_or_else(|| {
        error::refuse(
            400,
            "Request_UnsupportedQuery",
            &format!("Unsupported or invalid query filter clause specified: {filter}"),
        )
    })?;
    Ok(values
        .into_iter()
        .filter(|value| condition.holds(value))
        .collect())
}

impl Condition {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Condition::Equal(name, wanted) => equal(&value[name.as_str()], wanted),
            Condition::Starts(name, start) => {
                let text = value[name.as_str()]
                    .as_str()
                    .unwrap_or_default()
                    .to_lowercase();
                text.starts_with(&start.to_lowercase())
            }
            Condition::Any(name, wanted) => value[name.as_str()]
                .as_array()
                .into_iter()
                .flatten()
                .any(|one| equal(one, wanted)),
            Condition::And(left, right) => left.holds(value) && right.holds(value),
            Condition::Or(left, right) => left.holds(value) || right.holds(value),
        }
    }
}

/// Text is compared without case, as the directory does.
fn equal(has: &Value, wanted: &Value) -> bool {
    match (has.as_str(), wanted.as_str()) {
        (Some(has), Some(wanted)) => has.to_lowercase() == wanted.to_lowercase(),
        _ => has == wanted,
    }
}

/// What is left to read, and how much deeper brackets may go.
struct Parser<'a>(&'a str, u8);

const DEPTH: u8 = 16;

impl Parser<'_> {
    fn whole(mut self) -> Option<Condition> {
        let condition = self.either()?;
        self.0.trim().is_empty().then_some(condition)
    }

    fn either(&mut self) -> Option<Condition> {
        let mut left = self.both()?;
        while self.word("or") {
            left = Condition::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Condition> {
        let mut left = self.one()?;
        while self.word("and") {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Condition> {
        if self.sign("(") {
            self.1 = self.1.checked_sub(1)?;
            let inner = self.either()?;
            self.1 += 1;
            return self.sign(")").then_some(inner);
        }
        let name = self.name()?;
        if name.eq_ignore_ascii_case("startswith") && self.sign("(") {
            let name = self.name()?;
            let start = if self.sign(",") {
                self.value()?
            } else {
                return None;
            };
            let start = start.as_str()?.to_owned();
            return self.sign(")").then_some(Condition::Starts(name, start));
        }
        if let Some(list) = name.strip_suffix("/any") {
            let inner = self.sign("(")
                && self.name().is_some()
                && self.sign(":")
                && self.name().is_some()
                && self.word("eq");
            let wanted = if inner { self.value()? } else { return None };
            return self
                .sign(")")
                .then(|| Condition::Any(list.to_owned(), wanted));
        }
        if self.word("eq") {
            Some(Condition::Equal(name, self.value()?))
        } else {
            None
        }
    }

    fn sign(&mut self, sign: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start();
        let found = rest
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
            && rest[word.len()..].starts_with(' ');
        if found {
            self.0 = &rest[word.len()..];
        }
        found
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.0.trim_start();
        let end = rest
            .find(|one: char| !(one.is_ascii_alphanumeric() || one == '/'))
            .unwrap_or(rest.len());
        self.0 = &rest[end..];
        (end > 0).then(|| rest[..end].to_owned())
    }

    /// A text in quotes, where two stand for one, or a word such as `true`.
    fn value(&mut self) -> Option<Value> {
        let rest = self.0.trim_start();
        let Some(quoted) = rest.strip_prefix('\'') else {
            let end = rest.find([' ', ')']).unwrap_or(rest.len());
            self.0 = &rest[end..];
            return serde_json::from_str(&rest[..end]).ok();
        };
        let mut text = String::new();
        let mut left = quoted;
        loop {
            let (part, after) = left.split_once('\'')?;
            text.push_str(part);
            let Some(more) = after.strip_prefix('\'') else {
                self.0 = after;
                return Some(text.into());
            };
            text.push('\'');
            left = more;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions() {
        let group =
            json!({ "displayName": "O'Brien team", "securityEnabled": true, "names": ["a", "b"] });
        let table = [
            ("displayName eq 'O''Brien team'", Some(true)),
            ("displayName eq 'o''brien TEAM'", Some(true)),
            ("displayName eq 'other'", Some(false)),
            ("startswith(displayName,'O')", Some(true)),
            (
                "securityEnabled eq true and displayName eq 'x'",
                Some(false),
            ),
            (
                "securityEnabled eq false or startswith(displayName, 'o')",
                Some(true),
            ),
            ("names/any(c:c eq 'b')", Some(true)),
            ("(displayName eq 'x') or names/any(c:c eq 'z')", Some(false)),
            ("displayName eq 'O'Brien team'", None),
            ("displayName ne 'x'", None),
            (&"(".repeat(100_000), None),
        ];
        for (filter, expected) in table {
            let found = apply(Some(filter), vec![group.clone()])
                .ok()
                .map(|found| !found.is_empty());
            assert_eq!(found, expected, "{filter}");
        }
    }
}
