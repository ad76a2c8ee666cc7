//! How a create, an update and a delete answer.

use seedling_schema::{ApplyReply, ApplyRequest, Diagnostic};

use crate::kubernetes::{Apply, Cluster, Failure, adoption, ownership::Verdict};

/// A create that failed: the error and no state, so that nothing is ever tainted. What it made
/// carries the unfinished mark, and the next apply goes on from there.
pub fn failed(mut error: Diagnostic) -> ApplyReply {
    error.detail.push_str(
        "\n\nWhat was made so far stays, marked as unfinished: mend the cause and apply again to go on from there.",
    );
    ApplyReply {
        diagnostics: error.into(),
        ..ApplyReply::default()
    }
}

/// An update or delete that failed: the prior state stays.
pub fn refused(request: &ApplyRequest, error: Diagnostic) -> ApplyReply {
    ApplyReply {
        state: Some(request.prior.clone()),
        private: request.private.clone(),
        identity: None,
        diagnostics: error.into(),
    }
}

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
