//! Following the rollout of a service, and going back when it fails.

use seedling_model::{
    FIELD_MANAGER, Object,
    service::{Args, rollout},
};
use seedling_schema::{ApplyReply, ApplyRequest, Diagnostic, Stop, Value};

use super::{parts, reading, secrets::Material, writing};
use crate::{
    kubernetes::{Apply, Cluster, bundle::created_or_now, kinds},
    resources::support::{arguments::arguments, digests, notes},
    rollout::{Ending, Rollout, judge::Ours},
    session::Session,
};

/// Watches the rollout of the service's Deployment, which was just written, to its end.
pub async fn follow(
    session: &Session,
    args: &Args,
    material: Option<&Material>,
    deployment: Object,
    stop: &Stop,
) -> Result<(), Ending> {
    let cluster = session.cluster().await.map_err(|error| Ending::Failed {
        status: "unknown".to_owned(),
        diagnostic: Box::new(error),
    })?;
    let (environment, name) = (args.environment.text(), args.name.text());
    let title = format!("{environment}/{name}");
    let mut references: Vec<String> = seedling_model::service::config_map_name(args)
        .into_iter()
        .collect();
    references.extend(material.map(|material| material.name.clone()));
    let rollout = Rollout {
        cluster,
        namespace: environment,
        name,
        title: &title,
        timeout: rollout::timeout(args),
        stop: stop.clone(),
        ours: Ours { references },
        nodes_can_come: session
            .sandbox
            .as_ref()
            .is_some_and(|sandbox| sandbox.nodes_can_come),
        secrets: material.map(Material::texts).unwrap_or_default(),
    };
    rollout.follow(deployment).await
}

/// Whether a failed rollout is undone.
pub fn rolls_back(args: &Args) -> bool {
    args.rollout
        .given()
        .is_some_and(|rollout| rollout.on_failure.text() == "roll_back")
}

/// Applies the last good values again. Their ConfigMap and Secret are still there, because they
/// are collected only after a success.
pub async fn roll_back(
    session: &Session,
    request: &ApplyRequest,
    mut diagnostic: Diagnostic,
) -> Result<ApplyReply, Diagnostic> {
    let outcome = match try_roll_back(session, request).await {
        Ok(()) => {
            "`on_failure` is `roll_back`: the last good values run again, and the state holds them."
                .to_owned()
        }
        Err(error) => format!(
            "`on_failure` is `roll_back`, but going back failed as well: {}. {}",
            error.summary, error.detail
        ),
    };
    diagnostic.detail.push_str("\n\n");
    diagnostic.detail.push_str(&outcome);
    Ok(ApplyReply {
        state: Some(request.prior.clone()),
        private: request.private.clone(),
        identity: None,
        diagnostics: diagnostic.into(),
    })
}

async fn try_roll_back(session: &Session, request: &ApplyRequest) -> Result<(), Diagnostic> {
    let cluster = session.cluster().await?;
    let args: Args = arguments(&request.prior)?;
    let secret = writing::remembered_secret(&request.private);
    let (names, live) = parts::remembered(&request.prior, &args, secret.clone());
    let created = created_or_now(notes::created(&request.private));
    let mut bundle = parts::bundle(session, &args, &names, &live)?.created_at(&created);
    let deployment = bundle.write(cluster, &Apply::update()).await?;
    let material = match &secret {
        Some(name) => live_material(cluster, &args, name).await?,
        None => None,
    };
    follow(session, &args, material.as_ref(), deployment, &request.stop)
        .await
        .map_err(|ending| match ending {
            Ending::Failed { diagnostic, .. } | Ending::Stopped(diagnostic) => *diagnostic,
        })?;
    // The state has no values to write, but the Secret that the pods use again must not be collected.
    bundle
        .objects
        .extend(secret.map(|name| reading::secret_shell(session, &args, &name)));
    bundle.collect(cluster, parts::COLLECTED).await
}

/// What a live Secret of the service holds: its values must not be shown either.
async fn live_material(
    cluster: &Cluster,
    args: &Args,
    name: &str,
) -> Result<Option<Material>, Diagnostic> {
    let live = cluster
        .get(kinds::SECRET, Some(args.environment.text()), name)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read Secret/{name}")))?;
    Ok(live.map(|live| Material {
        key: digests::key_of(&live).unwrap_or_default(),
        name: name.to_owned(),
        data: digests::data_of(&live),
    }))
}

/// Whether our field manager owns the number of pods.
pub fn owns_replicas(deployment: &Object) -> bool {
    let entries = deployment.at("/metadata/managedFields").as_array();
    entries.into_iter().flatten().any(|entry| {
        entry["manager"] == FIELD_MANAGER && !entry["fieldsV1"]["f:spec"]["f:replicas"].is_null()
    })
}

/// The image of the service's own container in a live Deployment.
pub fn live_image(deployment: &Object, name: &str) -> Option<Value> {
    let containers = deployment.at("/spec/template/spec/containers").as_array()?;
    let own = containers
        .iter()
        .find(|container| container["name"] == name)?;
    Some(Value::from(own["image"].as_str()?))
}
