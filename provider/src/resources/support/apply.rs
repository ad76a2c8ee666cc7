//! What the writes of all resources have in common.

use seedling_schema::Diagnostic;

use crate::kubernetes::{Apply, Cluster, Failure, adoption, ownership::Verdict};

/// How the first write of a create is done after the objects were looked at. What is adopted
/// becomes ours first, so that the write also removes what only the earlier manager had set.
pub async fn first_write(
    cluster: &Cluster,
    verdict: Verdict,
) -> Result<Apply<'static>, Diagnostic> {
    match verdict {
        Verdict::Fresh => Ok(Apply::create()),
        Verdict::Resume(_) => Ok(Apply::update()),
        Verdict::Refuse(error) => Err(*error),
        Verdict::Adopt(objects) => {
            for object in &objects {
                adoption::migrate(cluster, object)
                    .await
                    .map_err(|failure| {
                        failure.diagnostic(&format!(
                            "take over {}/{}",
                            object.kind(),
                            object.name()
                        ))
                    })?;
            }
            Ok(Apply::update())
        }
    }
}

/// The error of a wait that was stopped, or else the one that `other` makes.
pub fn stopped_or(
    failure: &Failure,
    title: &str,
    other: impl FnOnce() -> Diagnostic,
) -> Diagnostic {
    match failure {
        Failure::Stopped => Diagnostic::error(
            format!("Stopped while waiting for {title}"),
            "What was asked of the cluster goes on there. The next apply finishes what is left.",
        ),
        _ => other(),
    }
}
