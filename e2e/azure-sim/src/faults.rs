//! Faults by rule: what a test wants to go wrong, and at which request.

use std::time::Duration;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::http::{Answer, Request};
use crate::operation::Ending;

/// What goes wrong, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Requests of this method; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Requests whose path and query match this regular expression.
    pub target: String,
    /// The first matching request that it is applied to, counted from 1.
    #[serde(default = "one")]
    pub from: usize,
    /// To how many in a row.
    #[serde(default = "one")]
    pub times: usize,
    /// What happens.
    pub fault: Fault,
}

fn one() -> usize {
    1
}

/// What goes wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The request is answered with an error, in the shape of the service that it is for, and does nothing.
    Answer {
        /// The status.
        status: u16,
        /// The error's code.
        code: String,
        /// Its message.
        message: String,
        /// Seconds for `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
        /// Whether AKS says it, whose errors have no envelope, and not Resource Manager in front of it.
        #[serde(default)]
        flat: bool,
    },
    /// The connection ends before the request does anything.
    Cut,
    /// The request does what it should, then the connection ends without an answer.
    CutReply,
    /// The answer comes late, by milliseconds.
    Delay(u64),
    /// The operation that the request starts ends so.
    Operation(Ending),
    /// Somebody else changes the resource just before: its eTag is another one.
    Touch,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is answered.
    Answer(Answer),
    /// It is answered late.
    Late(Answer, Duration),
    /// Its connection ends.
    Cut,
}

/// A rule cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the target {target:?} of a fault rule is no regular expression: {source}")]
pub struct BadRule {
    target: String,
    source: Box<regex::Error>,
}

/// All rules, and how often each has matched.
#[derive(Debug, Default)]
pub struct Faults(Vec<Armed>);

#[derive(Debug)]
struct Armed {
    rule: Rule,
    target: Regex,
    seen: usize,
}

impl Faults {
    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) -> Result<(), BadRule> {
        let target = Regex::new(&rule.target).map_err(|source| BadRule {
            target: rule.target.clone(),
            source: Box::new(source),
        })?;
        self.0.push(Armed {
            rule,
            target,
            seen: 0,
        });
        Ok(())
    }

    /// Forgets all rules.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What goes wrong with this request; every matching rule counts it, the first that is due is applied.
    pub fn for_request(&mut self, request: &Request) -> Option<Fault> {
        let mut found = None;
        for armed in &mut self.0 {
            if !armed.matches(request) {
                continue;
            }
            armed.seen += 1;
            let due =
                armed.seen >= armed.rule.from && armed.seen < armed.rule.from + armed.rule.times;
            if due && found.is_none() {
                found = Some(armed.rule.fault.clone());
            }
        }
        found
    }
}

impl Armed {
    fn matches(&self, request: &Request) -> bool {
        let method = self.rule.method.as_ref();
        method.is_none_or(|method| request.method.as_str().eq_ignore_ascii_case(method))
            && self.target.is_match(&request.target)
    }
}
