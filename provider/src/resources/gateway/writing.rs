//! Create, update and delete of the Gateway, with the wait for its address.

use std::time::Duration;

use seedling_model::gateway::{self, Args};
use seedling_schema::{ApplyReply, ApplyRequest, Diagnostic, Diagnostics, Private, Value};

use super::{bundle, lack, place};
use crate::{
    kubernetes::{Apply, Bundle, Cluster, bundle::created_or_now, kinds, watching::Patience},
    resources::support::{
        address::{self, Holder},
        apply::{first_write, stopped_or},
        arguments::{arguments, planned_arguments},
        findings, identity_of, notes,
    },
    session::{Home, Session},
};

/// Controllers take their load balancer away before they let the Gateway go.
const DELETE_TIMEOUT: Duration = Duration::from_mins(10);

/// Makes the Gateway and waits for its address.
pub async fn create(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let args: Args = planned_arguments(request)?;
    require(session, &args).await?;
    let bundle = bundle(session, &args);
    let verdict = bundle
        .judge(cluster, args.adopt.or(false))
        .await
        .map_err(|failure| failure.diagnostic(&format!("look for {}", bundle.title)))?;
    let how = first_write(cluster, verdict).await?;
    bundle.write_unfinished(cluster, &how).await?;
    let address = wait(cluster, &args, &bundle, request).await?;
    let mut private = request.private.clone();
    notes::set_created(&mut private, &bundle.finish(cluster).await?);
    reply(session, request, &args, Value::from(address), private).await
}

/// Changes the Gateway. Waits for an address where the plan could not foresee it.
pub async fn update(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let args: Args = planned_arguments(request)?;
    let (environment, _) = place(&args);
    session.home(environment, &request.private).await?;
    require(session, &args).await?;
    let created = created_or_now(notes::created(&request.private));
    let bundle = bundle(session, &args).created_at(&created);
    if notes::is_foreign(&request.private) {
        bundle.take_over(cluster).await?;
    }
    bundle.write(cluster, &Apply::update()).await?;
    let planned = request.planned.get("address");
    let address = if planned.is_unknown() {
        Value::from(wait(cluster, &args, &bundle, request).await?)
    } else {
        planned.clone()
    };
    let mut private = request.private.clone();
    notes::set_created(&mut private, &created);
    reply(session, request, &args, address, private).await
}

/// Removes the Gateway and waits until its controller has let it go.
pub async fn delete(session: &Session, request: &ApplyRequest) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments(&request.prior)?;
    let (environment, name) = place(&args);
    if session.home(environment, &request.private).await? == Home::Forgotten {
        return Ok(Diagnostics::default());
    }
    let cluster = session.cluster().await?;
    let title = format!("gateway {environment}/{name}");
    let created = notes::created(&request.private);
    if let Some(warning) = bundle(session, &args).superseded(cluster, created).await? {
        return Ok(warning.into());
    }
    cluster
        .delete(kinds::GATEWAY, Some(environment), name, None)
        .await
        .map_err(|failure| failure.diagnostic(&format!("delete {title}")))?;
    let patience = Patience::new(DELETE_TIMEOUT, request.stop.clone());
    let gone = cluster
        .wait_gone(kinds::GATEWAY, Some(environment), name, &patience)
        .await;
    match gone {
        // Whoever may delete and not watch has done what can be done, and a cluster that no longer
        // knows the kind has no Gateway.
        Err(failure) if failure.is_forbidden() || failure.is_not_found() => {
            Ok(Diagnostics::default())
        }
        Err(failure) => Err(stopped_or(&failure, &title, || {
            Diagnostic::error(
                format!("Gateway {environment}/{name} is still being deleted"),
                format!(
                    "{}. A finalizer holds it until its controller has taken the load balancer away: look at that controller's log, then destroy again.",
                    failure.message()
                ),
            )
        })),
        Ok(()) => Ok(Diagnostics::default()),
    }
}

/// What a wait could never mend is an error at once.
async fn require(session: &Session, args: &Args) -> Result<(), Diagnostic> {
    let found = findings::diagnostics(gateway::check_with(args, &session.context));
    if let Some(error) = found.iter().next() {
        return Err(error.clone());
    }
    match lack(session, args).await? {
        Some(lack) => Err(lack.error()),
        None => Ok(()),
    }
}

async fn wait(
    cluster: &Cluster,
    args: &Args,
    bundle: &Bundle,
    request: &ApplyRequest,
) -> Result<String, Diagnostic> {
    let (namespace, name) = place(args);
    let holder = Holder {
        kind: kinds::GATEWAY,
        namespace,
        name,
        title: &bundle.title,
    };
    let patience = address::patience(&args.address_timeout, &request.stop);
    address::wait(cluster, &holder, &patience).await
}

async fn reply(
    session: &Session,
    request: &ApplyRequest,
    args: &Args,
    address: Value,
    mut private: Private,
) -> Result<ApplyReply, Diagnostic> {
    let (environment, name) = place(args);
    let mut state = request.planned.clone();
    state.set("address", address);
    session
        .remember_home(environment, &mut private)
        .await
        .map_err(|failure| failure.diagnostic("tell which cluster this is"))?;
    Ok(ApplyReply {
        state: Some(state),
        private,
        identity: Some(identity_of(&[("environment", environment), ("name", name)])),
        diagnostics: Diagnostics::default(),
    })
}
