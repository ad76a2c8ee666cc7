//! Two environments beside each other.

use std::fmt::Write as _;

use super::{
    Flavour,
    blocks::{Block, What},
    escape::{code, prose},
};
use crate::between::{Between, Difference, Stand};

/// Below the findings of a plan: a comparison says what is, not what will happen.
const WEIGHT: u32 = 500;

/// Up to so many differences are shown in a comment without being asked for.
const FEW: usize = 5;

/// The parts of a comparison inside a comment: folded away where they are many, since most of them are there for good.
pub fn folded(between: &Between, flavour: Flavour) -> Vec<Block> {
    if !flavour.folds() || between.differences.is_empty() {
        return blocks(between, flavour);
    }
    let open = if between.differences.len() > FEW {
        ""
    } else {
        " open"
    };
    let title = title(between, flavour);
    let mut blocks = vec![Block::frame(format!(
        "\n<details{open}><summary>{title}</summary>\n\n"
    ))];
    blocks.extend(points(between, flavour));
    blocks.push(Block::frame("\n</details>\n".to_owned()));
    blocks
}

/// The parts of a comparison that stands alone.
pub fn blocks(between: &Between, flavour: Flavour) -> Vec<Block> {
    let title = title(between, flavour);
    let heading = match flavour {
        Flavour::Text => format!("\n{title}\n"),
        _ => format!("\n#### {title}\n\n"),
    };
    let mut blocks = vec![Block::frame(heading)];
    blocks.extend(points(between, flavour));
    blocks
}

fn points(between: &Between, flavour: Flavour) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut subject = "";
    for difference in &between.differences {
        let mut text = String::new();
        if difference.subject != subject {
            subject = &difference.subject;
            let _ = match flavour {
                Flavour::Text => writeln!(text, "- {}", prose(subject, flavour)),
                _ => writeln!(text, "- **{}**", prose(subject, flavour)),
            };
        }
        let _ = writeln!(text, "  - {}", sentence(between, difference, flavour));
        blocks.push(Block {
            text,
            weight: WEIGHT,
            what: What::Difference,
        });
    }
    blocks
}

fn title(between: &Between, flavour: Flavour) -> String {
    let (one, other) = (prose(&between.one, flavour), prose(&between.other, flavour));
    match between.differences.len() {
        0 => format!("{one} and {other} are alike"),
        1 => format!("{one} and {other} differ in one point"),
        count => format!("{one} and {other} differ in {count} points"),
    }
}

fn sentence(between: &Between, difference: &Difference, flavour: Flavour) -> String {
    let (one, other) = (prose(&between.one, flavour), prose(&between.other, flavour));
    let only = match (&difference.one, &difference.other) {
        (Stand::Absent, _) => Some((&other, &difference.other)),
        (_, Stand::Absent) => Some((&one, &difference.one)),
        _ => None,
    };
    let path = code(&difference.path, flavour);
    match only {
        Some((there, _)) if difference.path.is_empty() => format!("only in {there}"),
        Some((there, Stand::Value(value))) => {
            format!("{path}: only in {there}, {}", code(value, flavour))
        }
        Some((there, _)) => format!("{path}: only in {there}"),
        None => match (&difference.one, &difference.other) {
            (Stand::Value(first), Stand::Value(second)) => format!(
                "{path}: {} in {one}, {} in {other}",
                code(first, flavour),
                code(second, flavour)
            ),
            _ => format!("{path}: has another value in each"),
        },
    }
}
