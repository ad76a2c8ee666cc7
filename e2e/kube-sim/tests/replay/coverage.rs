//! What kinds of requests and answers there are: those that a run of the standard proof meets must all be recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::exchange::{Exchange, Recording, folder};

/// Requests by who sends them: a verb, a resource with its sub-resource, whether it is a dry run, and the answer's status.
pub type Used = BTreeMap<String, BTreeSet<String>>;

/// What a run of the standard proof and of kubectl met at the real server.
const FILE: &str = "used.json";

/// The committed index.
pub fn used() -> Used {
    serde_json::from_str(&std::fs::read_to_string(folder().join(FILE)).unwrap()).unwrap()
}

/// What the index has and no recording shows, with who needs it. The harness lists every kind that discovery names: of kinds that
/// are not served (`is_served` tells by plural and group) the simulator never hears.
pub fn missing<'a>(
    recordings: impl Iterator<Item = &'a Recording>,
    is_served: impl Fn(&str) -> bool,
) -> Vec<String> {
    let recorded: BTreeSet<String> = recordings
        .flat_map(|recording| &recording.exchanges)
        .map(label_of)
        .collect();
    let lacking = |(client, labels): (String, BTreeSet<String>)| {
        let heard = |label: &&String| {
            let listed = label.strip_prefix("list ");
            listed.is_none_or(|rest| is_served(rest.split(':').next().unwrap_or_default()))
        };
        let lacking: Vec<_> = labels
            .difference(&recorded)
            .filter(heard)
            .cloned()
            .collect();
        lacking
            .into_iter()
            .map(move |label| format!("{label} (used by {client})"))
    };
    used().into_iter().flat_map(lacking).collect()
}

/// An exchange as the audit log would note it.
pub fn label_of(exchange: &Exchange) -> String {
    let (path, query) = exchange
        .path
        .split_once('?')
        .unwrap_or((&exchange.path, ""));
    let status = exchange.answer.status;
    let Some(place) = Place::of(path) else {
        return label(&exchange.method.to_lowercase(), path, query, status);
    };
    let watches = query
        .split('&')
        .any(|pair| matches!(pair, "watch=true" | "watch=1"));
    let verb = match (exchange.method.as_str(), place.named) {
        ("GET", _) if watches => "watch",
        ("GET", true) => "get",
        ("GET", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        _ => "deletecollection",
    };
    label(verb, &place.resource, query, status)
}

/// The name of one kind of request and answer.
pub fn label(verb: &str, resource: &str, query: &str, status: u16) -> String {
    let dry = if query.split('&').any(|pair| pair == "dryRun=All") {
        " (dry run)"
    } else {
        ""
    };
    format!("{verb} {resource}{dry}: {status}")
}

/// What a path names.
struct Place {
    /// Plural with its group and sub-resource: `deployments.apps/scale`.
    resource: String,
    named: bool,
}

impl Place {
    fn of(path: &str) -> Option<Place> {
        let mut parts = path.trim_matches('/').split('/');
        let group = match parts.next()? {
            "api" => "",
            "apis" => parts.next()?,
            _ => return None,
        };
        parts.next()?; // the version
        let mut rest: Vec<&str> = parts.collect();
        let whole_namespace = rest.len() > 3 || rest.len() == 3 && !is_part(rest[2]);
        if rest.first() == Some(&"namespaces") && whole_namespace {
            rest.drain(..2);
        }
        let plural = rest.first()?;
        Some(Place {
            resource: resource(group, plural, rest.get(2).copied().unwrap_or_default()),
            named: rest.len() > 1,
        })
    }
}

/// Sub-resources of a namespace.
fn is_part(word: &str) -> bool {
    matches!(word, "status" | "finalize")
}

/// `deployments.apps/scale`.
pub fn resource(group: &str, plural: &str, part: &str) -> String {
    let mut name = plural.to_owned();
    for (mark, word) in [('.', group), ('/', part)] {
        if !word.is_empty() {
            name.push(mark);
            name.push_str(word);
        }
    }
    name
}

/// The label of a line of an audit log, if it is that of an answered request.
#[allow(dead_code)] // the recorder uses it
pub fn label_of_event(event: &Value) -> Option<String> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let verb = text("/verb")?;
    let awaited = if verb == "watch" {
        "ResponseStarted"
    } else {
        "ResponseComplete"
    };
    if text("/stage") != Some(awaited) {
        return None;
    }
    let status = event.pointer("/responseStatus/code")?.as_u64()?;
    let (path, query) = {
        let uri = text("/requestURI")?;
        uri.split_once('?').unwrap_or((uri, ""))
    };
    let resource = match text("/objectRef/resource") {
        None => path.to_owned(),
        Some(plural) => resource(
            text("/objectRef/apiGroup").unwrap_or_default(),
            plural,
            text("/objectRef/subresource").unwrap_or_default(),
        ),
    };
    Some(label(
        verb,
        &resource,
        query,
        u16::try_from(status).unwrap_or_default(),
    ))
}
