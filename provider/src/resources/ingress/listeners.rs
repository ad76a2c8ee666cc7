//! TLS listeners on a Gateway: one entry of its list per host, written by a field manager of the
//! ingress' own, so that neither the Gateway's owner nor another ingress touches it.

use seedling_model::{FIELD_MANAGER, Object, ingress::GatewayListeners};
use seedling_schema::{Diagnostic, Path};
use serde_json::Value as Json;

use crate::kubernetes::{
    Apply, Cluster, Failure,
    adoption::is_part_manager,
    drift::{self, Difference},
    kinds,
};

/// Writes the entries. On a create those of somebody else are not taken over unasked.
pub async fn write(
    cluster: &Cluster,
    title: &str,
    listeners: &GatewayListeners,
    may_take: bool,
) -> Result<(), Diagnostic> {
    let Some(gateway) = live(cluster, title, listeners).await? else {
        return Err(no_gateway(title, &listeners.object));
    };
    if let Some((listener, manager)) = foreign(&gateway, listeners).filter(|_| !may_take) {
        return Err(held(title, &gateway, &listener, &manager));
    }
    apply(cluster, title, listeners).await
}

/// Takes the entries away again. Without the Gateway there is nothing to take away.
pub async fn release(
    cluster: &Cluster,
    title: &str,
    listeners: &GatewayListeners,
) -> Result<(), Diagnostic> {
    if live(cluster, title, listeners).await?.is_none() {
        return Ok(());
    }
    apply(cluster, title, &listeners.released()).await
}

/// Which of the entries others changed.
pub async fn compare(
    cluster: &Cluster,
    listeners: &GatewayListeners,
) -> Result<Vec<Difference>, Failure> {
    let wanted = &listeners.object;
    let live = cluster
        .read(kinds::GATEWAY, wanted.namespace(), wanted.name())
        .await?;
    Ok(drift::compare(wanted, live.as_deref()))
}

async fn live(
    cluster: &Cluster,
    title: &str,
    listeners: &GatewayListeners,
) -> Result<Option<Object>, Diagnostic> {
    let gateway = &listeners.object;
    cluster
        .get(kinds::GATEWAY, gateway.namespace(), gateway.name())
        .await
        .map_err(|failure| failure.diagnostic(&format!("read the Gateway of {title}")))
}

async fn apply(
    cluster: &Cluster,
    title: &str,
    listeners: &GatewayListeners,
) -> Result<(), Diagnostic> {
    let how = Apply {
        manager: &listeners.field_manager,
        ..Apply::update()
    };
    cluster
        .apply(&listeners.object, &how)
        .await
        .map(|_| ())
        .map_err(|failure| {
            failure.diagnostic(&format!(
                "write the TLS listeners of {title} on Gateway/{}",
                listeners.object.name()
            ))
        })
}

/// An entry that somebody other than Seedling owns, and who that is. Between ingresses of the
/// project hosts may move; the plan has warned of that.
fn foreign(gateway: &Object, listeners: &GatewayListeners) -> Option<(String, String)> {
    let ours = listeners.object.at("/spec/listeners").as_array()?;
    let names: Vec<&str> = ours
        .iter()
        .filter_map(|entry| entry["name"].as_str())
        .collect();
    let managers = gateway.at("/metadata/managedFields").as_array()?;
    managers
        .iter()
        .filter(|entry| entry.get("subresource").is_none())
        .filter(|entry| !is_ours(entry["manager"].as_str().unwrap_or_default()))
        .find_map(|entry| {
            let name = names.iter().find(|name| owns(entry, name))?;
            Some(((*name).to_owned(), entry["manager"].as_str()?.to_owned()))
        })
}

fn is_ours(manager: &str) -> bool {
    manager == FIELD_MANAGER || is_part_manager(manager)
}

fn owns(entry: &Json, listener: &str) -> bool {
    let key = format!("k:{}", serde_json::json!({ "name": listener }));
    entry["fieldsV1"]["f:spec"]["f:listeners"]
        .get(&key)
        .is_some()
}

fn no_gateway(title: &str, gateway: &Object) -> Diagnostic {
    let (name, environment) = (gateway.name(), gateway.namespace().unwrap_or_default());
    Diagnostic::error(
        format!("There is no Gateway {environment}/{name}"),
        format!("It holds the TLS listener of {title}. Make it with a `seedling_gateway` and refer to that, `gateway = seedling_gateway.….name`, so that it comes first, or name another one in `gateway`."),
    )
    .at(Path::of("gateway"))
}

fn held(title: &str, gateway: &Object, listener: &str, manager: &str) -> Diagnostic {
    Diagnostic::error(
        "The host has a listener already",
        format!(
            "Listener `{listener}` on Gateway/{} in namespace {} is managed by {manager}. {} needs it: remove it there, or set `adopt = true` to take it over. Nothing was changed on the Gateway.",
            gateway.name(),
            gateway.namespace().unwrap_or_default(),
            title,
        ),
    )
    .at(Path::of("host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_entries_of_others_are_foreign() {
        let listeners = GatewayListeners {
            object: Object(json!({"spec": {"listeners": [{"name": "https.a.example"}]}})),
            field_manager: "seedling/prod/web".to_owned(),
        };
        let owned = |manager: &str, listener: &str| {
            let key = format!("k:{{\"name\":\"{listener}\"}}");
            Object(json!({"metadata": {"managedFields": [
                {"manager": manager, "fieldsV1": {"f:spec": {"f:listeners": {key: {}}}}},
            ]}}))
        };
        let table = [
            ("kubectl", "https.a.example", true),
            ("kubectl", "http", false),
            ("seedling", "https.a.example", false),
            ("seedling/prod/other", "https.a.example", false),
        ];
        for (manager, listener, expected) in table {
            let found = foreign(&owned(manager, listener), &listeners);
            assert_eq!(found.is_some(), expected, "{manager} {listener}");
        }
    }
}
