//! The scene of a service as it is now, without watching: for `seedling explain` and for the data
//! source.

use std::{path::PathBuf, time::Duration};

use kube::api::ListParams;
use seedling_model::{Object, labels};
use seedling_schema::Diagnostic;

use super::{
    explain::{self, Account},
    judge::{self, Judgement, Nodes, Ours},
    scene::Scene,
    watch::selector,
};
use crate::{
    config::{ClusterConfig, KubeconfigFile},
    kubernetes::{
        Cluster, Failure,
        connection::{Endpoint, connect},
        kinds,
    },
    resources::support::digests,
};

/// Reads the Deployment and what belongs to it. `None` where there is no Deployment.
pub async fn scene(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
) -> Result<Option<Scene>, Failure> {
    let Some(deployment) = cluster
        .get(kinds::DEPLOYMENT, Some(namespace), name)
        .await?
    else {
        return Ok(None);
    };
    let selected = ListParams::default().labels(&selector(&deployment));
    let mut scene = Scene::default();
    let sets = cluster
        .list(kinds::REPLICA_SET, Some(namespace), &selected)
        .await?;
    scene.replica_sets.extend(sets.into_iter().map(by_name));
    scene.see_deployment(deployment, Duration::ZERO);
    for pod in cluster.list(kinds::POD, Some(namespace), &selected).await? {
        scene.see_pod(pod, Duration::ZERO);
    }
    // Events only help to explain; whoever may not read them still gets the pods.
    let events = cluster
        .list(kinds::EVENT, Some(namespace), &ListParams::default())
        .await;
    let events = events
        .unwrap_or_default()
        .into_iter()
        .filter(|event| scene.concerns(event));
    let events: Vec<_> = events.map(by_name).collect();
    scene.events.extend(events);
    Ok(Some(scene))
}

fn by_name(object: Object) -> (String, Object) {
    (object.name().to_owned(), object)
}

/// What `seedling explain` prints: how a live service is doing, and why, for any kubeconfig.
///
/// # Errors
/// The kubeconfig cannot be used, or the cluster does not answer, or there is no such service.
pub async fn explain(
    kubeconfig: PathBuf,
    context: String,
    namespace: &str,
    name: &str,
) -> Result<String, String> {
    let told = account(kubeconfig, context, namespace, name).await;
    told.map_err(|error| format!("{}\n\n{}", error.summary, error.detail))
}

async fn account(
    kubeconfig: PathBuf,
    context: String,
    namespace: &str,
    name: &str,
) -> Result<String, Diagnostic> {
    let file = KubeconfigFile {
        path: Some(kubeconfig.to_string_lossy().into_owned()),
        context: Some(context),
    };
    let block = ClusterConfig {
        kubeconfig: Some(file),
        ..ClusterConfig::default()
    };
    let client = connect(&Endpoint::Block(Box::new(block))).await?;
    let cluster = Cluster::new(client, String::new());
    let title = format!("{namespace}/{name}");
    let reading = |failure: Failure| failure.diagnostic(&format!("read {title}"));
    let scene = scene(&cluster, namespace, name).await.map_err(reading)?.ok_or_else(|| {
        Diagnostic::error(
            format!("There is no service {title}"),
            format!("Namespace {namespace} has no Deployment {name}. Check the name, the kubeconfig and the context."),
        )
    })?;
    let secrets = secret_values(&cluster, namespace, name).await;
    let account = Account {
        cluster: &cluster,
        namespace,
        title: &title,
        secrets: &secrets,
    };
    let state = match judge::judge(&scene, &Ours::default(), Nodes::Unknown, Duration::ZERO) {
        Judgement::Complete => "rolled out, all pods are available".to_owned(),
        Judgement::Wait(what) => format!("rolling out: {what}"),
        Judgement::Doomed(cause) => {
            format!(
                "cannot roll out: {}: {}\n{}",
                cause.reason, cause.message, cause.next_step
            )
        }
    };
    Ok(explain::report(&account, &scene, &state).await)
}

/// The values of the service's Secrets, to be blacked out. Whoever may not read them cannot see
/// them in a log either by our doing: then there is nothing to black out.
pub async fn secret_values(cluster: &Cluster, namespace: &str, name: &str) -> Vec<String> {
    let selector =
        ListParams::default().labels(&format!("{}=service,{}={name}", labels::TYPE, labels::NAME));
    let secrets = cluster
        .list(kinds::SECRET, Some(namespace), &selector)
        .await;
    secrets
        .unwrap_or_default()
        .iter()
        .flat_map(|secret| digests::data_of(secret).into_values())
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect()
}
