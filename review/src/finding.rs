//! What a review says.

use serde::{Deserialize, Serialize};

use crate::Kind;

/// One consequence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What sort of consequence.
    pub kind: Kind,
    /// Which plan, by its label.
    pub plan: String,
    /// What it is about, as people call it: `prod/api`, or the address of another provider's resource.
    pub subject: String,
    /// The address in the configuration; empty where the whole plan is meant.
    pub address: String,
    /// The consequence as a clause.
    pub sentence: String,
    /// Whether it follows from changed secret values only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_secret: bool,
    /// Why, and what is worth knowing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// One resource that the plan changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Row {
    /// Which plan, by its label.
    pub plan: String,
    /// The address in the configuration.
    pub address: String,
    /// What happens to it, in a few words.
    pub action: String,
    /// Its attributes that change.
    pub attributes: Vec<Attribute>,
    /// A keyed hash of the changed values that are no secrets: equal only if they change to the same. Empty where
    /// none does.
    pub fingerprint: String,
    /// Paths of changed values that the fingerprint leaves out, because they may be secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_compared: Vec<String>,
}

/// An attribute that changes. Values are there only where nothing speaks against showing them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attribute {
    /// Its path.
    pub path: String,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}
