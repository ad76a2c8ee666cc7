//! Taking away: everything at a destroy, and what is no longer needed after an apply, such as the
//! objects of an earlier controller.

use std::{collections::BTreeSet, time::Duration};

use kube::api::ListParams;
use seedling_model::{
    Object,
    ingress::{self, Args},
    labels,
};
use seedling_schema::{ApplyRequest, Diagnostic, Diagnostics};

use super::{certificate::CERTIFICATE_NAME, listeners, parts, ports, secrets};
use crate::{
    kubernetes::{Cluster, Failure, Kind, kinds, watching::Patience},
    resources::support::{apply::stopped_or, arguments::arguments, notes},
    session::{Home, Session},
};

/// Kinds of which an ingress may have objects, in the order in which they are removed.
const KINDS: [Kind; 4] = [
    kinds::HTTP_ROUTE,
    kinds::INGRESS,
    kinds::CERTIFICATE,
    kinds::SECRET,
];
/// Ingress controllers rarely hold an object back.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Removes the ingress.
pub async fn delete(session: &Session, request: &ApplyRequest) -> Result<Diagnostics, Diagnostic> {
    let args = secrets::stored(arguments(&request.prior)?, &request.private);
    let environment = args.environment.text();
    if session.home(environment, &request.private).await? == Home::Forgotten {
        return Ok(Diagnostics::default());
    }
    let cluster = session.cluster().await?;
    let realised = parts::remembered(session, &request.private)?;
    let resolved = ingress::Resolved {
        ports: ports::remembered(&request.private),
        htpasswd: None,
    };
    let parts = parts::parts(&parts::context(session, realised), &args, &resolved)?;
    let created = notes::created(&request.private);
    if let Some(warning) = parts.bundle.superseded(cluster, created).await? {
        return Ok(warning.into());
    }
    let title = &parts.bundle.title;
    if let Some(ours) = &parts.listeners {
        listeners::release(cluster, title, ours).await?;
    }
    remove_all_but(cluster, &args, &[&args], &[]).await?;
    wait(cluster, title, parts.bundle.leading(), request).await?;
    Ok(Diagnostics::default())
}

async fn wait(
    cluster: &Cluster,
    title: &str,
    leading: &Object,
    request: &ApplyRequest,
) -> Result<(), Diagnostic> {
    let Some(kind) = Kind::of(leading.api_version(), leading.kind()) else {
        return Ok(());
    };
    let patience = Patience::new(TIMEOUT, request.stop.clone());
    let gone = cluster
        .wait_gone(kind, leading.namespace(), leading.name(), &patience)
        .await;
    match gone {
        Err(failure) if failure.is_forbidden() || failure.is_not_found() => Ok(()),
        Err(failure) => Err(stopped_or(&failure, title, || {
            Diagnostic::error(
                format!(
                    "{}/{} is still being deleted",
                    leading.kind(),
                    leading.name()
                ),
                format!(
                    "{}. A finalizer holds it until its controller lets it go: look at that controller's log, then destroy again.",
                    failure.message()
                ),
            )
        })),
        Ok(()) => Ok(()),
    }
}

/// Removes the ingress' objects that are not `wanted`, in its environment and beside the Gateways
/// that any of `versions` of its arguments uses.
pub async fn remove_all_but(
    cluster: &Cluster,
    args: &Args,
    versions: &[&Args],
    wanted: &[Object],
) -> Result<(), Diagnostic> {
    let title = parts::title(args);
    let removing = |failure: Failure| failure.diagnostic(&format!("remove parts of {title}"));
    let environment = args.environment.text();
    let mut namespaces: BTreeSet<String> = versions
        .iter()
        .map(|version| ingress::gateway_of(version).0)
        .collect();
    namespaces.insert(environment.to_owned());
    for kind in KINDS {
        for namespace in &namespaces {
            for object in owned(cluster, args, kind, namespace)
                .await
                .map_err(removing)?
            {
                if !is_wanted(&object, wanted) {
                    remove(cluster, args, kind, &object, wanted)
                        .await
                        .map_err(removing)?;
                }
            }
        }
    }
    Ok(())
}

/// Removes one object; with a Certificate goes the Secret that cert-manager has filled for it.
async fn remove(
    cluster: &Cluster,
    args: &Args,
    kind: Kind,
    object: &Object,
    wanted: &[Object],
) -> Result<(), Failure> {
    let (namespace, name) = (object.namespace(), object.name());
    cluster.delete(kind, namespace, name, object.uid()).await?;
    let filled = object.at("/spec/secretName").as_str();
    let (true, Some(secret)) = (kind == kinds::CERTIFICATE, filled) else {
        return Ok(());
    };
    let live = match cluster.get(kinds::SECRET, namespace, secret).await {
        Err(failure) if failure.is_forbidden() => return Ok(()),
        other => other?,
    };
    let tls = args.tls.given();
    let is_named = tls.is_some_and(|tls| tls.secret.given().is_some_and(|it| it == secret));
    match live {
        Some(live)
            if live.annotation(CERTIFICATE_NAME) == Some(name)
                && !is_named
                && !is_wanted(&live, wanted) =>
        {
            cluster
                .delete(kinds::SECRET, namespace, secret, live.uid())
                .await
        }
        _ => Ok(()),
    }
}

/// The ingress' objects of one kind. In other namespaces they say which environment they are of.
async fn owned(
    cluster: &Cluster,
    args: &Args,
    kind: Kind,
    namespace: &str,
) -> Result<Vec<Object>, Failure> {
    let environment = args.environment.text();
    let selector = ListParams::default().labels(&format!(
        "{}={},{}={},{}={}",
        labels::PROJECT,
        cluster.project(),
        labels::TYPE,
        ingress::TYPE,
        labels::NAME,
        args.name.text()
    ));
    let expected = (namespace != environment).then_some(environment);
    match cluster.list(kind, Some(namespace), &selector).await {
        Ok(found) => Ok(found
            .into_iter()
            .filter(|object| object.label(labels::ENVIRONMENT) == expected)
            .collect()),
        // A cluster without the kind has none of it, and whoever may not list Secrets has made none.
        Err(failure) if failure.is_not_found() => Ok(Vec::new()),
        Err(failure) if failure.is_forbidden() && kind == kinds::SECRET => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

/// A Secret of ours whose name a Certificate now fills stays: the old pair serves until the new
/// certificate is there.
fn is_wanted(object: &Object, wanted: &[Object]) -> bool {
    wanted.iter().any(|it| {
        let filled = it.kind() == "Certificate"
            && object.kind() == "Secret"
            && it.namespace() == object.namespace()
            && it.at("/spec/secretName") == object.name();
        filled || parts::same_place(it, object)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_that_a_certificate_fills_is_wanted() {
        let secret = Object::new("v1", "Secret", Some("prod"), "web-tls");
        let certificate = Object::new("cert-manager.io/v1", "Certificate", Some("prod"), "web-tls")
            .with("spec", json!({"secretName": "web-tls"}));
        assert!(is_wanted(&secret, std::slice::from_ref(&certificate)));
        assert!(is_wanted(&secret, std::slice::from_ref(&secret)));
        assert!(!is_wanted(&secret, &[]));
        let other = Object::new("v1", "Secret", Some("dev"), "web-tls");
        assert!(!is_wanted(&other, &[certificate]));
    }
}
