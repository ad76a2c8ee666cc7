//! Golden tests. A changed pod template restarts every pod of every user: these snapshots are promises.

mod containers;
mod rules;
mod scheduling;
mod usual;
mod volumes;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Live, Names, render};
use crate::{
    Context,
    object::yaml as yaml_of,
    service::{Args, config_map_name, secret_data, secret_keys, secret_name},
};

fn objects(args: Value, live: &Live) -> Vec<crate::Object> {
    let args: Args = serde_json::from_value(args).unwrap();
    let names = Names {
        config_map: config_map_name(&args),
        secret: secret_data(&args).map(|data| secret_name(args.name.text(), &data, b"key")),
        secret_keys: secret_keys(&args),
    };
    let context = Context {
        project: "acme".into(),
        labels: BTreeMap::from([("team".into(), "core".into())]),
        ingress: None,
    };
    render(&args, &context, &names, live).objects
}

fn yaml(args: Value, kinds: &[&str]) -> String {
    let objects = objects(args, &Live::default());
    let chosen = objects
        .iter()
        .filter(|object| kinds.is_empty() || kinds.contains(&object.kind()));
    chosen
        .map(|object| yaml_of(&object.0))
        .collect::<Vec<_>>()
        .join("---\n")
}

/// The specifications of the chosen kinds, without metadata.
fn specs(args: Value, kinds: &[&str]) -> String {
    let objects = objects(args, &Live::default());
    let chosen = objects
        .iter()
        .filter(|object| kinds.contains(&object.kind()));
    let shown = chosen.map(|object| {
        format!(
            "# {} {}
{}",
            object.kind(),
            object.name(),
            yaml_of(object.at("/spec"))
        )
    });
    shown.collect::<Vec<_>>().join(
        "---
",
    )
}

/// The pod template alone.
fn pod(args: Value) -> String {
    let objects = objects(args, &Live::default());
    let deployment = objects
        .iter()
        .find(|object| object.kind() == "Deployment")
        .unwrap();
    yaml_of(deployment.at("/spec/template"))
}
