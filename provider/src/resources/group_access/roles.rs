//! The Roles of ours, one of each kind per environment, shared by all groups in it.
//!
//! Every group writes the same content as the same field manager, so none can be in another's way.
//! A Role goes with the last binding of ours that refers to it.

use kube::api::ListParams;
use seedling_model::{Object, access, labels};
use seedling_schema::Diagnostic;
use tokio::sync::Mutex;

use crate::kubernetes::{Apply, Bundle, Cluster, Failure, kinds, ownership::managers};

/// Between the look at the bindings and the removal of a Role, no group of this run may begin to
/// use it.
static IN_USE: Mutex<()> = Mutex::const_new(());

/// Writes the Role, where there is one of ours, and then the binding that refers to it.
pub async fn write_with(
    cluster: &Cluster,
    role: Option<&Object>,
    binding: &Bundle,
    how: &Apply<'_>,
    is_finished: bool,
) -> Result<(), Diagnostic> {
    let _held = IN_USE.lock().await;
    if let Some(role) = role {
        write(cluster, role).await?;
    }
    if is_finished {
        binding.write(cluster, how).await.map(|_| ())
    } else {
        binding.write_unfinished(cluster, how).await.map(|_| ())
    }
}

async fn write(cluster: &Cluster, role: &Object) -> Result<(), Diagnostic> {
    let (name, environment) = (role.name(), role.namespace().unwrap_or_default());
    cluster
        .apply(role, &Apply::update())
        .await
        .map(|_| ())
        .map_err(|failure| failure.diagnostic(&format!("write Role/{name} in {environment}")))
}

/// Refuses a Role of the same name that somebody else has made.
pub async fn refuse_foreign(cluster: &Cluster, role: &Object) -> Result<(), Diagnostic> {
    let (name, environment) = (role.name(), role.namespace().unwrap_or_default());
    let live = cluster.get(kinds::ROLE, Some(environment), name).await;
    let live = live
        .map_err(|failure| failure.diagnostic(&format!("look for Role/{name} in {environment}")))?;
    match live.filter(|live| live.label(labels::PROJECT) != Some(cluster.project())) {
        Some(foreign) => Err(self::foreign(&foreign)),
        None => Ok(()),
    }
}

fn foreign(role: &Object) -> Diagnostic {
    Diagnostic::error(
        format!("Role {} exists already", role.name()),
        format!(
            "Role/{} in namespace {} is not Seedling's; it is managed by {}. The name is needed for a role of Seedling: rename or remove that Role, or give the group another role. Nothing was changed.",
            role.name(),
            role.namespace().unwrap_or_default(),
            managers(role),
        ),
    )
}

/// Removes the Roles of ours that no binding of ours refers to any more.
pub async fn release(cluster: &Cluster, environment: &str) -> Result<(), Diagnostic> {
    let _held = IN_USE.lock().await;
    let releasing = |failure: Failure| {
        failure.diagnostic(&format!(
            "remove the roles that nobody uses in {environment}"
        ))
    };
    let ours = ListParams::default().labels(&format!(
        "{}={},{}={}",
        labels::PROJECT,
        cluster.project(),
        labels::TYPE,
        access::TYPE
    ));
    let roles = cluster
        .list(kinds::ROLE, Some(environment), &ours)
        .await
        .map_err(releasing)?;
    if roles.is_empty() {
        return Ok(());
    }
    let bindings = cluster
        .list(kinds::ROLE_BINDING, Some(environment), &ours)
        .await
        .map_err(releasing)?;
    for role in roles.iter().filter(|role| !is_used(role, &bindings)) {
        cluster
            .delete(kinds::ROLE, Some(environment), role.name(), role.uid())
            .await
            .map_err(releasing)?;
    }
    Ok(())
}

fn is_used(role: &Object, bindings: &[Object]) -> bool {
    bindings.iter().any(|binding| {
        binding.at("/roleRef/kind") == "Role" && binding.at("/roleRef/name") == role.name()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_role_is_used_by_a_binding_of_its_kind_and_name() {
        let role = Object(json!({"kind": "Role", "metadata": {"name": "seedling-logs"}}));
        let binding =
            |kind: &str, name: &str| Object(json!({"roleRef": {"kind": kind, "name": name}}));
        assert!(is_used(&role, &[binding("Role", "seedling-logs")]));
        for other in [
            binding("ClusterRole", "seedling-logs"),
            binding("Role", "seedling-plan"),
        ] {
            assert!(!is_used(&role, &[other]));
        }
    }
}
