//! Reading: one object, or a list in pages.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::selector::Selector;
use super::status::Status;
use super::{Call, Server};
use crate::store::Object;

/// A page of a list.
pub struct List {
    /// The objects.
    pub items: Vec<Arc<Object>>,
    /// Of the whole store when it was read.
    pub revision: u64,
    /// To ask for the next page with; empty on the last.
    pub go_on: String,
    /// How many objects follow.
    pub remaining: usize,
}

impl Server {
    /// An object.
    pub fn get(&self, call: &Call) -> Result<Arc<Value>, Status> {
        let found = self.store.get(&call.key());
        let object = found.ok_or_else(|| Status::not_found(&call.kind.resource, &call.name))?;
        Ok(in_version(call, object))
    }

    /// A list, filtered by selectors, in pages if a limit was given.
    pub fn list(&self, call: &Call) -> Result<List, Status> {
        let options = &call.options;
        if let Some(why) = options.bad_version() {
            return Err(Status::bad_request(format!(
                "invalid resource version: {why}"
            )));
        }
        let selector = Selector::parse(
            &call.kind.resource,
            &options.label_selector,
            &options.field_selector,
        )?;
        let namespace = Some(call.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let (all, revision) = self.store.list_kept(&call.kind.resource, namespace);
        let (revision, after) = match options.go_on.as_str() {
            "" => (revision, None),
            token => {
                let (revision, place) = read_token(token)?;
                (revision, Some(place))
            }
        };
        let mut items: Vec<_> = all
            .into_iter()
            .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
            .filter(|(_, object)| selector.chooses_kept(object))
            .collect();
        let mut go_on = String::new();
        let mut remaining = 0;
        if options.limit > 0 && items.len() > options.limit {
            // With a selector the real server does not know how many follow.
            let selects = !options.label_selector.is_empty() || !options.field_selector.is_empty();
            remaining = if selects {
                0
            } else {
                items.len() - options.limit
            };
            items.truncate(options.limit);
            if let Some(((namespace, name), _)) = items.last() {
                let token =
                    json!({ "v": "meta.k8s.io/v1", "rv": revision, "start": [namespace, name] });
                go_on = BASE64_URL_SAFE_NO_PAD.encode(token.to_string());
            }
        }
        Ok(List {
            items: items.into_iter().map(|(_, object)| object).collect(),
            revision,
            go_on,
            remaining,
        })
    }
}

fn read_token(token: &str) -> Result<(u64, (String, String)), Status> {
    let read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let token: Value = serde_json::from_slice(&bytes).ok()?;
        let text = |index: usize| Some(token["start"][index].as_str()?.to_owned());
        Some((token["rv"].as_u64()?, (text(0)?, text(1)?)))
    };
    read().ok_or_else(|| {
        Status::bad_request("continue key is not valid: it is none that this server gave")
    })
}

/// The object in the version that was asked for. Versions differ in name alone (definitions without conversion).
pub(crate) fn in_version(call: &Call, object: Arc<Value>) -> Arc<Value> {
    let version = call.kind.api_version();
    if object["apiVersion"] == version {
        return object;
    }
    let mut object = Value::clone(&object);
    object["apiVersion"] = version.into();
    Arc::new(object)
}
