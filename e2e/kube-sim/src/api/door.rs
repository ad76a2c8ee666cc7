//! The API for controllers in the same process. Every write goes the way of a request, so that admission, owners and finalizers hold
//! for them too; but what they write has the right types: it is not read from a body.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::delete::DeleteOptions;
use super::options::Options;
use super::status::Status;
use super::write::New;
use super::{Call, Server};
use crate::authn::User;
use crate::controllers::{Act, Client, Refusal, Write, Writer};

/// The door of a server.
pub struct Door(pub Arc<Server>);

impl Writer for Door {
    fn write(&self, write: &Write) -> Result<Arc<Value>, Refusal> {
        self.act(write).map_err(refusal)
    }
}

/// The name of the program whose part a controller plays.
fn program(client: Client) -> &'static str {
    match client {
        Client::ControllerManager => "kube-controller-manager",
        Client::Scheduler => "kube-scheduler",
        Client::Kubelet => "kubelet",
    }
}

impl Door {
    fn act(&self, write: &Write) -> Result<Arc<Value>, Status> {
        let server = &self.0;
        match &write.act {
            Act::Create(object) => server.create_new(
                &Call {
                    name: String::new(),
                    ..self.call(write, "")?
                },
                New::Written(object.clone()),
            ),
            Act::Update {
                subresource: Some("finalize"),
                object,
            } => server.finalize(&self.call(write, "finalize")?, object),
            Act::Update {
                subresource,
                object,
            } => server.update_checked(
                &self.call(write, subresource.unwrap_or_default())?,
                object.clone(),
            ),
            Act::Delete {
                uid,
                propagation,
                grace,
            } => {
                let options = DeleteOptions {
                    grace_period: grace.and_then(|grace| i64::try_from(grace).ok()),
                    propagation: propagation.map(str::to_owned),
                    uid: Some(uid.clone()).filter(|uid| !uid.is_empty()),
                    resource_version: None,
                };
                server
                    .delete(&self.call(write, "")?, &options)
                    .map(Arc::new)
            }
            Act::Bind { uid, node } => {
                let body = json!({ "metadata": { "uid": uid }, "target": { "kind": "Node", "name": node } });
                server
                    .bind(&self.call(write, "binding")?, &body)
                    .map(Arc::new)
            }
        }
    }

    fn call(&self, write: &Write, subresource: &str) -> Result<Call, Status> {
        let key = &write.key;
        let kinds = self.0.kinds();
        let kind = kinds.stored(&key.resource);
        let kind =
            kind.ok_or_else(|| Status::not_covered(&format!("the resource {}", key.resource)))?;
        let program = program(write.client);
        Ok(Call {
            user: User::authenticated(&format!("system:{program}"), &["system:masters"]),
            agent: program.to_owned(),
            kind: kind.clone(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            subresource: subresource.to_owned(),
            options: Options::default(),
            warnings: Arc::new(Mutex::default()),
        })
    }
}

fn refusal(status: Status) -> Refusal {
    let causes = status.details["causes"].as_array().into_iter().flatten();
    let namespace_ends = causes
        .into_iter()
        .any(|cause| cause["reason"] == "NamespaceTerminating");
    Refusal {
        code: status.code,
        reason: status.reason.to_owned(),
        namespace_ends,
        message: status.message,
    }
}
