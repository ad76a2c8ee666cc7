//! What it costs per month, before and after, from a table of prices.

mod prices;
mod resources;

use serde::{Deserialize, Serialize};

pub use prices::{Prices, PricesError};

/// Costs of a review.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Currency of all amounts, such as `USD`.
    pub currency: String,
    /// Region of the prices.
    pub region: String,
    /// Date of the prices.
    pub date: String,
    /// What has a price and changes.
    pub lines: Vec<Line>,
    /// Sum of what has a price before, whether it changes or not.
    pub before: Range,
    /// The same after.
    pub after: Range,
}

/// One thing with a price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which plan, by its label.
    pub plan: String,
    /// What it is.
    pub subject: String,
    /// The address in the configuration.
    pub address: String,
    /// Per month before; nothing where the table does not know.
    pub before: Option<Range>,
    /// Per month after; nothing where the table does not know.
    pub after: Option<Range>,
}

/// An amount in cents, or two bounds where autoscaling decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// At least.
    pub low: i64,
    /// At most.
    pub high: i64,
}

impl Range {
    /// A fixed amount.
    pub fn exactly(cents: i64) -> Self {
        Self {
            low: cents,
            high: cents,
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_add(other.low),
            high: self.high.saturating_add(other.high),
        }
    }
}

impl Line {
    /// A line; the plan is filled in later.
    pub fn new(subject: &str, address: &str, before: Option<Range>, after: Option<Range>) -> Self {
        Self {
            plan: String::new(),
            subject: subject.to_owned(),
            address: address.to_owned(),
            before,
            after,
        }
    }
}

impl Cost {
    /// Nothing yet, in these prices.
    pub fn new(prices: &Prices) -> Self {
        Self {
            currency: prices.currency.clone(),
            region: prices.region.clone(),
            date: prices.date.clone(),
            ..Self::default()
        }
    }

    /// Adds lines; those that do not change count in the sums only.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            self.before = self.before.plus(line.before.unwrap_or_default());
            self.after = self.after.plus(line.after.unwrap_or_default());
            if line.before != line.after || line.after.is_none() {
                self.lines.push(line);
            }
        }
    }

    /// Brings the lines into a stable order.
    pub fn sort(&mut self) {
        self.lines.sort_by(|one, other| {
            (&one.plan, &one.subject, &one.address).cmp(&(
                &other.plan,
                &other.subject,
                &other.address,
            ))
        });
    }
}
