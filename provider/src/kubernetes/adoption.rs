//! Taking an object over from the tool that managed it.
//!
//! Server-side apply removes a field only from its owner. So before our first write, what the
//! earlier manager owns becomes ours; what the configuration does not say is then removed by that
//! write, as if we had managed the object all along. (kubectl does the same when it moves from
//! client-side to server-side apply: `k8s.io/client-go/util/csaupgrade`.)

use seedling_model::{FIELD_MANAGER, Object};
use serde_json::{Map, Value as Json, json};

use super::{Cluster, Failure, Kind};

/// Managers that act on behalf of the cluster: what they own is never the configuration's.
pub const CONTROLLERS: [&str; 5] = [
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-apiserver",
    "cluster-autoscaler",
];

/// Makes the live object's fields ours, those of controllers and of status aside.
pub async fn migrate(cluster: &Cluster, live: &Object) -> Result<(), Failure> {
    let (Some(kind), Some(fields)) = (Kind::of(live.api_version(), live.kind()), migrated(live))
    else {
        return Ok(());
    };
    let patch = json!({"metadata": {
        // Whoever wrote meanwhile is not overwritten: the server then answers with a conflict.
        "resourceVersion": live.at("/metadata/resourceVersion"),
        "managedFields": fields,
    }});
    cluster
        .merge(kind, live.namespace(), live.name(), &patch)
        .await
        .map(|_| ())
}

/// The entries with all foreign ones joined into ours; `None` where there is nothing to take.
fn migrated(live: &Object) -> Option<Vec<Json>> {
    let entries = live.at("/metadata/managedFields").as_array()?;
    let (taken, mut kept): (Vec<&Json>, Vec<&Json>) =
        entries.iter().partition(|entry| is_taken(entry));
    if taken.iter().all(|entry| entry["manager"] == FIELD_MANAGER) {
        return None;
    }
    let mut ours = (*taken.first()?).clone();
    ours["manager"] = FIELD_MANAGER.into();
    ours["operation"] = "Apply".into();
    for entry in &taken[1..] {
        join(&mut ours["fieldsV1"], &entry["fieldsV1"]);
    }
    let mut all: Vec<Json> = kept.drain(..).cloned().collect();
    all.push(ours);
    Some(all)
}

fn is_taken(entry: &Json) -> bool {
    let manager = entry["manager"].as_str().unwrap_or_default();
    entry.get("subresource").is_none()
        && !CONTROLLERS.contains(&manager)
        && !is_part_manager(manager)
}

/// Whether this is a manager of ours for a part of somebody else's object: an ingress' listeners
/// on a Gateway. Whoever takes the object over leaves them alone.
pub fn is_part_manager(manager: &str) -> bool {
    manager
        .strip_prefix(FIELD_MANAGER)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The union of two trees of owned fields.
fn join(into: &mut Json, from: &Json) {
    let Some(from) = from.as_object() else {
        return;
    };
    if !into.is_object() {
        *into = Json::Object(Map::new());
    }
    for (name, below) in from {
        join(&mut into[name.as_str()], below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, fields: &Json) -> Json {
        json!({"manager": manager, "operation": operation, "fieldsV1": fields})
    }

    #[test]
    fn all_managers_but_controllers_become_ours() {
        let status = json!({"manager": "kubectl", "subresource": "status"});
        let live = Object(json!({"metadata": {"managedFields": [
            entry("kubectl-client-side-apply", "Update", &json!({"f:spec": {"f:replicas": {}}})),
            entry("kube-controller-manager", "Update", &json!({"f:metadata": {}})),
            entry("seedling/prod/web", "Apply", &json!({"f:spec": {"f:listeners": {}}})),
            status,
            entry("helm", "Update", &json!({"f:spec": {"f:paused": {}}})),
        ]}}));
        let entries = migrated(&live).unwrap();
        let ours = entry(
            FIELD_MANAGER,
            "Apply",
            &json!({"f:spec": {"f:replicas": {}, "f:paused": {}}}),
        );
        assert_eq!(entries.len(), 4);
        assert_eq!(entries[3], ours);
    }

    #[test]
    fn what_is_ours_alone_stays() {
        let ours = entry(FIELD_MANAGER, "Apply", &json!({"f:spec": {}}));
        let live = Object(json!({"metadata": {"managedFields": [ours]}}));
        assert_eq!(migrated(&live), None);
    }
}
