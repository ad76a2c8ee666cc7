//! What every plan of a create asks of the cluster.

use seedling_schema::{Diagnostic, Diagnostics, Plan};

use crate::{
    kubernetes::{Bundle, ownership::Verdict},
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
        Ok(Verdict::Fresh) => Diagnostics::default(),
        Ok(Verdict::Resume(why)) => Diagnostic::warning(
            format!("{} is resumed", bundle.title),
            format!("It carries the labels of this project, and {why}."),
        )
        .into(),
        Ok(Verdict::Adopt(managers)) => Diagnostic::warning(
            format!("{} is adopted", bundle.title),
            format!(
                "It exists and is managed by {}. `adopt = true` takes it over: what is configured here is written over what is there.",
                managers.join("; ")
            ),
        )
        .into(),
        Ok(Verdict::Refuse(error)) => (*error).into(),
        Err(failure) if failure.is_forbidden() => Diagnostic::warning(
            format!("Nobody could look for {}", bundle.title),
            format!("{}. Whether it exists already is decided at apply.", failure.message()),
        )
        .into(),
        Err(failure) => failure.diagnostic(&format!("look for {}", bundle.title)).into(),
    }
}
