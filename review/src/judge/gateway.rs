//! `seedling_gateway`: the address of an environment.

use seedling_model::gateway::Args;

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
    judge.cost_of_address(change);
    let subject = ours::subject(change);
    let address = change.values.before("address").as_str();
    let address = address
        .map(|address| format!(" {address}"))
        .unwrap_or_default();
    if change.action.removes() {
        let how = ours::replacement(change)
            .map(|how| format!("{how}; "))
            .unwrap_or_default();
        let sentence = format!(
            "{how}its address{address} is given up: hosts whose DNS records point there answer no more"
        );
        judge.say(Kind::Destroy, change, &subject, sentence);
    }
    match (&change.action, &before, &after) {
        (action, _, Some(after)) if action.creates() => {
            judge.say(
                Kind::Exposure,
                change,
                &subject,
                format!("gets {}", reach(after)),
            );
        }
        (Action::Update, Some(before), Some(after)) => {
            if before.internal.or(false) != after.internal.or(false) {
                judge.say(
                    Kind::Exposure,
                    change,
                    &subject,
                    format!("gets {} instead of{address}", reach(after)),
                );
            } else if change.values.is_unknown("address") {
                judge.say(
                    Kind::Exposure,
                    change,
                    &subject,
                    format!("its address{address} may become another; DNS records must follow"),
                );
            }
            let changed = attributes::arguments_changed(change);
            if !changed.is_empty() {
                judge.say(
                    Kind::Change,
                    change,
                    &subject,
                    format!("changes: {}", changed.join(", ")),
                );
            }
            ours::common::<Args>(judge, change, &subject);
        }
        _ => {}
    }
}

fn reach(args: &Args) -> &'static str {
    if args.internal.or(false) {
        "an address inside the virtual network"
    } else {
        "a public address"
    }
}
