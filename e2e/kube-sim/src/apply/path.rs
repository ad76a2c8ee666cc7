//! One step into an object, as `managedFields` names steps.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::schema::{ListKind, Schema};

/// A JSON value that can be sorted.
#[derive(Clone, Debug)]
pub struct Scalar(pub Value);

impl Scalar {
    fn rank(&self) -> u8 {
        match self.0 {
            Value::Number(_) => 0,
            Value::String(_) => 1,
            Value::Bool(_) => 2,
            Value::Null => 3,
            _ => 4,
        }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Scalar {}
impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Value::Number(one), Value::Number(two)) => {
                let (one, two) = (one.as_f64(), two.as_f64());
                one.unwrap_or(0.0).total_cmp(&two.unwrap_or(0.0))
            }
            (Value::String(one), Value::String(two)) => one.cmp(two),
            (Value::Bool(one), Value::Bool(two)) => one.cmp(two),
            (one, two) if self.rank() == other.rank() => one.to_string().cmp(&two.to_string()),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A member of an object or an entry of a map.
    Field(String),
    /// The item of a list that has these keys.
    Key(BTreeMap<String, Scalar>),
    /// An item of a set.
    Value(Scalar),
    /// An item of a list, by position.
    Index(i64),
}

impl Step {
    /// Reads `f:name`, `k:{"name":"web"}`, `v:"text"` or `i:0`.
    pub fn parse(text: &str) -> Option<Step> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "f" => Some(Step::Field(rest.to_owned())),
            "v" => Some(Step::Value(Scalar(serde_json::from_str(rest).ok()?))),
            "i" => Some(Step::Index(rest.parse().ok()?)),
            "k" => {
                let keys: BTreeMap<String, Value> = serde_json::from_str(rest).ok()?;
                let keys = keys.into_iter().map(|(name, key)| (name, Scalar(key)));
                Some(Step::Key(keys.collect()))
            }
            _ => None,
        }
    }

    /// The inverse of [`Step::parse`].
    pub fn encoded(&self) -> String {
        match self {
            Step::Field(name) => format!("f:{name}"),
            Step::Value(value) => format!("v:{}", value.0),
            Step::Index(index) => format!("i:{index}"),
            Step::Key(keys) => {
                let keys: BTreeMap<_, _> = keys.iter().map(|(name, key)| (name, &key.0)).collect();
                format!("k:{}", serde_json::to_string(&keys).unwrap_or_default())
            }
        }
    }

    /// The step to an item of a list that merges; `None` for an item without the keys.
    pub fn to_item(list: Schema<'_>, index: usize, item: &Value) -> Option<Step> {
        match list.list_kind() {
            ListKind::Atomic => Some(Step::Index(i64::try_from(index).ok()?)),
            ListKind::Set => Some(Step::Value(Scalar(item.clone()))),
            ListKind::Map(keys) => {
                let object = item.as_object()?;
                let mut found = BTreeMap::new();
                for key in keys {
                    let default = || list.items().field(key)?.default().cloned();
                    if let Some(value) = object.get(key).cloned().or_else(default) {
                        found.insert(key.to_owned(), Scalar(value));
                    }
                }
                (!found.is_empty()).then_some(Step::Key(found))
            }
        }
    }
}

/// As conflicts print it: `.spec`, `[name="web"]`.
impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Field(name) => write!(formatter, ".{name}"),
            Step::Value(value) => write!(formatter, "[={}]", value.0),
            Step::Index(index) => write!(formatter, "[{index}]"),
            Step::Key(keys) => {
                let keys: Vec<_> = keys
                    .iter()
                    .map(|(name, key)| format!("{name}={}", key.0))
                    .collect();
                write!(formatter, "[{}]", keys.join(","))
            }
        }
    }
}
