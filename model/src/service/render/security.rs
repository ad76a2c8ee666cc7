//! Security contexts: less than Kubernetes would allow, always; as little as the standard `restricted`, on request.

use serde_json::{Value, json};

use crate::{
    Arg,
    service::{Args, parts::RunAs},
};

pub(super) fn of_pod(args: &Args) -> Value {
    let id = |pick: fn(&RunAs) -> &Arg<i64>| {
        args.run_as
            .given()
            .and_then(|run_as| pick(run_as).given().copied())
    };
    let has_storage = args
        .storage
        .given()
        .is_some_and(|storage| !storage.is_empty());
    let fs_group = id(|run_as| &run_as.fs_group)
        .or_else(|| id(|run_as| &run_as.group).filter(|_| has_storage));
    json!({
        "seccompProfile": { "type": "RuntimeDefault" },
        "runAsUser": id(|run_as| &run_as.user),
        "runAsGroup": id(|run_as| &run_as.group),
        "runAsNonRoot": args.restricted.or(false).then_some(true),
        "fsGroup": fs_group,
        // Changing the owner of each file of a large volume at each start can take many minutes.
        "fsGroupChangePolicy": fs_group.map(|_| "OnRootMismatch"),
    })
}

pub(super) fn of_container(args: &Args) -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "capabilities": args.restricted.or(false).then(|| json!({ "drop": ["ALL"] })),
    })
}
