//! The review as a whole.

use serde::{Deserialize, Serialize};

use crate::{
    Finding, Kind, Row,
    between::{self, Between, Side},
    cost::{Cost, Prices},
};

/// What a review is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// What things cost.
    pub prices: Prices,
    /// Key of the rows' fingerprints: random, and that of the earlier review where two are compared.
    pub key: String,
    /// Whether environments of these plans are compared with each other.
    pub compares: bool,
}

/// What one or more plans will do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Version of this form.
    pub version: u32,
    /// Key of the rows' fingerprints.
    pub key: String,
    /// The plans, in the order in which they were given.
    pub plans: Vec<Notes>,
    /// All findings, the most dangerous first.
    pub findings: Vec<Finding>,
    /// All changed resources, by plan and address.
    pub rows: Vec<Row>,
    /// What it costs, where anything with a price is there.
    pub cost: Cost,
    /// How environments will differ from each other, where several plans were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<Between>,
    /// The environments of the plans, while they are read.
    #[serde(skip)]
    pub(crate) sides: Vec<Side>,
    /// What happened when it was tried.
    #[serde(default)]
    pub proved: Vec<Proved>,
}

/// What happened when a configuration was changed into another one on a cluster made for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// The new configuration.
    pub configuration: String,
    /// Whether what was promised held.
    pub held: bool,
    /// What was seen, or what broke.
    pub sentence: String,
    /// The same for each service.
    pub notes: Vec<String>,
    /// How long both applies took.
    pub seconds: u64,
}

/// What is to be known of a plan as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// What the plan is called here.
    pub label: String,
    /// Version of the CLI that made it.
    pub version: String,
    /// When it was made.
    pub timestamp: String,
    /// Resources created, changed, replaced, removed.
    pub counts: Counts,
    /// Other providers' resources that were changed outside.
    pub drifted_elsewhere: usize,
    /// Names of outputs that change.
    pub outputs: Vec<String>,
}

/// How many resources the plan touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// New ones.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Removed and made again.
    pub replace: usize,
    /// Removed.
    pub delete: usize,
    /// Moved, imported or forgotten.
    pub state: usize,
}

/// Version of [`Review`]'s JSON.
const VERSION: u32 = 1;

impl Review {
    /// No plan yet.
    pub fn new(options: &Options) -> Self {
        Self {
            version: VERSION,
            key: options.key.clone(),
            cost: Cost::new(&options.prices),
            ..Self::default()
        }
    }

    /// Brings everything into its order: danger first, then plan and subject. Equal plans give equal reviews.
    pub fn sort(&mut self) {
        let order: Vec<String> = self.plans.iter().map(|plan| plan.label.clone()).collect();
        let position = |label: &str| order.iter().position(|known| known == label);
        self.findings.sort_by(|one, other| {
            (one.kind, position(&one.plan), one).cmp(&(other.kind, position(&other.plan), other))
        });
        self.findings.dedup();
        self.rows
            .sort_by(|one, other| (position(&one.plan), one).cmp(&(position(&other.plan), other)));
        self.cost.sort();
        self.between = between::compare_all(&self.sides);
    }

    /// The findings that need a person, if these kinds do.
    pub fn risky<'a>(&'a self, kinds: &'a [Kind]) -> impl Iterator<Item = &'a Finding> {
        self.findings
            .iter()
            .filter(|finding| kinds.contains(&finding.kind))
    }

    /// Reads the JSON of an earlier review.
    ///
    /// # Errors
    /// It is none, or from a newer version; the text says which.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let review: Self = serde_json::from_str(text)
            .map_err(|error| format!("this is no review in JSON form: {error}"))?;
        if review.version == VERSION {
            Ok(review)
        } else {
            Err(format!(
                "this review has version {}, and this program reads {VERSION}",
                review.version
            ))
        }
    }
}
