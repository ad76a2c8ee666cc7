//! `seedling_environment`: a namespace and what bounds it.

use std::collections::BTreeSet;

use seedling_model::{
    Arg,
    environment::{Args, Quota},
};

use super::{Judge, attributes, ours};
use crate::{
    Kind,
    plan::{Action, Change},
};

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let Some((before, after)) = ours::sides::<Args>(judge, change) else {
        return;
    };
    judge.capacity.environment(change, after.as_ref());
    let subject = ours::subject(change);
    if change.action.removes() {
        let sentence = match ours::replacement(change) {
            None => "the namespace goes with all that is in it".to_owned(),
            Some(replacement) => {
                format!("{replacement}: the namespace goes with all that is in it")
            }
        };
        let mut finding = judge.finding(Kind::Loss, change, &subject, sentence);
        if before
            .as_ref()
            .is_some_and(|args| !args.delete_storage.or(false))
        {
            finding.details.push(
                "it is refused while the namespace holds storage claims that are not marked `on_destroy = \"delete\"`".into(),
            );
        }
        judge.findings.push(finding);
    }
    match (&change.action, &before, &after) {
        (Action::Create, _, Some(after)) => {
            judge.say(Kind::Create, change, &subject, created(after));
        }
        (Action::Update, Some(before), Some(after)) => {
            update(judge, change, &subject, before, after);
            ours::common::<Args>(judge, change, &subject);
        }
        _ => {}
    }
}

fn created(after: &Args) -> String {
    let network = match after.network.text_or("open") {
        "isolated" => "reachable from its own pods and the environments it allows",
        _ => "reachable from every pod of the cluster",
    };
    format!("a new namespace, {network}")
}

fn update(judge: &mut Judge, change: &Change, subject: &str, before: &Args, after: &Args) {
    let mut said = BTreeSet::new();
    let text = |arg: &Arg<String>, default: &str| arg.text_or(default).to_owned();
    let exposures = [
        (
            "pod_security",
            "pods must meet the standard",
            text(&before.pod_security, "baseline"),
            text(&after.pod_security, "baseline"),
        ),
        (
            "network",
            "the network is",
            text(&before.network, "open"),
            text(&after.network, "open"),
        ),
    ];
    for (name, what, old, new) in exposures {
        said.insert(name.to_owned());
        if old != new {
            judge.say(
                Kind::Exposure,
                change,
                subject,
                format!("{what} {new} instead of {old}"),
            );
        }
    }
    let (old, new) = (names(&before.allow_from), names(&after.allow_from));
    said.insert("allow_from".to_owned());
    for gained in new.difference(&old) {
        judge.say(
            Kind::Exposure,
            change,
            subject,
            format!("pods of {gained} may reach it"),
        );
    }
    for lost in old.difference(&new) {
        judge.say(
            Kind::Exposure,
            change,
            subject,
            format!("pods of {lost} may not reach it any more"),
        );
    }
    said.insert("deletion_protection".to_owned());
    let protection = (
        before.deletion_protection.or(true),
        after.deletion_protection.or(true),
    );
    let sentence = match protection {
        (true, false) => Some("is no longer protected from being destroyed"),
        (false, true) => Some("is protected from being destroyed"),
        _ => None,
    };
    if let Some(sentence) = sentence {
        judge.say(Kind::Change, change, subject, sentence);
    }
    said.insert("quota".to_owned());
    for sentence in quota(before.quota.given(), after.quota.given()) {
        judge.say(Kind::Change, change, subject, sentence);
    }
    let rest: Vec<String> = attributes::arguments_changed(change)
        .into_iter()
        .filter(|name| !said.contains(name))
        .collect();
    if !rest.is_empty() {
        judge.say(
            Kind::Change,
            change,
            subject,
            format!("changes: {}", rest.join(", ")),
        );
    }
}

fn names(list: &Arg<Vec<Arg<String>>>) -> BTreeSet<&str> {
    let names = list.given().into_iter().flatten();
    names.map(Arg::text).collect()
}

fn quota(before: Option<&Quota>, after: Option<&Quota>) -> Vec<String> {
    let nothing = Quota::default();
    let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let text = |arg: &Arg<String>| arg.given().cloned();
    let number = |arg: &Arg<i64>| arg.given().map(ToString::to_string);
    let members = [
        ("cpu", text(&before.cpu), text(&after.cpu)),
        ("memory", text(&before.memory), text(&after.memory)),
        ("cpu_limit", text(&before.cpu_limit), text(&after.cpu_limit)),
        (
            "memory_limit",
            text(&before.memory_limit),
            text(&after.memory_limit),
        ),
        ("gpu", number(&before.gpu), number(&after.gpu)),
        ("pods", number(&before.pods), number(&after.pods)),
        ("storage", text(&before.storage), text(&after.storage)),
        ("claims", number(&before.claims), number(&after.claims)),
        (
            "services",
            number(&before.services),
            number(&after.services),
        ),
        (
            "load_balancers",
            number(&before.load_balancers),
            number(&after.load_balancers),
        ),
    ];
    let unlimited = |value: Option<String>| value.unwrap_or_else(|| "no limit".into());
    members
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(name, old, new)| {
            format!(
                "quota of {name}: {} instead of {}",
                unlimited(new),
                unlimited(old)
            )
        })
        .collect()
}
