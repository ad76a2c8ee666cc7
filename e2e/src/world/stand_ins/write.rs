//! What is to be written.

use futures::future::join_all;
use kube::Client;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::kinds::Kind;
use super::view::{name, namespace};

/// One write. Each can be repeated without harm.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Write {
    /// Makes an object, if there is none of its name.
    Create(Kind, Value),
    /// Sets members of an object.
    Merge(Target, Value),
    /// Sets members of an object's status.
    Status(Target, Value),
    /// Deletes an object.
    Delete(Target),
}

/// Which object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    kind: Kind,
    namespace: String,
    name: String,
}

impl Target {
    pub fn of(kind: Kind, object: &Value) -> Target {
        Target {
            kind,
            namespace: namespace(object).to_owned(),
            name: name(object).to_owned(),
        }
    }
}

impl Write {
    /// The status of an object, if it differs from what it has in the members given.
    pub fn status(kind: Kind, object: &Value, wanted: Value) -> Option<Write> {
        let differs = wanted
            .as_object()
            .into_iter()
            .flatten()
            .any(|(member, value)| object["status"][member] != *value);
        differs.then(|| Write::Status(Target::of(kind, object), wanted))
    }

    fn target(&self) -> Target {
        match self {
            Write::Create(kind, object) => Target::of(*kind, object),
            Write::Merge(target, _) | Write::Status(target, _) | Write::Delete(target) => {
                target.clone()
            }
        }
    }
}

/// Does all of them at the same time; says whether one was refused.
pub(super) async fn all(client: &Client, writes: Vec<Write>) -> bool {
    join_all(writes.iter().map(|write| one(client, write)))
        .await
        .contains(&false)
}

async fn one(client: &Client, write: &Write) -> bool {
    match attempt(client, write).await {
        Ok(()) => true,
        // Gone, or made by someone else in between: the next look sees it.
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => true,
        Err(error) => {
            let Target {
                kind,
                namespace,
                name,
            } = write.target();
            tracing::warn!(kind = kind.name(), namespace, name, %error, "refused");
            false
        }
    }
}

async fn attempt(client: &Client, write: &Write) -> kube::Result<()> {
    let params = PatchParams::default();
    match write {
        Write::Create(kind, object) => {
            let new: DynamicObject =
                serde_json::from_value(object.clone()).map_err(kube::Error::SerdeError)?;
            api(client, *kind, namespace(object))
                .create(&PostParams::default(), &new)
                .await
                .map(|_| ())
        }
        Write::Merge(target, patch) => target
            .api(client)
            .patch(&target.name, &params, &Patch::Merge(patch))
            .await
            .map(|_| ()),
        Write::Status(target, status) => {
            let patch = Patch::Merge(json!({ "status": status }));
            target
                .api(client)
                .patch_status(&target.name, &params, &patch)
                .await
                .map(|_| ())
        }
        Write::Delete(target) => target
            .api(client)
            .delete(&target.name, &DeleteParams::default())
            .await
            .map(|_| ()),
    }
}

impl Target {
    fn api(&self, client: &Client) -> Api<DynamicObject> {
        api(client, self.kind, &self.namespace)
    }
}

fn api(client: &Client, kind: Kind, namespace: &str) -> Api<DynamicObject> {
    if namespace.is_empty() {
        Api::all_with(client.clone(), &kind.resource())
    } else {
        Api::namespaced_with(client.clone(), namespace, &kind.resource())
    }
}
