//! Microsoft.Authorization: role definitions and assignments, at any scope.

mod assignments;
mod definitions;
pub mod roles;

pub use assignments::id as assignment_id;
pub(crate) use roles::role;

use crate::entra::Identity;
use crate::simulator::{Context, Handled};

/// `at` is where the path names the provider; what stands before `providers` is the scope.
pub(super) fn route(context: &mut Context<'_>, identity: &Identity, at: usize) -> Handled {
    let path = context.request.lower();
    let rest: Vec<&str> = path[at + 1..].iter().map(String::as_str).collect();
    let scope = super::id(context, at - 1);
    match rest.as_slice() {
        ["roledefinitions"] => Ok(definitions::list(context, &scope)),
        ["roledefinitions", name] => definitions::get(&scope, name),
        ["roleassignments"] => Ok(assignments::list(context, &scope)),
        ["roleassignments", _] => assignments::route(context, identity, &scope, at + 2),
        [
            "denyassignments"
            | "roleeligibilityscheduleinstances"
            | "roleassignmentscheduleinstances"
            | "locks",
        ] => Ok(super::list(Vec::new())),
        _ => Err(super::unknown(context)),
    }
}

/// A value of a `$filter` such as `principalId eq '…'`.
fn filtered<'a>(filter: &'a str, name: &str) -> Option<&'a str> {
    let at = filter
        .to_ascii_lowercase()
        .find(&format!("{} eq ", name.to_ascii_lowercase()))?;
    let rest = filter[at + name.len() + 4..].trim_start();
    rest.strip_prefix('\'')?.split('\'').next()
}
