//! Whether what is about to happen is what was reviewed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{Finding, Kind, Review, Row};

/// The comparison of a review with an earlier one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What would happen and was not reviewed: nobody has agreed to it.
    pub refused: Vec<String>,
    /// Changes of secret values. A plan for review cannot see them, so they are let through, by name.
    pub secrets: Vec<String>,
    /// Changed values that look like secrets, so that no review holds anything to compare them with.
    pub not_compared: Vec<String>,
    /// What was reviewed and will not happen.
    pub gone: Vec<String>,
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("Not reviewed, so refused:", &self.refused),
            (
                "Secret values change, which no review can see:",
                &self.secrets,
            ),
            (
                "Not compared, because these values may be secrets:",
                &self.not_compared,
            ),
            ("Reviewed, and not needed any more:", &self.gone),
        ];
        for (title, lines) in parts.iter().filter(|(_, lines)| !lines.is_empty()) {
            writeln!(formatter, "{title}")?;
            for line in *lines {
                writeln!(formatter, "- {line}")?;
            }
        }
        if self.refused.is_empty() {
            writeln!(formatter, "Nothing happens that was not reviewed.")
        } else {
            writeln!(
                formatter,
                "Plan and review again, then apply what was agreed to."
            )
        }
    }
}

/// Compares by plan, address, consequence and changed values. Drift of secrets, findings about the plan itself and
/// the order play no part.
pub fn compare(reviewed: &Review, now: &Review) -> Comparison {
    let (before, after) = (effects(reviewed), effects(now));
    let mut comparison = Comparison {
        refused: difference(&after, &before),
        gone: difference(&of_plans(&before, now), &after),
        secrets: secrets(now),
        not_compared: not_compared(now),
    };
    if reviewed.key != now.key {
        comparison.refused.push(
            "the two reviews have different keys, so changed values cannot be compared".into(),
        );
    }
    let known = |label: &str| reviewed.plans.iter().any(|plan| plan.label == label);
    for plan in now.plans.iter().filter(|plan| !known(&plan.label)) {
        let sentence = format!("{}: no plan of this name was reviewed", plan.label);
        comparison.refused.push(sentence);
    }
    let (before, after) = (rows(reviewed), rows(now));
    for (place, (action, fingerprint)) in &after {
        match before.get(place) {
            Some((reviewed, _)) if reviewed != action => {
                let sentence = format!("{}: {action}; reviewed was: {reviewed}", place.shown());
                comparison.refused.push(sentence);
            }
            // Nothing but secrets changes any more: less than was reviewed.
            Some(_) if fingerprint.is_empty() => {}
            Some((_, reviewed)) if reviewed != fingerprint => comparison.refused.push(format!(
                "{}: its attributes change to other values than those reviewed",
                place.shown()
            )),
            None if !fingerprint.is_empty() || *action != UPDATE => {
                comparison.refused.push(format!(
                    "{}: {action}, which was not reviewed",
                    place.shown()
                ));
            }
            _ => {}
        }
    }
    comparison.refused.sort();
    comparison.refused.dedup();
    comparison
}

/// The words for a change in place. One without any changed argument is a change of secrets.
const UPDATE: &str = "change in place";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    plan: String,
    address: String,
}

impl Place {
    fn of(plan: &str, address: &str) -> Self {
        Self {
            plan: plan.to_owned(),
            address: address.to_owned(),
        }
    }

    fn shown(&self) -> String {
        format!("{}: {}", self.plan, self.address)
    }
}

type Effects = BTreeSet<(Place, Kind, String, String)>;

fn effects(review: &Review) -> Effects {
    let effects = review
        .findings
        .iter()
        .filter(|finding| finding.kind.is_effect() && !finding.by_secret);
    effects
        .map(|finding| {
            (
                Place::of(&finding.plan, &finding.address),
                finding.kind,
                finding.subject.clone(),
                finding.sentence.clone(),
            )
        })
        .collect()
}

/// Of a review of several plans, those that are compared.
fn of_plans(effects: &Effects, review: &Review) -> Effects {
    let compared = |label: &str| review.plans.iter().any(|plan| plan.label == label);
    let kept = effects.iter().filter(|(place, ..)| compared(&place.plan));
    kept.cloned().collect()
}

fn difference(these: &Effects, others: &Effects) -> Vec<String> {
    these
        .difference(others)
        .map(|(place, kind, subject, sentence)| {
            format!("{}: {subject}: {sentence} ({kind})", place.plan)
        })
        .collect()
}

fn rows(review: &Review) -> BTreeMap<Place, (&str, &str)> {
    let rows = review.rows.iter();
    rows.map(|row| {
        (
            Place::of(&row.plan, &row.address),
            (row.action.as_str(), row.fingerprint.as_str()),
        )
    })
    .collect()
}

fn not_compared(review: &Review) -> Vec<String> {
    let named = |row: &&Row| !row.not_compared.is_empty();
    let rows = review.rows.iter().filter(named);
    rows.map(|row| {
        let names = row.not_compared.join(", ");
        format!("{}: {}: {names}", row.plan, row.address)
    })
    .collect()
}

fn secrets(review: &Review) -> Vec<String> {
    let secrets = |finding: &&Finding| finding.kind == Kind::Secret;
    review
        .findings
        .iter()
        .filter(secrets)
        .map(|finding| format!("{}: {}", finding.subject, finding.sentence))
        .collect()
}
