//! Planning.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::{self, PlanInput, check_planned, only_marked_unknown};
use crate::plan::Plan;
use crate::resource::{Provider, Resource};
use crate::wire;

/// Plans one resource.
pub(super) async fn plan<P: Provider>(
    call: Call<P>,
    request: pb::plan_resource_change::Request,
) -> Result<pb::plan_resource_change::Response, Diagnostics> {
    let entry = call.service.registry().resource(&request.type_name)?;
    let (resource, ty) = (&*entry.resource.thing, entry.resource.ty());
    let input = PlanInput {
        prior: decode::value(request.prior_state.as_ref(), ty)?,
        proposed: decode::value(request.proposed_new_state.as_ref(), ty)?,
        config: decode::value(request.config.as_ref(), ty)?,
        private: decode::private(&request.prior_private)?,
    };
    let schema = entry.resource.schema();
    let (mut plan, mut diagnostics) =
        engine::plan(schema, input, |plan| resource.modify_plan(plan));
    if let (Some(client), false) = (call.configured.get(), diagnostics.has_errors()) {
        diagnostics.extend(look(resource, &client, &mut plan).await);
        plan.planned.normalize(ty);
    }
    // A plan that failed half-way breaks rules of which nobody needs to hear.
    if !diagnostics.has_errors() {
        diagnostics.extend(check_planned(schema, &plan));
    }

    Ok(pb::plan_resource_change::Response {
        planned_state: wire::write(&plan.planned, ty).map_err(Diagnostic::from)?,
        requires_replace: plan.replace.iter().map(wire::path).collect(),
        planned_private: plan.planned_private.to_bytes(),
        diagnostics: wire::diagnostics(diagnostics),
        // An identity never changes in an update.
        planned_identity: request.prior_identity,
        ..pb::plan_resource_change::Response::default()
    })
}

/// Lets the resource look at the real world, which must not put values into the plan: the plan of
/// the apply phase may see another world and has to agree.
async fn look<C: Send + Sync>(
    resource: &dyn Resource<C>,
    client: &C,
    plan: &mut Plan,
) -> Diagnostics {
    let before = plan.planned.clone();
    let mut diagnostics = resource.check_plan(client, plan).await;
    if !only_marked_unknown(&before, &plan.planned) {
        diagnostics.push(Diagnostic::error(
            "Provider planned what it saw",
            "What the provider reads while it plans may only make values unknown.\n\nThis is a bug in the \
             provider, not in your configuration. Please report it.",
        ));
    }
    diagnostics
}
