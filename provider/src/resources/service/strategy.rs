//! From a rolling update to `Recreate`: the two exclude each other, and server-side apply leaves
//! alone what it does not own, such as the parameters that the server itself filled in.

use kube::api::ListParams;
use seedling_model::Object;
use seedling_schema::Diagnostic;
use serde_json::json;

use crate::{
    kubernetes::{Cluster, Failure, kinds, ownership},
    rollout::watch::selector,
};

/// The deployment controller's note on a ReplicaSet: how many pods the Deployment wanted when it was
/// last scaled.
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const TYPE: &str = "/spec/strategy/type";
const PARAMETERS: &str = "/spec/strategy/rollingUpdate";

/// Whether the live Deployment has parameters that the wanted strategy refuses.
pub fn stands_in_the_way(wanted: &Object, live: &Object) -> bool {
    wanted.at(TYPE) == "Recreate" && !live.at(PARAMETERS).is_null()
}

/// Takes such parameters away, together with the strategy that they belong to.
pub async fn make_way(cluster: &Cluster, wanted: &Object) -> Result<(), Diagnostic> {
    if wanted.at(TYPE) != "Recreate" {
        return Ok(());
    }
    let cleared = async {
        match ownership::live(cluster, wanted).await? {
            Some(live) if stands_in_the_way(wanted, &live) => {
                let patch =
                    json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}});
                let (namespace, name) = (wanted.namespace(), wanted.name());
                cluster
                    .merge(kinds::DEPLOYMENT, namespace, name, &patch)
                    .await
                    .map(|_| ())
            }
            _ => Ok(()),
        }
    };
    cleared.await.map_err(|failure| {
        failure.diagnostic(&format!(
            "change the strategy of Deployment/{}",
            wanted.name()
        ))
    })
}

/// Where a ReplicaSet's note differs from the wanted number, the deployment controller only scales
/// (`isScalingEvent` in `k8s.io/kubernetes/pkg/controller/deployment`). A ReplicaSet that has the
/// wanted number already is not written again, so under `Recreate` an old one whose number was
/// changed meanwhile would hold the rollout for ever. Correcting the note lets it go on.
pub async fn let_go_on(cluster: &Cluster, wanted: &Object) -> Result<(), Diagnostic> {
    let Some(replicas) = wanted.at("/spec/replicas").as_i64() else {
        return Ok(());
    };
    if wanted.at(TYPE) != "Recreate" {
        return Ok(());
    }
    match correct_notes(cluster, wanted, &replicas.to_string()).await {
        // Whoever may not do this has lost nothing but the help.
        Err(failure) if !failure.is_forbidden() => Err(failure.diagnostic(&format!(
            "look at the ReplicaSets of Deployment/{}",
            wanted.name()
        ))),
        _ => Ok(()),
    }
}

async fn correct_notes(cluster: &Cluster, wanted: &Object, replicas: &str) -> Result<(), Failure> {
    let selected = ListParams::default().labels(&selector(wanted));
    let sets = cluster
        .list(kinds::REPLICA_SET, wanted.namespace(), &selected)
        .await?;
    let is_stuck = |set: &&Object| {
        let has_pods = set.at("/spec/replicas").as_i64() > Some(0);
        has_pods
            && set
                .annotation(DESIRED)
                .is_some_and(|noted| noted != replicas)
    };
    for set in sets.iter().filter(is_stuck) {
        let patch = json!({"metadata": {"annotations": {DESIRED: replicas}}});
        let (namespace, name) = (set.namespace(), set.name());
        cluster
            .merge(kinds::REPLICA_SET, namespace, name, &patch)
            .await?;
    }
    Ok(())
}
