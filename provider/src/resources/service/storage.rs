//! What cannot change about storage: refused at plan, or accepted where it happened already.

use seedling_model::{
    Object,
    quantity::Quantity,
    service::{Args, claim_name},
};
use seedling_schema::{Diagnostic, Diagnostics, Path, Plan};

use crate::{kubernetes::kinds, resources::support::arguments::arguments};

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

/// Claims that grew behind our back keep their size, since no claim can shrink: the objects that
/// are wanted follow the live ones, and people are told to follow too.
pub fn accept_growth<'a>(
    title: &str,
    objects: &mut [Object],
    live: impl Fn(&str) -> Option<&'a Object>,
) -> Diagnostics {
    const SIZE: &str = "/spec/resources/requests/storage";
    let mut found = Diagnostics::default();
    let claims = objects
        .iter_mut()
        .filter(|object| object.kind() == kinds::CLAIM.kind);
    for claim in claims {
        let Some(there) = live(claim.name()).and_then(|live| live.at(SIZE).as_str()) else {
            continue;
        };
        let wanted = claim.at(SIZE).as_str().unwrap_or_default().to_owned();
        if !shrinks(there, &wanted) {
            continue;
        }
        found.push(Diagnostic::warning(
            format!("Storage of {title} has grown"),
            format!("Claim {} has {there}, more than the {wanted} that is configured. A claim cannot shrink, so it stays as it is: raise its `size` to {there}.", claim.name()),
        ));
        claim.0["spec"]["resources"]["requests"]["storage"] = there.into();
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
