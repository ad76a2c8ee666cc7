//! Destroying a service: in reverse order, waited for; storage stays unless told otherwise.

use std::time::Duration;

use seedling_model::{
    Object, labels,
    service::{Args, Live, Names},
};
use seedling_schema::{ApplyRequest, Diagnostic, Diagnostics, Stop};

use super::parts::{self, KINDS};
use crate::{
    kubernetes::{Bundle, Cluster, Kind, kinds, watching::Patience},
    resources::support::{apply::stopped_or, arguments::arguments, notes},
    session::{Home, Session},
};

/// Pods get their grace period, and a node that does not answer is waited for.
const TIMEOUT: Duration = Duration::from_mins(10);

/// Removes every object of the service.
pub async fn delete(session: &Session, request: &ApplyRequest) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments(&request.prior)?;
    let environment = args.environment.text();
    if session.home(environment, &request.private).await? == Home::Forgotten {
        return Ok(Diagnostics::default());
    }
    let cluster = session.cluster().await?;
    let bundle = parts::bundle(session, &args, &Names::default(), &Live::default())?;
    if let Some(warning) = bundle
        .superseded(cluster, notes::created(&request.private))
        .await?
    {
        return Ok(warning.into());
    }
    remove_all(cluster, &bundle, &request.stop).await?;
    let kept = remove_claims(cluster, &bundle).await?;
    Ok(retained(&bundle.title, &kept))
}

/// Removes what a failed create made, storage aside.
pub async fn remove_objects(cluster: &Cluster, bundle: &Bundle) -> Result<(), Diagnostic> {
    remove_all(cluster, bundle, &Stop::never()).await
}

async fn remove_all(cluster: &Cluster, bundle: &Bundle, stop: &Stop) -> Result<(), Diagnostic> {
    for kind in KINDS {
        for object in bundle.owned(cluster, *kind).await? {
            bundle.remove(cluster, *kind, &object).await?;
            if *kind == kinds::DEPLOYMENT {
                wait_for_pods(cluster, bundle, &object, stop).await?;
            }
        }
    }
    Ok(())
}

/// The Deployment is deleted in the foreground, so it is gone when its pods are.
async fn wait_for_pods(
    cluster: &Cluster,
    bundle: &Bundle,
    deployment: &Object,
    stop: &Stop,
) -> Result<(), Diagnostic> {
    let patience = Patience::new(TIMEOUT, stop.clone());
    let gone = cluster
        .wait_gone(
            kinds::DEPLOYMENT,
            deployment.namespace(),
            deployment.name(),
            &patience,
        )
        .await;
    gone.map_err(|failure| {
        stopped_or(&failure, &bundle.title, || {
            let finalizers = deployment.at("/metadata/finalizers");
            Diagnostic::error(
                format!("{} is still being deleted", bundle.title),
                format!(
                    "{}. Its finalizers: {finalizers}. Look at its pods, then destroy again.",
                    failure.message()
                ),
            )
        })
    })
}

/// Removes the claims that say so; gives the names of the others.
async fn remove_claims(cluster: &Cluster, bundle: &Bundle) -> Result<Vec<String>, Diagnostic> {
    let claims: Kind = kinds::CLAIM;
    let mut kept = Vec::new();
    for claim in bundle.owned(cluster, claims).await? {
        if claim.annotation(labels::ON_DESTROY) == Some("delete") {
            bundle.remove(cluster, claims, &claim).await?;
        } else {
            kept.push(claim.name().to_owned());
        }
    }
    Ok(kept)
}

fn retained(title: &str, kept: &[String]) -> Diagnostics {
    if kept.is_empty() {
        return Diagnostics::default();
    }
    Diagnostic::warning(
        format!("Storage of {title} is retained"),
        format!("These claims keep their data, as `on_destroy` says: {}. A service of the same name takes them up again.", kept.join(", ")),
    )
    .into()
}
