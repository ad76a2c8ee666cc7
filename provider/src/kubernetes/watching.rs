//! Waiting by watching: no polling, a deadline always, and an end within a second on Stop.

use std::{ops::ControlFlow, time::Duration};

use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api,
    api::DynamicObject,
    runtime::{
        WatchStreamExt,
        watcher::{self, Event},
    },
};
use seedling_model::Object;
use seedling_schema::Stop;
use tokio::time::{Instant, sleep_until};

use super::{Cluster, Failure, Kind};

/// One step in the life of the watched objects.
#[derive(Debug)]
pub enum Change {
    /// The object is there, new or changed.
    Is(Object),
    /// The object of this name is gone.
    Gone(String),
    /// A list begins: what is not named before [`Change::Listed`] is gone.
    Listing,
    /// The list is complete.
    Listed,
}

/// How long a wait may take, and who may end it early.
#[derive(Clone)]
pub struct Patience {
    /// When the wait is over.
    pub deadline: Instant,
    /// The whole time allowed, for messages.
    pub allowed: Duration,
    /// Fires when the command line wants to stop.
    pub stop: Stop,
}

impl Patience {
    /// Patience of the given length, from now.
    pub fn new(allowed: Duration, stop: Stop) -> Self {
        Self {
            deadline: Instant::now() + allowed,
            allowed,
            stop,
        }
    }
}

impl Cluster {
    /// All changes of the selected objects, from a list on, reconnecting as needed.
    /// Ends with an error only where going on is pointless (403, 404, …).
    pub fn changes(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        config: watcher::Config,
    ) -> impl Stream<Item = Result<Change, Failure>> + Send + use<> {
        let resource = kind.api_resource();
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) if kind.namespaced => {
                Api::namespaced_with(self.client(), namespace, &resource)
            }
            _ => Api::all_with(self.client(), &resource),
        };
        watcher::watcher(api, config)
            .default_backoff()
            .filter_map(|event| async move { settle(event) })
    }

    /// Watches one object until `decide` breaks with an answer. `decide` sees `None` while the
    /// object does not exist.
    pub async fn watch_one<T>(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        patience: &Patience,
        mut decide: impl FnMut(Option<&Object>) -> ControlFlow<T>,
    ) -> Result<T, Failure> {
        let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
        let mut changes = std::pin::pin!(self.changes(kind, namespace, config));
        let mut seen: Option<Object> = None;
        loop {
            let change = tokio::select! {
                biased;
                () = patience.stop.stopped() => return Err(Failure::Stopped),
                () = sleep_until(patience.deadline) => {
                    return Err(Failure::TimedOut(patience.allowed, format!("{} {name}", kind.kind)));
                }
                change = changes.try_next() => change?,
            };
            match change {
                Some(Change::Is(object)) => seen = Some(object),
                Some(Change::Gone(_)) => seen = None,
                Some(Change::Listing) => {
                    // While a list runs, absence is not known yet.
                    seen = None;
                    continue;
                }
                Some(Change::Listed) => {}
                None => return Err(Failure::Unreachable("the watch ended".to_owned())),
            }
            if let ControlFlow::Break(answer) = decide(seen.as_ref()) {
                return Ok(answer);
            }
        }
    }

    /// Waits until the object is gone. On time-out the failure says what it was last like.
    pub async fn wait_gone(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        patience: &Patience,
    ) -> Result<(), Failure> {
        self.watch_one(kind, namespace, name, patience, |object| match object {
            None => ControlFlow::Break(()),
            Some(_) => ControlFlow::Continue(()),
        })
        .await
    }
}

/// Trouble that a new connection may mend is left to the watcher's back-off.
fn settle(event: Result<Event<DynamicObject>, watcher::Error>) -> Option<Result<Change, Failure>> {
    match event {
        Ok(Event::Apply(object) | Event::InitApply(object)) => serde_json::to_value(object)
            .ok()
            .map(|body| Ok(Change::Is(Object(body)))),
        Ok(Event::Delete(object)) => Some(Ok(Change::Gone(object.metadata.name?))),
        Ok(Event::Init) => Some(Ok(Change::Listing)),
        Ok(Event::InitDone) => Some(Ok(Change::Listed)),
        Err(watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error)) => {
            let failure = Failure::from(error);
            (!failure.is_transient()).then_some(Err(failure))
        }
        Err(watcher::Error::WatchError(status)) if status.code == 403 => {
            Some(Err(Failure::Forbidden(status)))
        }
        Err(_) => None,
    }
}
