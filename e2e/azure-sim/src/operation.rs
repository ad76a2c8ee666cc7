//! Long-running operations: started by a request, ended by the clock.
//!
//! States and bodies: Resource Manager RPC, `async-api-reference.md`; the words of `provisioningState` that AKS uses: its REST
//! reference (examples of 2025-10-01).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::clock::text;
use crate::store::{World, key};

/// An operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// Its name, a GUID.
    pub name: String,
    /// What it does.
    pub verb: Verb,
    /// The id of what it does it to.
    pub resource: String,
    /// The key of the cluster that is busy with it.
    pub cluster: String,
    /// When it was started.
    #[serde(with = "crate::clock::moment")]
    pub started: OffsetDateTime,
    /// When it ends, or ended.
    #[serde(with = "crate::clock::moment")]
    pub ends: OffsetDateTime,
    /// How it will end.
    pub ending: Ending,
    /// Whether it has ended.
    pub ended: bool,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Makes the resource.
    Create,
    /// Changes a count.
    Scale,
    /// Changes the Kubernetes version.
    Upgrade,
    /// Changes the node image.
    UpgradeImage,
    /// Anything else.
    Update,
    /// Stops it.
    Stop,
    /// Starts it.
    Start,
    /// Removes it.
    Delete,
}

/// How an operation ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Well.
    #[default]
    Succeeded,
    /// With an error.
    Failed {
        /// Its code.
        code: String,
        /// Its message.
        message: String,
    },
    /// Because somebody wanted it to end.
    Canceled,
}

impl Verb {
    /// `provisioningState` while it runs.
    pub fn state(self) -> &'static str {
        match self {
            Verb::Create => "Creating",
            Verb::Scale => "Scaling",
            Verb::Upgrade => "Upgrading",
            Verb::UpgradeImage => "UpgradingNodeImageVersion",
            Verb::Update => "Updating",
            Verb::Stop => "Stopping",
            Verb::Start => "Starting",
            Verb::Delete => "Deleting",
        }
    }
}

impl Operation {
    /// What a GET of its `Azure-AsyncOperation` URL shows.
    pub fn body(&self) -> Value {
        let mut body =
            json!({ "name": self.name, "status": self.status(), "startTime": text(self.started) });
        if self.ended {
            body["endTime"] = text(self.ends).into();
            if let Some(error) = self.error() {
                body["error"] = error;
            }
        }
        body
    }

    fn status(&self) -> &'static str {
        match (self.ended, &self.ending) {
            (false, Ending::Canceled) => "Canceling",
            (false, _) => "InProgress",
            (true, Ending::Succeeded) => "Succeeded",
            (true, Ending::Failed { .. }) => "Failed",
            (true, Ending::Canceled) => "Canceled",
        }
    }

    fn error(&self) -> Option<Value> {
        match &self.ending {
            Ending::Succeeded => None,
            Ending::Failed { code, message } => Some(json!({ "code": code, "message": message })),
            Ending::Canceled => Some(json!({
                "code": "OperationCanceled",
                "message": "The operation was canceled.",
            })),
        }
    }
}

impl World {
    /// What a cluster is busy with, by the cluster's key.
    pub fn running(&self, cluster: &str) -> impl Iterator<Item = &Operation> {
        let open = self
            .operations
            .values()
            .filter(|operation| !operation.ended);
        open.filter(move |operation| operation.cluster == cluster)
    }

    /// When the next operation ends.
    pub fn next_end(&self) -> Option<OffsetDateTime> {
        let open = self
            .operations
            .values()
            .filter(|operation| !operation.ended);
        open.map(|operation| operation.ends).min()
    }

    /// Ends what is due.
    pub fn settle(&mut self, now: OffsetDateTime) {
        while let Some(operation) = self.next_due(now) {
            let id = key(&operation.resource);
            if self.pools.contains_key(&id) {
                self.end_of_pool(&id, &operation);
            } else {
                self.end_of_cluster(&id, &operation);
            }
            tracing::info!(operation = ?operation.verb, resource = operation.resource, ending = ?operation.ending, "ended");
        }
    }

    fn next_due(&mut self, now: OffsetDateTime) -> Option<Operation> {
        let due = self
            .operations
            .values_mut()
            .filter(|one| !one.ended && one.ends <= now);
        let first = due.min_by_key(|operation| operation.ends)?;
        first.ended = true;
        Some(first.clone())
    }

    fn end_of_pool(&mut self, id: &str, operation: &Operation) {
        if operation.verb == Verb::Delete && operation.ending == Ending::Succeeded {
            self.pools.remove(id);
            return;
        }
        let version = self
            .clusters
            .get(&operation.cluster)
            .map(|cluster| cluster.value["properties"]["currentKubernetesVersion"].clone());
        let Some(pool) = self.pools.get_mut(id) else {
            return;
        };
        finish(&mut pool.value, operation);
        if operation.ending == Ending::Succeeded {
            let properties = &mut pool.value["properties"];
            crate::arm::pools::defaults::arrived(
                properties,
                version.as_ref().and_then(Value::as_str).unwrap_or_default(),
            );
            pool.actual = Some(properties.clone());
        }
    }

    fn end_of_cluster(&mut self, id: &str, operation: &Operation) {
        let succeeded = operation.ending == Ending::Succeeded;
        if operation.verb == Verb::Delete && succeeded {
            self.clusters.remove(id);
            self.pools
                .retain(|pool, _| !pool.starts_with(&format!("{id}/")));
            return;
        }
        let Some(cluster) = self.clusters.get_mut(id) else {
            return;
        };
        finish(&mut cluster.value, operation);
        let properties = &mut cluster.value["properties"];
        if succeeded {
            crate::arm::clusters::defaults::arrived(properties);
        }
        let version = properties["currentKubernetesVersion"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let power = properties["powerState"]["code"].clone();
        let prefix = format!("{id}/agentpools/");
        for (_, pool) in self
            .pools
            .iter_mut()
            .filter(|(key, _)| key.starts_with(&prefix))
        {
            finish(&mut pool.value, operation);
            if !succeeded {
                continue;
            }
            let properties = &mut pool.value["properties"];
            crate::arm::pools::defaults::arrived(properties, &version);
            // A stopped cluster has no nodes, though its pools keep their count (AKS docs, "Stop and start a cluster").
            pool.actual = (power != "Stopped").then(|| properties.clone());
        }
    }
}

fn finish(value: &mut Value, operation: &Operation) {
    let properties = &mut value["properties"];
    properties["provisioningState"] = operation.status().into();
    match operation.error() {
        Some(error) => properties["status"] = json!({ "provisioningError": error }),
        None => {
            if let Some(properties) = properties.as_object_mut() {
                properties.remove("status");
            }
        }
    }
}
