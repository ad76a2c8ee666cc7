//! The parts of a comment, in the order in which they are read.

use std::fmt::Write as _;

use super::{
    Flavour,
    escape::{code, prose},
};
use crate::{
    Finding, Kind, Notes, Review, Row,
    cost::{Line, Range},
};

/// A part that stands or falls as a whole. Parts of low weight go first when there is no room.
pub struct Block {
    /// The text, with its line end.
    pub text: String,
    /// The lower, the earlier it is left out. Nothing below the highest weight is sacred.
    pub weight: u32,
    /// What the reader is told when it is left out.
    pub what: What,
}

/// What a block is, for the count of what was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Always there: headings and sums.
    Frame,
    /// One finding.
    Finding,
    /// Why a finding is so.
    Reason,
    /// A changed resource with its attributes.
    Resource,
    /// A point in which two environments differ.
    Difference,
}

impl Block {
    /// A part that is always there.
    pub fn frame(text: String) -> Self {
        Self {
            text,
            weight: FRAME,
            what: What::Frame,
        }
    }
}

const FRAME: u32 = u32::MAX;
const FINDINGS: u32 = 2_000;
const REASONS: u32 = 1_000;
const RESOURCES: u32 = 0;

/// All parts.
pub fn blocks(review: &Review, flavour: Flavour) -> Vec<Block> {
    let mut blocks = vec![Block::frame(head(review, flavour))];
    findings(review, flavour, &mut blocks);
    proved(review, flavour, &mut blocks);
    cost(review, flavour, &mut blocks);
    for between in &review.between {
        blocks.extend(super::between::folded(between, flavour));
    }
    notes(review, flavour, &mut blocks);
    resources(review, flavour, &mut blocks);
    blocks
}

fn head(review: &Review, flavour: Flavour) -> String {
    let mut text = flavour.mark().to_owned();
    let risky = review.risky(&Kind::RISKY).count();
    let title = match (review.rows.is_empty() && review.findings.is_empty(), risky) {
        (true, _) => "Nothing changes".to_owned(),
        (false, 0) => "Nothing here needs a second look".to_owned(),
        (false, 1) => "One point needs a person".to_owned(),
        (false, count) => format!("{count} points need a person"),
    };
    let _ = match flavour {
        Flavour::Text => writeln!(text, "{title}\n"),
        _ => writeln!(text, "### {title}\n"),
    };
    for plan in &review.plans {
        let _ = writeln!(text, "{}", summary(plan, flavour));
    }
    text
}

fn summary(plan: &Notes, flavour: Flavour) -> String {
    let counts = plan.counts;
    let parts = [
        (counts.create, "new"),
        (counts.update, "changed in place"),
        (counts.replace, "replaced"),
        (counts.delete, "removed"),
        (counts.state, "moved, imported or forgotten"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let parts = if parts.is_empty() {
        "no resource changes".to_owned()
    } else {
        parts.join(", ")
    };
    let label = prose(&plan.label, flavour);
    match flavour {
        Flavour::Text => format!("{label}: {parts}"),
        _ => format!("- **{label}**: {parts}"),
    }
}

fn findings(review: &Review, flavour: Flavour, blocks: &mut Vec<Block>) {
    for kind in Kind::ALL {
        let of_kind: Vec<&Finding> = review
            .findings
            .iter()
            .filter(|finding| finding.kind == kind)
            .collect();
        if of_kind.is_empty() {
            continue;
        }
        let importance = u32::try_from(Kind::ALL.len()).unwrap_or_default() - kind as u32;
        let heading = match flavour {
            Flavour::Text => format!("\n{}\n", kind.title()),
            _ if Kind::RISKY.contains(&kind) => format!("\n#### ⚠ {}\n\n", kind.title()),
            _ => format!("\n#### {}\n\n", kind.title()),
        };
        blocks.push(Block::frame(heading));
        for finding in of_kind {
            let several = review.plans.len() > 1;
            blocks.push(Block {
                text: sentence(finding, several, flavour),
                weight: FINDINGS + importance,
                what: What::Finding,
            });
            blocks.extend(finding.details.iter().map(|detail| Block {
                text: format!("  - {}\n", prose(detail, flavour)),
                weight: REASONS + importance,
                what: What::Reason,
            }));
        }
    }
}

fn sentence(finding: &Finding, several: bool, flavour: Flavour) -> String {
    let plan = if several {
        format!("{} · ", prose(&finding.plan, flavour))
    } else {
        String::new()
    };
    let subject = match finding.subject.as_str() {
        "" => String::new(),
        subject if flavour == Flavour::Text => format!("{}: ", prose(subject, flavour)),
        subject => format!("**{}**: ", prose(subject, flavour)),
    };
    format!("- {plan}{subject}{}\n", prose(&finding.sentence, flavour))
}

fn proved(review: &Review, flavour: Flavour, blocks: &mut Vec<Block>) {
    if review.proved.is_empty() {
        return;
    }
    blocks.push(Block::frame(match flavour {
        Flavour::Text => "\nTried on a cluster made for it\n".to_owned(),
        _ => "\n#### Tried on a cluster made for it\n\n".to_owned(),
    }));
    for proved in &review.proved {
        let held = if proved.held { "held" } else { "did not hold" };
        let configuration = code(&proved.configuration, flavour);
        let sentence = prose(&proved.sentence, flavour);
        let mut text = format!(
            "- {configuration} {held} in {} s: {sentence}\n",
            proved.seconds
        );
        for note in &proved.notes {
            let _ = writeln!(text, "  - {}", prose(note, flavour));
        }
        blocks.push(Block::frame(text));
    }
}

fn cost(review: &Review, flavour: Flavour, blocks: &mut Vec<Block>) {
    let cost = &review.cost;
    if cost.lines.is_empty() {
        return;
    }
    let mut text = match flavour {
        Flavour::Text => "\nCost per month\n".to_owned(),
        _ => "\n#### Cost per month\n\n".to_owned(),
    };
    let sum = format!(
        "{} instead of {} {} for what has a price here (list prices of {}, {})",
        amount(cost.after),
        amount(cost.before),
        cost.currency,
        cost.date,
        cost.region,
    );
    let _ = writeln!(text, "{}\n", prose(&sum, flavour));
    blocks.push(Block::frame(text));
    blocks.extend(cost.lines.iter().map(|line| Block {
        text: format!(
            "- {}\n",
            prose(&cost_line(line, review.plans.len() > 1), flavour)
        ),
        weight: FINDINGS,
        what: What::Finding,
    }));
}

fn cost_line(line: &Line, several: bool) -> String {
    let plan = if several {
        format!("{} · ", line.plan)
    } else {
        String::new()
    };
    match (line.before, line.after) {
        (Some(before), Some(after)) => {
            format!(
                "{plan}{}: {} instead of {}",
                line.subject,
                amount(after),
                amount(before)
            )
        }
        _ => format!(
            "{plan}{}: not in the price table; it is left out of the sum",
            line.subject
        ),
    }
}

fn amount(range: Range) -> String {
    let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    if range.low == range.high {
        money(range.low)
    } else {
        format!("{} to {}", money(range.low), money(range.high))
    }
}

fn notes(review: &Review, flavour: Flavour, blocks: &mut Vec<Block>) {
    let mut text = String::new();
    for plan in &review.plans {
        if !plan.outputs.is_empty() {
            let names: Vec<String> = plan
                .outputs
                .iter()
                .map(|name| code(name, flavour))
                .collect();
            let _ = writeln!(
                text,
                "- {}: outputs that change: {}",
                prose(&plan.label, flavour),
                names.join(", ")
            );
        }
        if plan.drifted_elsewhere > 0 {
            let _ = writeln!(
                text,
                "- {}: other providers' resources that were changed outside: {}",
                prose(&plan.label, flavour),
                plan.drifted_elsewhere
            );
        }
    }
    if !text.is_empty() {
        blocks.push(Block::frame(format!("\n{text}")));
    }
}

fn resources(review: &Review, flavour: Flavour, blocks: &mut Vec<Block>) {
    if review.rows.is_empty() {
        return;
    }
    let count = match review.rows.len() {
        1 => "One changed resource".to_owned(),
        count => format!("{count} changed resources"),
    };
    let title = format!("{count}, attribute by attribute");
    blocks.push(Block::frame(if flavour.folds() {
        format!("\n<details><summary>{title}</summary>\n\n")
    } else {
        format!("\n{title}\n")
    }));
    let several = review.plans.len() > 1;
    blocks.extend(review.rows.iter().map(|row| Block {
        text: resource(row, several, flavour),
        weight: RESOURCES,
        what: What::Resource,
    }));
    if flavour.folds() {
        blocks.push(Block::frame("\n</details>\n".to_owned()));
    }
}

fn resource(row: &Row, several: bool, flavour: Flavour) -> String {
    let plan = if several {
        format!("{} · ", prose(&row.plan, flavour))
    } else {
        String::new()
    };
    let mut text = format!(
        "- {plan}{}: {}\n",
        code(&row.address, flavour),
        prose(&row.action, flavour)
    );
    for attribute in &row.attributes {
        let path = code(&attribute.path, flavour);
        let _ = match (&attribute.before, &attribute.after) {
            (Some(before), Some(after)) => {
                writeln!(
                    text,
                    "  - {path}: {} → {}",
                    code(before, flavour),
                    code(after, flavour)
                )
            }
            _ => writeln!(text, "  - {path}: changes"),
        };
    }
    text
}
