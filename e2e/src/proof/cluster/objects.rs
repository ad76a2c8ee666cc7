//! The objects of the provider's projects, of whatever kind, as the API server has them.

use std::fmt;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams};
use kube::discovery::{ApiCapabilities, Discovery, Scope, verbs};
use serde_json::Value;

use crate::poll::{Look, poll};
use crate::proof::ProofError;
use crate::proof::error::answer;

/// The label that every object of the provider has.
pub const PROJECT: &str = "seedling.dev/project";
/// The annotation of what a create has not finished.
pub const UNFINISHED: &str = "seedling.dev/unfinished";
/// The field manager that the provider applies with; parts have managers of their own that begin with it.
pub const MANAGER: &str = "seedling";

/// How long a kind may take to be served.
const READY: Duration = Duration::from_secs(30);

/// How many lists are asked for at the same time.
const LISTS: usize = 8;

/// One object.
#[derive(Clone, Debug)]
pub struct Live {
    /// Its kind.
    pub resource: ApiResource,
    /// As the server sent it.
    pub json: Value,
}

impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace() {
            Some(namespace) => write!(f, "{namespace}/{}", self.short()),
            None => write!(f, "{}", self.short()),
        }
    }
}

impl Live {
    fn new(resource: ApiResource, object: &DynamicObject) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::to_value(object)?;
        // Items of a list have no type of their own.
        json["apiVersion"] = resource.api_version.clone().into();
        json["kind"] = resource.kind.clone().into();
        Ok(Self { resource, json })
    }

    /// `Deployment/api`.
    pub fn short(&self) -> String {
        format!("{}/{}", self.resource.kind, self.name())
    }

    /// A name for a file, unique among objects.
    pub fn file_name(&self) -> String {
        let namespace = self.namespace().unwrap_or("cluster");
        // Names of RBAC objects may hold what file names may not.
        format!("{namespace}-{}-{}", self.resource.kind, self.name()).replace(['/', ':'], "_")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.json["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// Its namespace, if it lives in one.
    pub fn namespace(&self) -> Option<&str> {
        self.json["metadata"]["namespace"].as_str()
    }

    /// The id that no other object ever has.
    pub fn uid(&self) -> &str {
        self.json["metadata"]["uid"].as_str().unwrap_or_default()
    }

    /// One of its labels.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.json["metadata"]["labels"][name].as_str()
    }

    /// One of its annotations.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.json["metadata"]["annotations"][name].as_str()
    }

    /// Whether the provider has applied a part of it. (Endpoints and the like only inherit its labels.)
    pub fn is_applied(&self) -> bool {
        let managers = self.json["metadata"]["managedFields"].as_array();
        managers.into_iter().flatten().any(is_ours)
    }

    /// A way to read and write it.
    pub fn api(&self, client: &kube::Client) -> Api<DynamicObject> {
        match self.namespace() {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &self.resource),
            None => Api::all_with(client.clone(), &self.resource),
        }
    }

    /// The same object as it is now; `None` once it is gone, even if another of its name has come.
    pub async fn again(&self, client: &kube::Client) -> Result<Option<Self>, ProofError> {
        let found = self
            .api(client)
            .get_opt(self.name())
            .await
            .map_err(ProofError::api(format!("reading {self}")))?;
        let Some(found) = found else { return Ok(None) };
        let now = Self::new(self.resource.clone(), &found)
            .map_err(|e| ProofError::broken(format!("{self}: {e}")))?;
        Ok((now.uid() == self.uid()).then_some(now))
    }

    /// Asks for its removal; that it is gone already is no error.
    pub async fn delete(&self, client: &kube::Client) -> Result<(), ProofError> {
        match self
            .api(client)
            .delete(self.name(), &DeleteParams::background())
            .await
        {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(ProofError::api(format!("deleting {self}"))(error)),
        }
    }
}

/// Whether an entry of `managedFields` is what the provider has applied (and not what it wrote by other verbs).
pub fn is_ours(entry: &Value) -> bool {
    let manager = entry["manager"].as_str().unwrap_or_default();
    // Not `seedling-scale`, which only holds the number of pods until an autoscaler has it.
    let of_ours = manager == MANAGER
        || manager
            .strip_prefix(MANAGER)
            .is_some_and(|rest| rest.starts_with('/'));
    of_ours && entry["operation"] == "Apply" && entry.get("subresource").is_none()
}

/// Everything that carries the provider's labels and was applied by it, sorted by namespace, kind and name.
pub async fn of_projects(client: &kube::Client) -> Result<Vec<Live>, ProofError> {
    let mut found = labelled(client).await?;
    found.retain(Live::is_applied);
    Ok(found)
}

/// Everything that carries the provider's labels, whoever wrote it.
pub async fn labelled(client: &kube::Client) -> Result<Vec<Live>, ProofError> {
    let kinds = kinds(client).await?;
    let lists = kinds.into_iter().map(|(kind, _)| list(client, kind));
    let found: Vec<Vec<Live>> = futures::stream::iter(lists)
        .buffer_unordered(LISTS)
        .try_collect()
        .await?;
    let mut found: Vec<Live> = found.into_iter().flatten().collect();
    found.sort_by_cached_key(ToString::to_string);
    Ok(found)
}

/// One kind's objects. A kind that was defined a moment ago answers 429 until its storage is ready.
async fn list(client: &kube::Client, kind: ApiResource) -> Result<Vec<Live>, ProofError> {
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
    let what = format!("listing {}", kind.plural);
    let labelled = ListParams::default().labels(PROJECT);
    let objects = poll(&what, READY, || async {
        match api.list(&labelled).await {
            Ok(objects) => Look::Done(objects),
            Err(kube::Error::Api(status)) if status.code == 429 => Look::NotYet(status.message),
            Err(error) => Look::Never(answer(&error)),
        }
    })
    .await?;
    let live = objects
        .items
        .iter()
        .map(|object| Live::new(kind.clone(), object))
        .collect::<Result<_, _>>();
    live.map_err(|error| ProofError::broken(format!("a {} cannot be read: {error}", kind.kind)))
}

/// Kinds that can be listed and deleted, each once, in the group's preferred version.
async fn kinds(client: &kube::Client) -> Result<Vec<(ApiResource, ApiCapabilities)>, ProofError> {
    let discovery = Discovery::new(client.clone())
        .run()
        .await
        .map_err(ProofError::api("asking for the kinds"))?;
    let mut kinds: Vec<_> = discovery
        .groups()
        .flat_map(kube::discovery::ApiGroup::recommended_resources)
        .collect();
    // Events are served by two groups and belong to nobody.
    kinds.retain(|(kind, can)| {
        can.supports_operation(verbs::DELETE)
            && can.supports_operation(verbs::LIST)
            && kind.kind != "Event"
    });
    debug_assert!(kinds.iter().any(|(_, can)| can.scope == Scope::Cluster));
    Ok(kinds)
}
