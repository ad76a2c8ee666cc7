//! Our own service: arguments from the annotation, refreshed from the objects.

use std::collections::BTreeMap;

use super::{LiveObjects, list};
use crate::{Arg, service::Args};

pub(super) fn refreshed(args: Args, live: &LiveObjects<'_>) -> Args {
    let (config, files) = contents(live);
    Args {
        environment: live.deployment.namespace().map(str::to_owned).into(),
        name: live.deployment.name().into(),
        image: live.container()["image"].as_str().map(str::to_owned).into(),
        replicas: replicas(&args, live),
        config,
        files,
        ..args
    }
}

/// The live number where it is fixed; the default stays unwritten.
fn replicas(args: &Args, live: &LiveObjects<'_>) -> Arg<i64> {
    let count = live.deployment.at("/spec/replicas").as_i64();
    match count {
        _ if args.autoscale.is_set() => Arg::Absent,
        Some(1) if args.replicas.is_absent() => Arg::Absent,
        count => count.into(),
    }
}

type Contents = Arg<BTreeMap<String, Arg<String>>>;

/// `config` and `files` from our ConfigMap: what is mounted is a file, everything else a variable.
fn contents(live: &LiveObjects<'_>) -> (Contents, Contents) {
    let Some(config_map) = config_map_name(live).and_then(|name| live.config_map(&name)) else {
        return (Arg::Absent, Arg::Absent);
    };
    let mounts = list(&live.container()["volumeMounts"]).iter();
    let paths: BTreeMap<&str, &str> = mounts
        .filter_map(|mount| Some((mount["subPath"].as_str()?, mount["mountPath"].as_str()?)))
        .collect();
    let (mut config, mut files) = (BTreeMap::new(), BTreeMap::new());
    for (key, value) in config_map.at("/data").as_object().into_iter().flatten() {
        let value = Arg::from(value.as_str().unwrap_or_default());
        match paths.get(key.as_str()) {
            Some(path) => files.insert((*path).to_owned(), value),
            None => config.insert(key.clone(), value),
        };
    }
    (unless_empty(config), unless_empty(files))
}

fn config_map_name(live: &LiveObjects<'_>) -> Option<String> {
    let variables = list(&live.container()["env"]).iter();
    let by_variable =
        variables.filter_map(|entry| entry.pointer("/valueFrom/configMapKeyRef/name"));
    let by_volume = list(&live.pod()["volumes"])
        .iter()
        .filter_map(|volume| volume.pointer("/configMap/name"));
    by_variable
        .chain(by_volume)
        .find_map(|name| name.as_str().map(str::to_owned))
}

fn unless_empty(map: BTreeMap<String, Arg<String>>) -> Contents {
    (!map.is_empty()).then_some(map).into()
}
