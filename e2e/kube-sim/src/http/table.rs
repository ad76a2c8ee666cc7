//! Tables for people: what `kubectl get` asks the server for. Columns are those of `pkg/printers/internalversion/printers.go`.

mod cells;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::{Call, Status};
use crate::clock;
use time::OffsetDateTime;

/// Whether a client prefers a table.
pub(super) fn is_wanted(accept: &str) -> bool {
    let first = accept.split(',').next().unwrap_or_default();
    first.contains("as=Table") && first.contains("g=meta.k8s.io")
}

/// Objects as a table, with the metadata of their list.
pub(super) fn table(
    call: &Call,
    items: &[Arc<Value>],
    metadata: &Value,
    now: OffsetDateTime,
    accept: &str,
) -> Result<Value, Status> {
    if !accept.contains("v=v1") {
        return Err(Status::not_covered("tables in another version than v1"));
    }
    let columns = cells::columns(&call.kind);
    let definitions: Vec<_> = columns
        .iter()
        .map(|column| {
            let format = if column.name == "Name" { "name" } else { "" };
            json!({ "name": column.name, "type": column.kind, "format": format, "description": "", "priority": column.priority })
        })
        .collect();
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            let cells: Vec<_> = columns.iter().map(|column| (column.cell)(item, now)).collect();
            // What clients need of the object beside its cells.
            let object = json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"] });
            json!({ "cells": cells, "object": object })
        })
        .collect();
    Ok(json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    }))
}

/// How long ago, as `duration.HumanDuration` says it.
fn age(moment: &Value, now: OffsetDateTime) -> String {
    let Some(moment) = moment.as_str().and_then(clock::parse) else {
        return "<unknown>".to_owned();
    };
    let seconds = (now - moment).whole_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with = |large: i64, unit: &str, rest: i64, small: &str| {
        if rest == 0 {
            format!("{large}{unit}")
        } else {
            format!("{large}{unit}{rest}{small}")
        }
    };
    match seconds {
        ..120 => format!("{seconds}s"),
        120..600 => with(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => with(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => with(days, "d", hours % 24, "h"),
        _ => format!("{days}d"),
    }
}
