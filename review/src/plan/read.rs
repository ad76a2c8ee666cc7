//! Reads a plan from front to back. Of `variables`, `planned_values`, `prior_state` and `configuration` no value is
//! ever kept, and of the changes only one at a time.

use std::{collections::BTreeMap, fmt, io::Read};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value as Json;

use super::{Change, configuration::Configuration, seed::Each};
use crate::{Options, Review, judge::Judge};

/// A plan that cannot be reviewed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It is not what it should be.
    #[error("{label} cannot be read: {reason}")]
    Unreadable {
        /// What the plan is called here.
        label: String,
        /// Why.
        reason: serde_json::Error,
    },
    /// It is JSON, and no plan.
    #[error(
        "{0} is not the JSON of a plan: make it with `terraform show -json PLAN` or `tofu show -json PLAN`"
    )]
    NoPlan(String),
}

/// Reads one plan and adds what it will do to the review. `label` says which plan it is, such as `prod`.
///
/// # Errors
/// The input is not the JSON of a plan, or ends early, or its format has another major version than 1 (or 0).
pub fn read(
    input: impl Read,
    label: &str,
    options: &Options,
    review: &mut Review,
) -> Result<(), PlanError> {
    let mut judge = Judge::new(label, options);
    let mut document = serde_json::Deserializer::from_reader(input);
    let is_plan = Document(&mut judge)
        .deserialize(&mut document)
        .and_then(|is_plan| document.end().map(|()| is_plan))
        .map_err(|reason| PlanError::Unreadable {
            label: label.to_owned(),
            reason,
        })?;
    if !is_plan {
        return Err(PlanError::NoPlan(label.to_owned()));
    }
    judge.finish(review);
    Ok(())
}

/// The whole document; gives whether it was a plan.
struct Document<'a>(&'a mut Judge);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Output {
    actions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Check {
    address: Displayed,
    status: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Displayed {
    to_display: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Deferred {
    reason: Option<String>,
    resource_change: Json,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Invocation {
    address: String,
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the JSON object of a plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let judge = self.0;
        let (mut has_format, mut is_plan, mut is_state) = (false, false, false);
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "format_version" => {
                    check_format::<A::Error>(&members.next_value::<String>()?)?;
                    has_format = true;
                }
                "terraform_version" => judge.notes.version = members.next_value()?,
                "timestamp" => judge.notes.timestamp = members.next_value()?,
                "errored" => judge.errored(members.next_value()?),
                "complete" => judge.complete(members.next_value()?),
                "resource_drift" => members.next_value_seed(Each::new(|entry: Json| {
                    judge.drift(&Change::from_json(entry));
                }))?,
                "resource_changes" => members.next_value_seed(Each::new(|entry: Json| {
                    judge.change(&Change::from_json(entry));
                }))?,
                "deferred_changes" => {
                    members.next_value_seed(Each::new(|deferred: Deferred| {
                        let change = Change::from_json(deferred.resource_change);
                        judge.deferred(&change, deferred.reason.as_deref());
                    }))?;
                }
                "checks" => members.next_value_seed(Each::new(|check: Check| {
                    judge.check(&check.address.to_display, &check.status);
                }))?,
                "action_invocations" | "deferred_action_invocations" => {
                    members.next_value_seed(Each::new(|invocation: Invocation| {
                        judge.invocation(&invocation.address);
                    }))?;
                }
                "output_changes" => {
                    let outputs: Option<BTreeMap<String, Output>> = members.next_value()?;
                    judge.outputs(outputs.unwrap_or_default().into_iter().filter_map(changed));
                }
                "configuration" => {
                    let configuration: Option<Configuration> = members.next_value()?;
                    judge.configuration = configuration.unwrap_or_default();
                }
                "planned_values"
                | "prior_state"
                | "variables"
                | "relevant_attributes"
                | "applyable"
                | "proposed_unknown" => {
                    members.next_value::<IgnoredAny>()?;
                    is_plan = true;
                }
                // The JSON of a state has these.
                "values" => {
                    members.next_value::<IgnoredAny>()?;
                    is_state = true;
                }
                _ => {
                    if members.next_value::<Option<IgnoredAny>>()?.is_some() {
                        judge.strange_part(&name);
                    }
                }
            }
            is_plan |= matches!(name.as_str(), "resource_changes" | "configuration");
        }
        Ok(has_format && is_plan && !is_state)
    }
}

fn changed((name, output): (String, Output)) -> Option<String> {
    (output.actions != ["no-op"]).then_some(name)
}

/// The formats of both CLIs have the version 1.x since Terraform 1.1; 0.x before had the same parts.
fn check_format<E: serde::de::Error>(version: &str) -> Result<(), E> {
    match version.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err(E::custom(format!(
            "the plan has format version {version}, and this program reads 1: use a newer seedling"
        ))),
    }
}
