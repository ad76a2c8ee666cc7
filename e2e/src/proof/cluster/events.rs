//! The cluster's events, as people read them.

use std::fmt::Write as _;

use k8s_openapi::api::core::v1::Event;
use kube::api::{Api, ListParams};

use crate::proof::ProofError;

/// All events, oldest first: `10:02:11Z Warning dev Pod/api-1 BackOff: …`.
pub async fn text(client: &kube::Client) -> Result<String, ProofError> {
    let api: Api<Event> = Api::all(client.clone());
    let list = api
        .list(&ListParams::default())
        .await
        .map_err(ProofError::api("listing events"))?;
    let mut events = list.items;
    events.sort_by_key(|event| event.metadata.creation_timestamp.clone());
    let mut text = String::new();
    for event in events {
        let time = event
            .metadata
            .creation_timestamp
            .map(|t| t.0.to_string())
            .unwrap_or_default();
        let about = event.involved_object;
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{time} {} {} {}/{} {}: {}",
            event.type_.unwrap_or_default(),
            about.namespace.unwrap_or_default(),
            about.kind.unwrap_or_default(),
            about.name.unwrap_or_default(),
            event.reason.unwrap_or_default(),
            event.message.unwrap_or_default(),
        );
    }
    Ok(text)
}
