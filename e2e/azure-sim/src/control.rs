//! What a test in another process tells the simulator: under `/_simulator`, a path that Azure does not have.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::faults::{Faults, Rule};
use crate::http::{Answer, Request};
use crate::settings::Settings;
use crate::simulator::Seen;
use crate::store::World;

/// The longest step: a year.
const LONGEST: u64 = 365 * 24 * 3600;

/// What can be looked at and changed.
pub(crate) struct Parts<'a> {
    pub world: &'a mut World,
    pub settings: &'a mut Settings,
    pub faults: &'a mut Faults,
    pub requests: &'a [Seen],
}

/// Answers what is for the simulator itself.
///
/// `GET requests`; `GET|PUT state`; `GET|PUT settings`; `POST faults` (a rule), `DELETE faults`; `POST step` (`{"seconds": n}`).
pub(crate) fn route(
    parts: &mut Parts<'_>,
    step: impl Fn(Duration) -> bool,
    request: &Request,
) -> Option<Answer> {
    let [first, what] = request.segments.as_slice() else {
        return None;
    };
    if first != "_simulator" {
        return None;
    }
    let body = request.json().unwrap_or_default();
    Some(match (request.method.clone(), what.as_str()) {
        (Method::GET, "requests") => shown(parts.requests),
        (Method::GET, "state") => shown(parts.world),
        (Method::PUT, "state") => replaced(body, parts.world),
        (Method::GET, "settings") => shown(parts.settings),
        (Method::PUT, "settings") => replaced(body, parts.settings),
        (Method::DELETE, "faults") => {
            parts.faults.clear();
            Answer::empty(204)
        }
        (Method::POST, "faults") => match serde_json::from_value::<Rule>(body) {
            Ok(rule) => result(parts.faults.add(rule)),
            Err(error) => result(Err(error)),
        },
        (Method::POST, "step")
            if step(Duration::from_secs(
                body["seconds"].as_u64().unwrap_or_default().min(LONGEST),
            )) =>
        {
            Answer::empty(204)
        }
        (Method::POST, "step") => result(Err("the clock runs by itself")),
        _ => Answer::empty(404),
    })
}

fn shown(value: &(impl serde::Serialize + ?Sized)) -> Answer {
    Answer::ok(serde_json::to_value(value).unwrap_or_default())
}

fn replaced<T: serde::de::DeserializeOwned>(body: Value, target: &mut T) -> Answer {
    result(serde_json::from_value(body).map(|value| *target = value))
}

fn result(result: Result<(), impl ToString>) -> Answer {
    match result {
        Ok(()) => Answer::empty(204),
        Err(error) => Answer::json(400, json!({ "error": error.to_string() })),
    }
}
