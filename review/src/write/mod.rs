//! Reviews as comments, plain text and JSON.

mod between;
mod blocks;
mod escape;
mod flavour;
mod limit;

use crate::{Review, between::Between};

pub use flavour::Flavour;

/// The review as a comment or as plain text. It keeps within the flavour's limit by leaving out details, the least
/// dangerous first, and says how many.
pub fn text(review: &Review, flavour: Flavour) -> String {
    limit::fit(&blocks::blocks(review, flavour), flavour.limit(), flavour)
}

/// What differs between two environments, as a comment or as plain text.
pub fn differences(between: &Between, flavour: Flavour) -> String {
    let text = limit::fit(&between::blocks(between, flavour), flavour.limit(), flavour);
    text.trim_start().to_owned()
}

/// The review as JSON, which [`Review::from_json`] reads.
///
/// # Errors
/// It cannot be written, which no review that was read causes.
pub fn json(review: &Review) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(review)
}
