//! `seedling_group_access`: who gains and who loses what.

use std::collections::BTreeMap;

use seedling_model::{Arg, access::Args};

use super::{Judge, ours};
use crate::{
    Kind,
    plan::{Action, Change},
};

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let Some((before, after)) = ours::sides::<Args>(judge, change) else {
        return;
    };
    if matches!(
        change.action,
        Action::Nothing | Action::Read | Action::Forget
    ) {
        return;
    }
    let before = before.filter(|_| change.action != Action::ForgetAndCreate);
    let (old, new) = (grants(before.as_ref()), grants(after.as_ref()));
    let (loser, winner) = (group(before.as_ref()), group(after.as_ref()));
    if loser == winner {
        for (environment, role) in &new {
            match old.get(environment) {
                None => gains(judge, change, &winner, environment, role),
                Some(before) if before != role => {
                    let sentence = format!(
                        "has {role} in {environment} instead of {before}: {}",
                        meaning(role)
                    );
                    judge.say(Kind::Access, change, &winner, sentence);
                }
                Some(_) => {}
            }
        }
        for (environment, role) in old
            .iter()
            .filter(|(environment, _)| !new.contains_key(*environment))
        {
            loses(judge, change, &loser, environment, role);
        }
    } else {
        for (environment, role) in &old {
            loses(judge, change, &loser, environment, role);
        }
        for (environment, role) in &new {
            gains(judge, change, &winner, environment, role);
        }
    }
    if after.is_some_and(|args| args.environments.is_unknown() || args.group.is_unknown()) {
        judge.say(
            Kind::Unreadable,
            change,
            &winner,
            "who gets access to what is known only after apply",
        );
    }
    ours::common::<Args>(judge, change, &ours::subject(change));
}

fn gains(judge: &mut Judge, change: &Change, group: &str, environment: &str, role: &str) {
    let sentence = format!("gains {role} in {environment}: {}", meaning(role));
    judge.say(Kind::Access, change, group, sentence);
}

fn loses(judge: &mut Judge, change: &Change, group: &str, environment: &str, role: &str) {
    judge.say(
        Kind::Access,
        change,
        group,
        format!("loses {role} in {environment}"),
    );
}

/// What a role allows, in the words of somebody who has to agree to it.
fn meaning(role: &str) -> &'static str {
    match role {
        "view" => "reads everything but secrets",
        "edit" => "changes what runs, reads secrets, and runs commands in pods",
        "admin" => "as edit, and gives access to others",
        "logs" => "reads pods, logs, events and config maps",
        "plan" => "reads what Seedling manages, without secrets",
        _ => "what this role allows is not known here",
    }
}

fn grants(args: Option<&Args>) -> BTreeMap<&str, &str> {
    let environments = args.and_then(|args| args.environments.given());
    environments
        .into_iter()
        .flatten()
        .map(|(environment, role)| {
            (
                environment.as_str(),
                role.text_or("a role known only after apply"),
            )
        })
        .collect()
}

fn group(args: Option<&Args>) -> String {
    let group = args.map(|args| &args.group);
    let group = group
        .and_then(Arg::given)
        .map(|group| format!("group {group}"));
    group.unwrap_or_else(|| "a group known only after apply".into())
}
