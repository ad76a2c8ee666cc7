//! Import of an Ingress or an HTTPRoute, ours or another tool's.

use seedling_model::{
    Controller, IngressController, Object,
    ingress::{self, LiveObjects},
    labels,
};
use seedling_schema::{Diagnostic, ImportReply, ImportRequest, Private, Value};

use super::{Ingress, parts, secrets};
use crate::{
    kubernetes::{Cluster, Failure, Kind, kinds},
    resources::{
        managed::Managed as _,
        support::{arguments::state_of, digests, guessed, identity_of, import_id},
    },
    session::Session,
};

/// Reads the ingress of this id or identity, under the controller that realises it.
pub async fn import(session: &Session, request: &ImportRequest) -> Result<ImportReply, Diagnostic> {
    let id = import_id(
        request,
        &["environment", "name"],
        "`environment/name`, such as `prod/web`",
    )?;
    let (environment, name) = (id[0].as_str(), id[1].as_str());
    let title = format!("ingress {environment}/{name}");
    let reading = |failure: Failure| failure.diagnostic(&format!("read {title}"));
    let cluster = session.cluster().await?;
    let live = find(session, cluster, environment, name)
        .await
        .map_err(reading)?;
    let Some((realised, leading)) = live else {
        return Err(Diagnostic::error(
            format!("There is no {title}"),
            format!(
                "Namespace {environment} has neither an HTTPRoute nor an Ingress {name}. Check the import id and the provider's `cluster` block."
            ),
        ));
    };
    let (args, guesses) = ingress::from_live(LiveObjects { leading: &leading });
    let mut state = state_of(&args, &Ingress.schema())?;
    state.set("controller", Value::from(realised.controller.as_str()));
    // Which users there are stands only in the Secret of ours.
    let users = match secrets::users(cluster, &args).await {
        Err(failure) if failure.is_forbidden() => None,
        other => other.map_err(reading)?,
    };
    let users = users.filter(|secret| secret.label(labels::PROJECT) == Some(cluster.project()));
    let mut private = Private::default();
    parts::remember(&mut private, &realised);
    if let Some(users) = &users {
        secrets::remember_live_users(&mut private, users);
    }
    let live = secrets::Live { users, pair: None };
    state.set("secret_digests", digests::value(live.digests()));
    Ok(ImportReply {
        state: Some(state),
        private,
        identity: Some(identity_of(&[("environment", environment), ("name", name)])),
        diagnostics: guessed(&title, &guesses),
    })
}

/// The provider's controller is looked at first; an ingress of the other one can be imported and
/// then moves.
async fn find(
    session: &Session,
    cluster: &Cluster,
    environment: &str,
    name: &str,
) -> Result<Option<(IngressController, Object)>, Failure> {
    let mut order = [Controller::Gateway, Controller::IngressNginx];
    let configured = session.context.ingress.as_ref();
    if configured.is_some_and(|it| it.controller == Controller::IngressNginx) {
        order.reverse();
    }
    for controller in order {
        let kind: Kind = match controller {
            Controller::Gateway => kinds::HTTP_ROUTE,
            Controller::IngressNginx => kinds::INGRESS,
        };
        if let Some(live) = cluster.get(kind, Some(environment), name).await? {
            let class = live
                .at("/spec/ingressClassName")
                .as_str()
                .map(str::to_owned);
            return Ok(Some((IngressController { controller, class }, live)));
        }
    }
    Ok(None)
}
