//! Destroying an environment: refused while it is protected or holds storage, then waited for.

use std::time::Duration;

use kube::api::ListParams;
use seedling_model::{Object, duration, environment::Args, labels};
use seedling_schema::{ApplyRequest, Diagnostic, Diagnostics, Path, Plan, Value};

use crate::{
    kubernetes::{Cluster, Failure, kinds, watching::Patience},
    resources::support::{apply::stopped_or, arguments::arguments, notes},
    session::{Home, Session},
};

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(10);

/// At plan: a destroy, or a replacement, of a protected environment is refused.
pub async fn check_plan(session: &Session, plan: &Plan) -> Diagnostics {
    let is_second_half = plan.prior.is_null() && !plan.prior_private.is_empty();
    let is_replacement = plan.is_update() && plan.changed("name");
    let (name, protected) = if is_second_half {
        (
            plan.planned.get("name"),
            notes::is_protected(&plan.prior_private),
        )
    } else {
        let protected = plan
            .prior
            .get("deletion_protection")
            .as_bool()
            .unwrap_or(true);
        (plan.prior.get("name"), protected && !plan.prior.is_null())
    };
    if !(plan.is_destroy() || is_replacement || is_second_half) {
        return Diagnostics::default();
    }
    let name = name.as_str().unwrap_or_default();
    match guard(session, name, protected) {
        Err(error) => error.into(),
        Ok(warning) if plan.is_destroy() => {
            let mut found = warning;
            if let Err(error) = check_storage(session, &plan.prior).await {
                found.push(error);
            }
            found
        }
        Ok(warning) => warning,
    }
}

/// Deletes the namespace and waits until it is gone.
pub async fn delete(session: &Session, request: &ApplyRequest) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments(&request.prior)?;
    let name = args.name.text();
    if session.home(name, &request.private).await? == Home::Forgotten {
        return Ok(Diagnostics::default());
    }
    // Again, because an object tainted by hand gets no destroy plan.
    let warnings = guard(session, name, args.deletion_protection.or(true))?;
    let cluster = session.cluster().await?;
    let bundle = super::bundle(&args, session);
    if let Some(warning) = bundle
        .superseded(cluster, notes::created(&request.private))
        .await?
    {
        return Ok(warning.into());
    }
    check_storage(session, &request.prior).await?;
    cluster
        .delete(kinds::NAMESPACE, None, name, None)
        .await
        .map_err(|failure| failure.diagnostic(&format!("delete environment {name}")))?;
    let timeout = args
        .delete_timeout
        .given()
        .and_then(|text| duration::parse(text).ok());
    let patience = Patience::new(timeout.unwrap_or(DEFAULT_TIMEOUT), request.stop.clone());
    match cluster
        .wait_gone(kinds::NAMESPACE, None, name, &patience)
        .await
    {
        Ok(()) => Ok(warnings),
        Err(failure) => Err(held_up(cluster, name, &failure).await),
    }
}

/// The one place that decides whether protection holds.
fn guard(session: &Session, name: &str, protected: bool) -> Result<Diagnostics, Diagnostic> {
    if !protected {
        return Ok(Diagnostics::default());
    }
    if session.lifts_protection() {
        return Ok(Diagnostic::warning(
            format!("Protection of environment {name} is lifted"),
            "The sandbox file says so; outside a sandbox this would be refused.",
        )
        .into());
    }
    Err(Diagnostic::error(
        format!("Environment {name} is protected"),
        format!("`deletion_protection` is on (the default), so it is neither destroyed nor replaced. If you mean it, set `deletion_protection = false`, apply, and try again. If the environment was tainted by hand, take that back: `untaint` its address. Nothing of {name} was changed."),
    )
    .at(Path::of("deletion_protection")))
}

async fn check_storage(session: &Session, prior: &Value) -> Result<(), Diagnostic> {
    let args: Args = arguments(prior)?;
    if args.delete_storage.or(false) {
        return Ok(());
    }
    let name = args.name.text();
    let cluster = session.cluster().await?;
    let claims = cluster
        .list(kinds::CLAIM, Some(name), &ListParams::default())
        .await
        .map_err(|failure| failure.diagnostic(&format!("look for storage in {name}")))?;
    let kept: Vec<&str> = claims
        .iter()
        .filter(|claim| claim.annotation(labels::ON_DESTROY) != Some("delete"))
        .map(Object::name)
        .collect();
    if kept.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::error(
        format!("Environment {name} holds storage"),
        format!("These claims are not marked `on_destroy = \"delete\"`, and their data would be lost:\n\n  {}\n\nSave what you need, then delete the claims or set `delete_storage = true`, apply, and destroy again. Nothing was removed.", kept.join("\n  ")),
    )
    .at(Path::of("delete_storage")))
}

/// A namespace on its way out cannot be written to.
pub fn still_going(namespace: &Object) -> Diagnostic {
    Diagnostic::error(
        format!("Environment {} is being deleted", namespace.name()),
        format!(
            "Something asked for its deletion, and the API server does not take that back. Wait until it is gone and apply again: it is then made anew.{}",
            conditions(namespace)
        ),
    )
}

async fn held_up(cluster: &Cluster, name: &str, failure: &Failure) -> Diagnostic {
    let title = format!("environment {name}");
    let live = cluster.get(kinds::NAMESPACE, None, name).await;
    let held = live
        .ok()
        .flatten()
        .map(|live| conditions(&live))
        .unwrap_or_default();
    stopped_or(failure, &title, || {
        Diagnostic::error(
            format!("Environment {name} is still being deleted"),
            format!(
                "{}.{held}\n\nFinalizers are removed by the controllers that set them; Seedling never strips them. Look at what is named above, then destroy again; `delete_timeout` sets how long a destroy waits.",
                failure.message()
            ),
        )
    })
}

/// What holds the namespace, in the words of its conditions.
fn conditions(namespace: &Object) -> String {
    let conditions = namespace.0["status"]["conditions"].as_array();
    let held: Vec<String> = conditions
        .into_iter()
        .flatten()
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["message"].as_str())
        .map(|message| format!("  {message}"))
        .collect();
    if held.is_empty() {
        String::new()
    } else {
        format!("\n\n{}", held.join("\n"))
    }
}
