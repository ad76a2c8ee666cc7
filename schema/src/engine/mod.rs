//! The plan engine: from configuration, prior state and the core's proposal to the planned state.
//!
//! A row of passes, each pure, in this order:
//!
//! 1. [`defaults`] puts in what the schema says where the configuration is silent,
//! 2. [`write_only`] takes out what must never be stored,
//! 3. [`unknown`] marks what only apply can tell, if anything changes at all,
//! 4. the resource's own `modify_plan`,
//! 5. [`replace`] finds the changes that need a replacement,
//! 6. [`plan_rules`] holds the result against the core's rules.
//!
//! [`apply_rules`] does the last for what apply returns. Nothing here waits, looks at a clock or
//! reads anything but its arguments: the core plans twice and both plans must agree.

mod apply_rules;
mod defaults;
mod nested;
mod plan_rules;
mod replace;
mod unknown;
mod violation;
mod write_only;

#[cfg(test)]
mod properties;

pub(crate) use apply_rules::check_applied;
pub(crate) use plan_rules::{check_opened, check_planned};
pub(crate) use unknown::only_marked_unknown;
pub(crate) use violation::{Violation, all_unknown};
pub(crate) use write_only::{clear as clear_write_only, given as given_write_only};

use crate::diagnostics::Diagnostics;
use crate::plan::Plan;
use crate::private::Private;
use crate::schema::Schema;
use crate::value::Value;

/// What the core asks about.
#[derive(Clone, Debug)]
pub(crate) struct PlanInput {
    /// The state before; null for a create.
    pub prior: Value,
    /// The core's merge of configuration and prior state; null for a destroy.
    pub proposed: Value,
    /// The configuration; null for a destroy.
    pub config: Value,
    /// The notes stored with the state.
    pub private: Private,
}

/// Runs all passes but the last; [`check_planned`] is that, and comes after the resource had its
/// look at the real world.
pub(crate) fn plan(
    schema: &Schema,
    input: PlanInput,
    modify: impl FnOnce(&mut Plan) -> Diagnostics,
) -> (Plan, Diagnostics) {
    let mut plan = start(schema, input);
    let destroy = plan.planned.is_null();
    if !destroy {
        defaults::fill(&schema.attributes, &plan.config, &mut plan.planned);
        write_only::clear(&schema.attributes, &mut plan.planned);
        plan.planned.normalize(&schema.ty());
        mark_unknown(schema, &mut plan);
    }
    let diagnostics = modify_and_follow(schema, &mut plan, modify);
    if !destroy {
        replace::collect(&schema.attributes, &mut plan);
    }
    (plan, diagnostics)
}

fn start(schema: &Schema, input: PlanInput) -> Plan {
    let ty = schema.ty();
    let mut plan = Plan {
        config: input.config,
        prior: input.prior,
        planned: input.proposed,
        prior_private: input.private.clone(),
        planned_private: input.private,
        replace: Vec::new(),
    };
    plan.prior.normalize(&ty);
    plan
}

/// Without a change nothing becomes unknown, or every plan would have changes.
fn mark_unknown(schema: &Schema, plan: &mut Plan) {
    if !plan.is_no_op() {
        unknown::mark(
            &schema.attributes,
            &plan.config,
            &plan.prior,
            &mut plan.planned,
        );
    }
}

/// Lets the resource modify the plan. If that makes an update of a plan without changes, what the
/// resource left alone becomes unknown as it would have in any other update.
fn modify_and_follow(
    schema: &Schema,
    plan: &mut Plan,
    modify: impl FnOnce(&mut Plan) -> Diagnostics,
) -> Diagnostics {
    let before = plan.clone();
    let diagnostics = modify(plan);
    plan.planned.normalize(&schema.ty());
    if before.is_no_op() && plan.is_update() {
        let mut marked = before.planned.clone();
        unknown::mark(&schema.attributes, &plan.config, &plan.prior, &mut marked);
        for (name, _) in &schema.attributes {
            if plan.planned.get(name) == before.planned.get(name) {
                plan.planned.set(name, marked.get(name).clone());
            }
        }
    }
    diagnostics
}
