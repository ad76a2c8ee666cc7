//! What cannot change about storage, refused at plan.

use seedling_model::{
    quantity::Quantity,
    service::{Args, claim_name},
};
use seedling_schema::{Diagnostic, Diagnostics, Path, Plan};

use crate::resources::support::arguments::arguments;

/// A claim can grow; it never shrinks and never changes class or access.
pub fn check_change(plan: &Plan) -> Diagnostics {
    if !plan.is_update() {
        return Diagnostics::default();
    }
    let (Ok(before), Ok(after)) = (
        arguments::<Args>(&plan.prior),
        arguments::<Args>(&plan.config),
    ) else {
        return Diagnostics::default();
    };
    let mut found = Diagnostics::default();
    for (path, new) in after.storage.given().into_iter().flatten() {
        let old = before
            .storage
            .given()
            .and_then(|storage| storage.get(path)?.given());
        let (Some(new), Some(old)) = (new.given(), old) else {
            continue;
        };
        if claim_name(&before, path, old) != claim_name(&after, path, new) {
            continue;
        }
        let at = || Path::of("storage").key(path);
        if shrinks(old.size.text(), new.size.text()) {
            found.push(
                immutable(
                    path,
                    &format!(
                        "it cannot shrink from {} to {}",
                        old.size.text(),
                        new.size.text()
                    ),
                )
                .at(at().attribute("size")),
            );
        }
        if old.class != new.class && !new.class.is_unknown() {
            found.push(immutable(path, "its class cannot change").at(at().attribute("class")));
        }
        if old.access != new.access && !new.access.is_unknown() {
            found.push(immutable(path, "its access cannot change").at(at().attribute("access")));
        }
    }
    found
}

fn shrinks(old: &str, new: &str) -> bool {
    match (Quantity::parse(old), Quantity::parse(new)) {
        (Ok(old), Ok(new)) => new < old,
        _ => false,
    }
}

fn immutable(path: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Storage {path} cannot be changed like this"),
        format!(
            "A claim holds data, and {what}. Give the storage another `claim` to start with an empty one (the old claim is retained), copy the data, and remove the old claim when you no longer need it."
        ),
    )
}
