//! Pages of a list (Graph docs, "Paging"; page sizes of groups: api-reference, group-list).

use serde_json::{Value, json};

use crate::http::Answer;
use crate::simulator::Context;

const DEFAULT: usize = 100;
const LARGEST: usize = 999;

/// The page of a list that a request asks for, with only the members that it selects.
pub(super) fn answer(context: &Context<'_>, kind: &str, all: Vec<Value>) -> Answer {
    let request = context.request;
    let size = request
        .parameter("$top")
        .and_then(|top| top.parse().ok())
        .unwrap_or(DEFAULT)
        .clamp(1, LARGEST);
    let from = request
        .parameter("$skiptoken")
        .and_then(|token| token.parse().ok())
        .unwrap_or(0_usize);
    let total = all.len();
    let rows: Vec<Value> = all
        .into_iter()
        .skip(from)
        .take(size)
        .map(|value| selected(context, value))
        .collect();
    let mut body = json!({ "@odata.context": format!("{}/v1.0/$metadata#{kind}", context.base) });
    if request.parameter("$count") == Some("true") {
        body["@odata.count"] = total.into();
    }
    if from + rows.len() < total {
        body["@odata.nextLink"] = next(context, from + rows.len()).into();
    }
    body["value"] = rows.into();
    Answer::ok(body)
}

fn next(context: &Context<'_>, from: usize) -> String {
    let request = context.request;
    let kept = request
        .query
        .iter()
        .filter(|(name, _)| name != "$skiptoken");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .extend_pairs(kept)
        .append_pair("$skiptoken", &from.to_string());
    let path = request.target.split('?').next().unwrap_or_default();
    format!("{}{path}?{}", context.base, query.finish())
}

/// Only what `$select` names.
pub(super) fn selected(context: &Context<'_>, mut value: Value) -> Value {
    if let (Some(wanted), Some(members)) =
        (context.request.parameter("$select"), value.as_object_mut())
    {
        let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
        members.retain(|name, _| name.starts_with('@') || wanted.contains(&name.as_str()));
    }
    value
}
