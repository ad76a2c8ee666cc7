//! Keeps the view up to date.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use kube::Client;
use kube::api::{Api, DynamicObject};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};
use serde_json::Value;
use tokio::sync::Notify;

use super::kinds::Kind;
use super::view::View;

/// The view, and word of its changes.
#[derive(Clone, Default)]
pub(super) struct Watched {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct State {
    view: View,
    complete: BTreeSet<Kind>,
}

/// Watches all kinds for as long as the runtime lives.
pub(super) fn start(client: &Client) -> Watched {
    let watched = Watched::default();
    for kind in Kind::ALL {
        tokio::spawn(watched.clone().follow(client.clone(), kind));
    }
    watched
}

impl Watched {
    pub fn view(&self) -> View {
        self.lock().view.clone()
    }

    /// Waits for the next change, or for one since the last wait.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until all kinds have been listed once.
    pub async fn until_complete(&self) {
        while self.lock().complete.len() < Kind::ALL.len() {
            self.changed().await;
        }
    }

    async fn follow(self, client: Client, kind: Kind) {
        let api = Api::<DynamicObject>::all_with(client, &kind.resource());
        let mut events = watcher(api, watcher::Config::default())
            .default_backoff()
            .boxed();
        let mut listed = Vec::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.take(kind, event, &mut listed),
                Err(error) => tracing::warn!(kind = kind.name(), %error, "watch interrupted"),
            }
        }
    }

    fn take(&self, kind: Kind, event: Event<DynamicObject>, listed: &mut Vec<Value>) {
        let mut state = self.lock();
        match event {
            Event::Init => listed.clear(),
            Event::InitApply(object) => listed.extend(plain(&object)),
            Event::InitDone => {
                state.view.replace(kind, std::mem::take(listed));
                state.complete.insert(kind);
                self.changed.notify_one();
            }
            Event::Apply(object) => {
                if let Some(object) = plain(&object) {
                    state.view.insert(kind, object);
                }
                self.changed.notify_one();
            }
            Event::Delete(object) => {
                if let Some(object) = plain(&object) {
                    state.view.remove(kind, &object);
                }
                self.changed.notify_one();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn plain(object: &DynamicObject) -> Option<Value> {
    serde_json::to_value(object).ok()
}
