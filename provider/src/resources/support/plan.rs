//! What every plan of a create asks of the cluster.

use seedling_model::Object;
use seedling_schema::{Diagnostic, Diagnostics, Plan};

use crate::{
    kubernetes::{
        Bundle,
        ownership::{Verdict, managers},
    },
    session::Session,
};

/// Announces a resume or an adoption, refuses to write over what exists.
pub async fn check_create(
    session: &Session,
    plan: &Plan,
    bundle: &Bundle,
    adopt: bool,
) -> Diagnostics {
    // The second half of a replacement: its first half makes room.
    if !plan.prior_private.is_empty() {
        return Diagnostics::default();
    }
    let cluster = match session.cluster().await {
        Ok(cluster) => cluster,
        Err(error) => return error.into(),
    };
    match bundle.judge(cluster, adopt).await {
        Ok(verdict) => announce(bundle, verdict),
        Err(failure) if failure.is_forbidden() => Diagnostic::warning(
            format!("Nobody could look for {}", bundle.title),
            format!(
                "{}. Whether it exists already is decided at apply.",
                failure.message()
            ),
        )
        .into(),
        Err(failure) => failure
            .diagnostic(&format!("look for {}", bundle.title))
            .into(),
    }
}

/// What a plan says to a verdict: nothing where there is nothing yet.
pub fn announce(bundle: &Bundle, verdict: Verdict) -> Diagnostics {
    match verdict {
        Verdict::Fresh => Diagnostics::default(),
        Verdict::Resume(why) => Diagnostic::warning(
            format!("{} is resumed", bundle.title),
            format!("It carries the labels of this project, and {why}."),
        )
        .into(),
        Verdict::Adopt(objects) => adopted(bundle, &objects).into(),
        Verdict::Refuse(error) => (*error).into(),
    }
}

fn adopted(bundle: &Bundle, objects: &[Object]) -> Diagnostic {
    let lines: Vec<String> = objects
        .iter()
        .map(|object| {
            format!(
                "  {}/{}, managed by {}",
                object.kind(),
                object.name(),
                managers(object)
            )
        })
        .collect();
    Diagnostic::warning(
        format!("{} is adopted", bundle.title),
        format!(
            "`adopt = true` takes over what exists:\n\n{}\n\nWhat is configured here is written over what is there, and what the earlier managers set beyond it is removed.",
            lines.join("\n")
        ),
    )
}
