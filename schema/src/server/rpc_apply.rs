//! Applying: create, update and delete.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::registry::ResourceEntry;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::{check_applied, clear_write_only};
use crate::resource::{ApplyReply, ApplyRequest, Provider};
use crate::value::Value;
use crate::wire;

/// Makes a change.
pub(super) async fn apply<P: Provider>(
    call: Call<P>,
    request: pb::apply_resource_change::Request,
) -> Result<pb::apply_resource_change::Response, Diagnostics> {
    let entry = call.service.registry().resource(&request.type_name)?;
    let ty = entry.resource.ty();
    let client = call.client()?;
    let change = ApplyRequest {
        prior: decode::value(request.prior_state.as_ref(), ty)?,
        planned: decode::value(request.planned_state.as_ref(), ty)?,
        config: decode::value(request.config.as_ref(), ty)?,
        private: decode::private(&request.planned_private)?,
        stop: call.stop.clone(),
    };
    let planned = change.planned.clone();
    let resource = &*entry.resource.thing;
    let reply = match (change.prior.is_null(), planned.is_null()) {
        (true, _) => resource.create(&client, change).await,
        (false, true) => resource.delete(&client, change).await,
        (false, false) => resource.update(&client, change).await,
    };
    Ok(answer(entry, &planned, reply, request.planned_identity))
}

/// Brings what the resource reached into the form that core accepts, and checks it.
fn answer<C: Send + Sync>(
    entry: &ResourceEntry<C>,
    planned: &Value,
    reply: ApplyReply,
    planned_identity: Option<pb::ResourceIdentityData>,
) -> pb::apply_resource_change::Response {
    let (schema, ty) = (entry.resource.schema(), entry.resource.ty());
    let ApplyReply {
        state,
        private,
        identity,
        mut diagnostics,
    } = reply;
    let mut state = state.unwrap_or_default();
    state.normalize(ty);
    clear_write_only(&schema.attributes, &mut state);
    if !diagnostics.has_errors() {
        diagnostics.extend(contradictions(entry, planned, &state));
    }
    state.unknown_as_null();

    let identity = decode::identity_message(identity.as_ref(), entry).unwrap_or_else(|error| {
        diagnostics.push(error.into());
        None
    });
    // A state that does not fit its schema cannot be stored: say so, core keeps the former one.
    let new_state = wire::write(&state, ty).unwrap_or_else(|error| {
        diagnostics.push(error.into());
        None
    });
    pb::apply_resource_change::Response {
        new_state,
        private: private.to_bytes(),
        diagnostics: wire::diagnostics(diagnostics),
        new_identity: identity.or(planned_identity),
        ..pb::apply_resource_change::Response::default()
    }
}

fn contradictions<C: Send + Sync>(
    entry: &ResourceEntry<C>,
    planned: &Value,
    state: &Value,
) -> Diagnostics {
    let reason = match (planned.is_null(), state.is_null()) {
        (true, true) => return Diagnostics::default(),
        (false, false) => return check_applied(entry.resource.schema(), planned, state),
        (true, false) => {
            "it was to be removed, and the provider reports that it still exists, without an error"
        }
        (false, true) => "it was to be made, and the provider reports neither a state nor an error",
    };
    Diagnostic::error(
        "Provider returned invalid result object after apply",
        format!(
            "{}: {reason}.\n\nThis is a bug in the provider, not in your configuration. Please report it.",
            entry.resource.thing.type_name()
        ),
    )
    .into()
}
