//! One cluster: every request with a deadline, transient failures repeated within bounds.
//!
//! All our writes can be repeated (server-side apply, delete with a precondition), so the same
//! retry policy serves every verb.

use std::{collections::HashSet, time::Duration};

use kube::{
    Client,
    api::{
        DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, Preconditions, Request,
    },
};
use seedling_model::{FIELD_MANAGER, Object};
use serde_json::Value as Json;
use tokio::{
    sync::OnceCell,
    time::{Instant, sleep, timeout},
};

use super::{Failure, Kind, cache::Cache, kinds};

/// One attempt of one request. Core gives a provider no deadline of its own.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long transient failures of one request are repeated before they are reported.
const RETRY_FOR: Duration = Duration::from_secs(20);
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Objects per page of a LIST, as kubectl asks for.
const PAGE: u32 = 500;

/// A connected cluster and what this run already knows about it.
pub struct Cluster {
    client: Client,
    project: String,
    /// Reads that several resources of this run share.
    pub cache: Cache,
    uid: OnceCell<Option<String>>,
}

/// How an object is applied.
#[derive(Debug, Clone)]
pub struct Apply<'a> {
    /// Field manager that will own what the object says.
    pub manager: &'a str,
    /// Take fields over from other managers instead of reporting a conflict.
    pub force: bool,
    /// Ask the server what would happen and change nothing.
    pub dry_run: bool,
}

impl Apply<'_> {
    /// First write of an object: conflicts with other managers are reported.
    pub fn create() -> Self {
        Self {
            manager: FIELD_MANAGER,
            force: false,
            dry_run: false,
        }
    }

    /// Later writes: what is ours is taken back.
    pub fn update() -> Self {
        Self {
            force: true,
            ..Self::create()
        }
    }

    /// The same write, as a question.
    #[must_use]
    pub fn dry(mut self) -> Self {
        self.dry_run = true;
        self
    }
}

impl Cluster {
    /// A cluster reached through `client`, seen by the objects of `project`.
    pub fn new(client: Client, project: String) -> Self {
        Self {
            client,
            cache: Cache::new(&project),
            project,
            uid: OnceCell::new(),
        }
    }

    /// The client itself, for kube's own watcher and log requests.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The project whose objects this run manages.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// One object, straight from the server; `None` only where the server answered 404.
    pub async fn get(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Object>, Failure> {
        let request = Request::new(kind.path(namespace));
        let answer = self.send(|| request.get(name, &GetParams::default())).await;
        match answer {
            Ok(body) => Ok(Some(Object(body))),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// All objects a selector matches, page by page.
    pub async fn list(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        selector: &ListParams,
    ) -> Result<Vec<Object>, Failure> {
        let request = Request::new(kind.path(namespace));
        let mut page = selector.clone().limit(PAGE);
        let mut objects = Vec::new();
        loop {
            let mut body = self.send(|| request.list(&page)).await?;
            for mut item in take_items(&mut body) {
                // Items of a list come without their type.
                item["apiVersion"] = kind.api_version().into();
                item["kind"] = kind.kind.into();
                objects.push(Object(item));
            }
            match body["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => page = page.continue_token(token),
                _ => return Ok(objects),
            }
        }
    }

    /// The names of everybody's objects of a kind in a namespace, without their content.
    pub async fn names(
        &self,
        kind: Kind,
        namespace: Option<&str>,
    ) -> Result<HashSet<String>, Failure> {
        let request = Request::new(kind.path(namespace));
        let mut page = ListParams::default().limit(PAGE);
        let mut names = HashSet::new();
        loop {
            let mut body = self.send(|| request.list_metadata(&page)).await?;
            let items = take_items(&mut body);
            let found = items
                .iter()
                .filter_map(|item| item["metadata"]["name"].as_str());
            names.extend(found.map(str::to_owned));
            match body["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => page = page.continue_token(token),
                _ => return Ok(names),
            }
        }
    }

    /// Server-side apply. The answer is the object as the server now has it.
    pub async fn apply(&self, object: &Object, how: &Apply<'_>) -> Result<Object, Failure> {
        let kind = Self::kind_of(object)?;
        let request = Request::new(kind.path(object.namespace()));
        let params = PatchParams {
            dry_run: how.dry_run,
            force: how.force,
            field_manager: Some(how.manager.to_owned()),
            field_validation: Some(kube::api::ValidationDirective::Strict),
        };
        let answer = self
            .send(|| request.patch(object.name(), &params, &Patch::Apply(&object.0)))
            .await;
        if !how.dry_run {
            self.cache.written(kind, object.namespace(), object.name());
        }
        answer.map(Object)
    }

    /// JSON merge patch of one object, for the rare write that is no apply.
    pub async fn merge(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        patch: &Json,
    ) -> Result<Object, Failure> {
        let request = Request::new(kind.path(namespace));
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let answer = self
            .send(|| request.patch(name, &params, &Patch::Merge(patch)))
            .await;
        self.cache.written(kind, namespace, name);
        answer.map(Object)
    }

    /// Asks for an object's deletion; gone already is success. `uid` guards a successor of the
    /// same name.
    pub async fn delete(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        uid: Option<&str>,
    ) -> Result<(), Failure> {
        let request = Request::new(kind.path(namespace));
        let mut params = DeleteParams::background();
        params.preconditions = uid.map(|uid| Preconditions {
            uid: Some(uid.to_owned()),
            resource_version: None,
        });
        let answer = self.send(|| request.delete(name, &params)).await;
        self.cache.written(kind, namespace, name);
        match answer {
            Err(failure) if !failure.is_not_found() => Err(failure),
            _ => Ok(()),
        }
    }

    /// Asks a question by creating something that the server does not keep: an access review, or
    /// an object as a dry run.
    pub async fn ask(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        let request = Request::new(path);
        let params = PostParams {
            dry_run: true,
            ..PostParams::default()
        };
        self.send(|| {
            let bytes = serde_json::to_vec(body).unwrap_or_default();
            request.create(&params, bytes)
        })
        .await
    }

    /// What tells this cluster from every other: the uid of namespace `kube-system`. `None` where
    /// the identity may not read it.
    pub async fn uid(&self) -> Result<Option<String>, Failure> {
        let uid = self
            .uid
            .get_or_try_init(|| async { self.namespace_uid("kube-system").await })
            .await?;
        Ok(uid.clone())
    }

    /// The uid of a namespace. `None` where there is none, or the identity may not read it.
    pub async fn namespace_uid(&self, name: &str) -> Result<Option<String>, Failure> {
        if let Some(known) = self.cache.uid(name) {
            return Ok(Some(known));
        }
        let uid = match self.read(kinds::NAMESPACE, None, name).await {
            Ok(namespace) => namespace.and_then(|it| it.uid().map(str::to_owned)),
            Err(failure) if failure.is_forbidden() => None,
            Err(failure) => return Err(failure),
        };
        if let Some(uid) = &uid {
            self.cache.remember_uid(name, uid);
        }
        Ok(uid)
    }

    fn kind_of(object: &Object) -> Result<Kind, Failure> {
        Kind::of(object.api_version(), object.kind()).ok_or_else(|| {
            Failure::Unreachable(format!(
                "{} {} is not a kind this provider knows; this is a bug in the provider",
                object.api_version(),
                object.kind()
            ))
        })
    }

    /// Sends until there is a final answer or [`RETRY_FOR`] is over.
    async fn send<F>(&self, build: F) -> Result<Json, Failure>
    where
        F: Fn() -> Result<http::Request<Vec<u8>>, kube::core::request::Error>,
    {
        let give_up = Instant::now() + RETRY_FOR;
        let mut pause = RETRY_FIRST;
        loop {
            let request = build().map_err(kube::Error::BuildRequest)?;
            let answer = timeout(ATTEMPT_TIMEOUT, self.client.request::<Json>(request)).await;
            let failure = match answer {
                Ok(Ok(body)) => return Ok(body),
                Ok(Err(error)) => Failure::from(error),
                Err(_) => Failure::TimedOut(ATTEMPT_TIMEOUT, "an answer of the API server".into()),
            };
            let wait = failure.retry_after().unwrap_or(pause);
            if !failure.is_transient() || Instant::now() + wait > give_up {
                return Err(failure);
            }
            tracing::debug!(error = %failure, "repeating a request");
            sleep(wait).await;
            pause = (pause * 2).min(RETRY_MAX);
        }
    }
}

fn take_items(body: &mut Json) -> Vec<Json> {
    match body.get_mut("items").map(Json::take) {
        Some(Json::Array(items)) => items,
        _ => Vec::new(),
    }
}
