//! Watches: changes as they come, one JSON object a line.

use std::sync::Arc;
use std::time::Duration;

use futures::stream;
use http::Response;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answer::{self, Body};
use crate::api::{Call, Selector, Server, Status};
use crate::store::{Happened, Record};

/// The real server ends watches after 30 to 60 minutes.
const LONGEST: Duration = Duration::from_mins(45);
/// As the real server's watch cache sends them.
const BOOKMARK_EVERY: Duration = Duration::from_mins(1);

struct Watch {
    server: Arc<Server>,
    call: Call,
    selector: Selector,
    since: u64,
    changed: tokio::sync::watch::Receiver<u64>,
    until: Instant,
    bookmark: Instant,
    first: Vec<u8>,
    over: bool,
}

/// Begins a watch.
pub(super) fn answer(server: Arc<Server>, call: &Call) -> Result<Response<Body>, Status> {
    let options = &call.options;
    let mut call = call.clone();
    let mut fields = options.field_selector.clone();
    if !call.name.is_empty() {
        let name = format!("metadata.name={}", call.name);
        fields = if fields.is_empty() {
            name
        } else {
            format!("{fields},{name}")
        };
        call.options.field_selector.clone_from(&fields);
        call.name.clear();
    }
    let selector = Selector::parse(&call.kind.resource, &options.label_selector, &fields)?;
    let changed = server.store().subscribe();
    let now = Instant::now();
    let life = options
        .timeout_seconds
        .map_or(LONGEST, Duration::from_secs)
        .min(LONGEST);
    let mut watch = Watch {
        selector,
        since: 0,
        changed,
        until: now + life,
        bookmark: now + BOOKMARK_EVERY,
        first: Vec::new(),
        over: false,
        server,
        call,
    };
    watch.begin()?;
    let pieces = stream::unfold(watch, |mut watch| async move {
        let piece = watch.next().await?;
        Some((piece, watch))
    });
    Ok(answer::stream("application/json", pieces))
}

impl Watch {
    fn begin(&mut self) -> Result<(), Status> {
        let options = self.call.options.clone();
        let from = options.resource_version.as_str();
        if options.initial_events || from.is_empty() || from == "0" {
            self.call.options.limit = 0;
            self.call.options.go_on.clear();
            let list = self.server.list(&self.call)?;
            self.since = list.revision;
            for item in &list.items {
                let text = item.text(&self.call.kind.api_version());
                self.first.extend(line("ADDED", &text));
            }
            if options.initial_events && options.bookmarks {
                let bookmark = self.bookmark_object(list.revision, true);
                self.first.extend(line("BOOKMARK", &bookmark.to_string()));
            }
            return Ok(());
        }
        if let Some(why) = options.bad_version() {
            return Err(Status {
                code: 500,
                reason: "",
                message: why,
                details: Value::Null,
            });
        }
        let revision = from.parse().unwrap_or_default();
        self.since = revision;
        Ok(())
    }

    /// The next lines; `None` when the watch is over.
    async fn next(&mut self) -> Option<Vec<u8>> {
        if !self.first.is_empty() {
            return Some(std::mem::take(&mut self.first));
        }
        loop {
            if self.over {
                return None;
            }
            self.changed.borrow_and_update();
            let changes = match self.server.store().changes(self.since) {
                Ok(changes) => changes,
                Err(gone) => {
                    self.over = true;
                    return Some(line(
                        "ERROR",
                        &Status::expired(gone.to_string()).to_json().to_string(),
                    ));
                }
            };
            let mut lines = Vec::new();
            for change in &changes {
                self.since = change.revision;
                lines.extend(self.line_of(change).unwrap_or_default());
            }
            if !lines.is_empty() {
                return Some(lines);
            }
            tokio::select! {
                result = self.changed.changed() => self.over = result.is_err(),
                () = tokio::time::sleep_until(self.until) => self.over = true,
                () = tokio::time::sleep_until(self.bookmark), if self.call.options.bookmarks => {
                    self.bookmark += BOOKMARK_EVERY;
                    return Some(line("BOOKMARK", &self.bookmark_object(self.since, false).to_string()));
                }
            }
        }
    }

    /// A change as this watch sees it: an object that comes to be chosen is new, one that is no longer chosen is gone.
    fn line_of(&self, change: &Record) -> Option<Vec<u8>> {
        let key = &change.key;
        if key.resource != self.call.kind.resource
            || !self.call.namespace.is_empty() && key.namespace != self.call.namespace
        {
            return None;
        }
        let before = change
            .previous
            .as_ref()
            .is_some_and(|object| self.selector.chooses_kept(object));
        let now =
            change.happened != Happened::Deleted && self.selector.chooses_kept(&change.object);
        let kind = match (before, now) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return None,
        };
        let version = self.call.kind.api_version();
        match &change.previous {
            // Of an object that is no longer chosen, the state that was, with the version of the change.
            Some(previous) if kind == "DELETED" && change.happened != Happened::Deleted => {
                let mut object = Value::clone(&previous.tree());
                object["metadata"]["resourceVersion"] = change.revision.to_string().into();
                object["apiVersion"] = version.into();
                Some(line(kind, &object.to_string()))
            }
            _ => Some(line(kind, &change.object.text(&version))),
        }
    }

    fn bookmark_object(&self, revision: u64, is_end_of_list: bool) -> Value {
        let mut metadata = json!({ "resourceVersion": revision.to_string() });
        if is_end_of_list {
            metadata["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        json!({ "kind": self.call.kind.kind, "apiVersion": self.call.kind.api_version(), "metadata": metadata })
    }
}

fn line(kind: &str, object: &str) -> Vec<u8> {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n").into_bytes()
}
