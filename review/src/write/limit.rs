//! Keeps a comment within its limit.

use super::{
    Flavour,
    blocks::{Block, What},
};

/// Room for the sentence that counts what was left out.
const REST: usize = 300;

/// Puts the blocks together, without the least important ones if they are too long.
pub fn fit(blocks: &[Block], limit: usize, flavour: Flavour) -> String {
    let lengths: Vec<usize> = blocks
        .iter()
        .map(|block| block.text.chars().count())
        .collect();
    let mut total: usize = lengths.iter().sum();
    let mut kept = vec![true; blocks.len()];
    if total > limit {
        let mut order: Vec<usize> = (0..blocks.len()).collect();
        // The least important first; among equals the last.
        order.sort_by_key(|index| (blocks[*index].weight, std::cmp::Reverse(*index)));
        for index in order {
            if total + REST <= limit {
                break;
            }
            if blocks[index].what != What::Frame {
                kept[index] = false;
                total -= lengths[index];
            }
        }
    }
    let text: String = blocks
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .map(|(block, _)| block.text.as_str())
        .collect();
    text + &rest(blocks, &kept, flavour)
}

fn rest(blocks: &[Block], kept: &[bool], flavour: Flavour) -> String {
    let count = |what: What| {
        let left_out = blocks
            .iter()
            .zip(kept)
            .filter(|(block, kept)| !**kept && block.what == what);
        left_out.count()
    };
    let counts = [
        (count(What::Finding), "findings"),
        (count(What::Reason), "reasons"),
        (count(What::Resource), "resources"),
        (count(What::Difference), "differences"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let sentence = format!(
        "Left out, because a comment may not be longer: {}. `seedling review --format json` has everything.",
        parts.join(", ")
    );
    match flavour {
        Flavour::Text => format!("\n{sentence}\n"),
        _ => format!("\n> {sentence}\n"),
    }
}
