//! What a change of a service does, in words.

use std::collections::BTreeMap;

use super::{
    Args, Live, Names, ServicePort, claim_name, config_map_name,
    parts::Storage,
    pod_template,
    rollout::{self, Strategy},
    secret_keys, service_ports,
};
use crate::{Effect, EffectKind};

/// The consequences of going from `before` to `after`, the most dangerous first. `secrets_change` says whether a
/// secret value changes, which arguments from a plan cannot tell. What is unknown counts as absent.
pub fn effects(before: Option<&Args>, after: Option<&Args>, secrets_change: bool) -> Vec<Effect> {
    let mut effects = match (before, after) {
        (Some(before), Some(after)) => changed(before, after, secrets_change),
        (None, Some(after)) => vec![Effect::new(EffectKind::Created, start(after))],
        (Some(before), None) => removed(before),
        (None, None) => Vec::new(),
    };
    effects.sort_by_key(|effect| effect.kind);
    effects
}

fn changed(before: &Args, after: &Args, secrets_change: bool) -> Vec<Effect> {
    let mut effects = lost_storage(before, Some(after));
    if secrets_change || template(before) != template(after) {
        effects.extend(restart(before, after));
    }
    if (rollout::fewest_pods(before), rollout::most_pods(before))
        != (rollout::fewest_pods(after), rollout::most_pods(after))
    {
        effects.push(Effect::new(
            EffectKind::Scale,
            format!("{} instead of {}", scale(after), scale(before)),
        ));
    }
    effects.extend(exposure(before, after));
    effects
}

fn start(after: &Args) -> String {
    let verb = if rollout::most_pods(after) == 1 {
        "starts"
    } else {
        "start"
    };
    format!("{} {verb}", scale(after))
}

fn removed(before: &Args) -> Vec<Effect> {
    let mut effects = lost_storage(before, None);
    let verb = if rollout::most_pods(before) == 1 {
        "stops"
    } else {
        "stop"
    };
    effects.push(Effect::new(
        EffectKind::Removed,
        format!("{} {verb} for good", scale(before)),
    ));
    effects
}

/// Restarting pods: all at once, or step by step with so many missing. Counted at the lowest number wanted, where
/// a missing pod weighs most.
fn restart(before: &Args, after: &Args) -> Vec<Effect> {
    let running = rollout::fewest_pods(before);
    let missing = rollout::strategy(after).missing_at_most(running);
    let restart = match running {
        1 => "1 pod restarts".to_owned(),
        count => format!("{count} pods restart"),
    };
    let sentence = match missing {
        0 => format!("{restart}, none missing meanwhile"),
        count => format!("{restart}, at most {count} missing at a time"),
    };
    let down = running > 0 && missing >= running;
    let reason = match rollout::strategy(after) {
        Strategy::Recreate => {
            "the old pod stops before the new one starts, because its storage is for one node at a time"
        }
        Strategy::Rolling { .. } => "every pod may be missing at the same time",
    };
    let downtime = down.then(|| {
        Effect::new(
            EffectKind::Downtime,
            format!("nothing answers for a while: {reason}"),
        )
    });
    [Effect::new(EffectKind::Restart, sentence)]
        .into_iter()
        .chain(downtime)
        .collect()
}

fn exposure(before: &Args, after: &Args) -> Vec<Effect> {
    let (old, new) = (service_ports(before), service_ports(after));
    let only = |these: &[ServicePort], others: &[ServicePort]| {
        let numbers = these
            .iter()
            .filter(|port| !others.iter().any(|other| other.port == port.port));
        numbers
            .map(|port| port.port.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let changes = [
        ("no longer answers on port", only(&old, &new)),
        ("answers on port", only(&new, &old)),
    ];
    let changes = changes.into_iter().filter(|(_, ports)| !ports.is_empty());
    changes
        .map(|(what, ports)| Effect::new(EffectKind::Exposure, format!("{what} {ports}")))
        .collect()
}

fn lost_storage(before: &Args, after: Option<&Args>) -> Vec<Effect> {
    let kept = after.map(claims).unwrap_or_default();
    let lost = claims(before).into_iter().filter(|(claim, (_, storage))| {
        !kept.contains_key(claim) && storage.on_destroy.text() == "delete"
    });
    lost.map(|(claim, (path, _))| {
        Effect::new(
            EffectKind::StorageLost,
            format!("the data of {path} is lost with the claim {claim}"),
        )
    })
    .collect()
}

fn claims(args: &Args) -> BTreeMap<String, (&str, &Storage)> {
    let storage = args.storage.given().into_iter().flatten();
    storage
        .filter_map(|(path, storage)| {
            Some((
                claim_name(args, path, storage.given()?),
                (path.as_str(), storage.given()?),
            ))
        })
        .collect()
}

/// The template with names by content, so that a changed value counts as a changed template.
fn template(args: &Args) -> serde_json::Value {
    let keys = secret_keys(args);
    let names = Names {
        config_map: config_map_name(args),
        secret: (!keys.is_empty()).then(|| "secret".to_owned()),
        secret_keys: keys,
    };
    pod_template(args, &names, &Live::default())
}

fn scale(args: &Args) -> String {
    match (rollout::fewest_pods(args), rollout::most_pods(args)) {
        (1, 1) => "1 pod".into(),
        (fewest, most) if fewest == most => format!("{fewest} pods"),
        (fewest, most) => format!("{fewest} to {most} pods"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(before: Value, after: Value, expected: &[&str]) {
        let [before, after] =
            [before, after].map(|value| serde_json::from_value::<Option<Args>>(value).unwrap());
        let sentences = effects(before.as_ref(), after.as_ref(), false);
        let sentences: Vec<String> = sentences.iter().map(ToString::to_string).collect();
        assert_eq!(sentences, expected);
    }

    #[test]
    fn changes_in_words() {
        let base = json!({ "name": "api", "image": "a:1", "replicas": 4, "port": 80 });
        let with = |key: &str, value: Value| {
            let mut changed = base.clone();
            changed[key] = value;
            changed
        };
        check(base.clone(), base.clone(), &[]);
        check(
            base.clone(),
            with("image", json!("a:2")),
            &["4 pods restart, at most 1 missing at a time"],
        );
        check(
            base.clone(),
            with("config", json!({ "A": "1" })),
            &["4 pods restart, at most 1 missing at a time"],
        );
        check(
            base.clone(),
            with("replicas", json!(2)),
            &["2 pods instead of 4 pods"],
        );
        check(
            with("replicas", json!(1)),
            json!({ "name": "api", "image": "b", "port": 80 }),
            &["1 pod restarts, none missing meanwhile"],
        );
        check(
            base.clone(),
            with("port", json!(81)),
            &[
                "no longer answers on port 80",
                "answers on port 81",
                "4 pods restart, at most 1 missing at a time",
            ],
        );
        check(Value::Null, base.clone(), &["4 pods start"]);
        check(base.clone(), Value::Null, &["4 pods stop for good"]);
    }

    #[test]
    fn storage_means_downtime_and_can_be_lost() {
        let stateful = |image: &str| json!({ "name": "db", "image": image, "storage": { "/data": { "size": "1Gi", "on_destroy": "delete" } } });
        check(
            stateful("a:1"),
            stateful("a:2"),
            &[
                "nothing answers for a while: the old pod stops before the new one starts, because its storage is for one node at a time",
                "1 pod restarts, at most 1 missing at a time",
            ],
        );
        check(
            stateful("a:1"),
            Value::Null,
            &[
                "the data of /data is lost with the claim db-data",
                "1 pod stops for good",
            ],
        );
    }

    #[test]
    fn a_changed_secret_restarts() {
        let args: Args =
            serde_json::from_value(json!({ "name": "api", "image": "a", "replicas": 4 })).unwrap();
        assert_eq!(effects(Some(&args), Some(&args), true).len(), 1);
    }
}
