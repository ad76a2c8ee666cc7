//! The classes and issuers that every world has.

use std::time::Duration;

use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams};
use serde::Deserialize;

use super::WorldError;
use crate::poll::{Look, poll};

const CATALOG: &str = include_str!("catalog.yaml");

pub(super) async fn install(client: &Client) -> Result<(), WorldError> {
    for object in objects()? {
        let name = object.metadata.name.clone().unwrap_or_default();
        let api = api(client, &object);
        // A definition that has just been established may be answered with 404 for a moment.
        poll(
            &format!("the stand-in `{name}`"),
            Duration::from_secs(20),
            || async {
                match api
                    .patch(
                        &name,
                        &PatchParams::apply("seedling-stand-ins").force(),
                        &Patch::Apply(&object),
                    )
                    .await
                {
                    Ok(_) => Look::Done(()),
                    Err(error) => Look::NotYet(error.to_string()),
                }
            },
        )
        .await?;
    }
    Ok(())
}

/// Whether the stand-ins have answered for the objects that show it in their status.
pub(super) async fn is_served(client: &Client) -> Look<()> {
    let Ok(objects) = objects() else {
        return Look::Never("the catalog is no YAML".to_owned());
    };
    for object in &objects {
        let (kind, name) = (
            kind(object),
            object.metadata.name.clone().unwrap_or_default(),
        );
        if !matches!(kind.as_str(), "GatewayClass" | "ClusterIssuer") {
            continue;
        }
        match api(client, object).get(&name).await {
            Err(error) => return Look::NotYet(error.to_string()),
            Ok(live) if !has_true_condition(&live) => {
                return Look::NotYet(format!(
                    "{kind} {name} has no answer: {}",
                    live.data["status"]
                ));
            }
            Ok(_) => {}
        }
    }
    Look::Done(())
}

fn has_true_condition(object: &DynamicObject) -> bool {
    let conditions = object.data["status"]["conditions"].as_array();
    conditions.is_some_and(|all| {
        all.iter().any(|one| {
            matches!(one["type"].as_str(), Some("Accepted" | "Ready")) && one["status"] == "True"
        })
    })
}

fn objects() -> Result<Vec<DynamicObject>, WorldError> {
    serde_yaml_ng::Deserializer::from_str(CATALOG)
        .map(DynamicObject::deserialize)
        .collect::<Result<_, _>>()
        .map_err(|error| WorldError::Install {
            what: "the catalog".to_owned(),
            why: error.to_string(),
        })
}

fn kind(object: &DynamicObject) -> String {
    object
        .types
        .as_ref()
        .map(|types| types.kind.clone())
        .unwrap_or_default()
}

fn api(client: &Client, object: &DynamicObject) -> Api<DynamicObject> {
    let version = object
        .types
        .as_ref()
        .map(|types| types.api_version.clone())
        .unwrap_or_default();
    let (group, version) = version.split_once('/').unwrap_or(("", &version));
    Api::all_with(
        client.clone(),
        &ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &kind(object))),
    )
}
