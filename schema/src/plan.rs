//! A plan in the making, as a resource sees and adjusts it.

use crate::path::Path;
use crate::private::Private;
use crate::value::Value;

/// What the core wants to know before it changes something: the state to be reached.
///
/// The core plans once more when it applies, and both plans must agree. So whatever a resource
/// puts into `planned` follows from this plan alone: no clock, no randomness, no look-up.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The configuration as written, write-only values included; null for a destroy.
    pub config: Value,
    /// The state before; null for a create.
    pub prior: Value,
    /// The state to be reached; null for a destroy.
    pub planned: Value,
    /// The notes stored with the state. For the second plan of a replacement, `prior` is null and
    /// these are not empty.
    pub prior_private: Private,
    /// The notes that apply will get; starts as a copy of `prior_private`.
    pub planned_private: Private,
    /// The attributes whose change replaces the resource. Those that did not change are ignored.
    pub replace: Vec<Path>,
}

impl Plan {
    /// Something is to be made.
    pub fn is_create(&self) -> bool {
        self.prior.is_null() && !self.planned.is_null()
    }

    /// Something exists and is to be changed (or replaced).
    pub fn is_update(&self) -> bool {
        !self.prior.is_null() && !self.planned.is_null() && self.prior != self.planned
    }

    /// Something is to be removed.
    pub fn is_destroy(&self) -> bool {
        self.planned.is_null() && !self.prior.is_null()
    }

    /// Nothing is to be done.
    pub fn is_no_op(&self) -> bool {
        self.prior == self.planned
    }

    /// Whether the value at a path will differ from the one before, or may.
    pub fn changed(&self, path: impl Into<Path>) -> bool {
        let path = path.into();
        self.prior.at(&path).unwrap_or(&Value::Null)
            != self.planned.at(&path).unwrap_or(&Value::Null)
    }

    /// Plans an attribute of the root as known only after apply.
    pub fn mark_unknown(&mut self, attribute: &str) {
        self.planned.set(attribute, Value::unknown());
    }
}
