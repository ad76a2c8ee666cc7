//! What every resource does in the same way.

use std::collections::BTreeMap;

use seedling_schema::{Attribute, Diagnostic, Diagnostics, ImportRequest, Type, Value};

use crate::kubernetes::drift::Difference;

pub mod address;
pub mod apply;
pub mod arguments;
pub mod digests;
pub mod findings;
pub mod notes;
pub mod plan;

/// The computed list of what others changed. It is planned empty: every apply heals it.
pub fn drift_attribute() -> Attribute {
    Attribute::list_of(Type::string())
        .computed()
        .planned_as(Value::List(Vec::new()))
        .describe("What the last refresh found changed behind our back: object, field, by whom and when. The next apply heals it.")
}

/// The entries of `drift`; a resource none of whose objects is left is handled before.
pub fn drift_list(differences: Option<Vec<Difference>>) -> Vec<String> {
    differences
        .unwrap_or_default()
        .iter()
        .map(Difference::sentence)
        .collect()
}

/// An identity value.
pub fn identity_of(members: &[(&str, &str)]) -> Value {
    let members = members
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
    Value::Map(members.collect::<BTreeMap<_, _>>())
}

/// The parts of an import id separated by slashes, or of an identity, by the same names.
pub fn import_id(
    request: &ImportRequest,
    parts: &[&str],
    what: &str,
) -> Result<Vec<String>, Diagnostic> {
    let given: Vec<String> = match (&request.id, &request.identity) {
        (Some(id), _) => id.split('/').map(str::to_owned).collect(),
        (None, Some(identity)) => parts
            .iter()
            .map(|part| identity.get(part).as_str().unwrap_or_default().to_owned())
            .collect(),
        (None, None) => Vec::new(),
    };
    if given.len() == parts.len() && given.iter().all(|part| !part.is_empty()) {
        return Ok(given);
    }
    Err(Diagnostic::error(
        "Not a valid import id",
        format!(
            "`{}` was given; the import id is {what}.",
            request.id.as_deref().unwrap_or("")
        ),
    ))
}

/// A warning that names what an import had to guess, because another tool made the object.
pub fn guessed(title: &str, guesses: &[String]) -> Diagnostics {
    if guesses.is_empty() {
        return Diagnostics::default();
    }
    Diagnostic::warning(
        format!("Arguments of {title} were guessed"),
        format!("Its objects do not carry Seedling's own notes, so some arguments were read from the objects as well as possible:\n\n  {}\n\nCompare the first plan with what you expect.", guesses.join("\n  ")),
    )
    .into()
}
