//! Stored states: of older schemas, and of other types of resources.

use seedling_proto::tfplugin6 as pb;
use serde_json::Value as Json;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::clear_write_only;
use crate::resource::{MoveSource, Provider};
use crate::types::Type;
use crate::value::{ExtraMembers, Value};
use crate::wire;

/// Brings a stored state into the present schema. The core asks for every object in every run.
pub(super) async fn state<P: Provider>(
    call: Call<P>,
    request: pb::upgrade_resource_state::Request,
) -> Result<pb::upgrade_resource_state::Response, Diagnostics> {
    let entry = call.service.registry().resource(&request.type_name)?;
    let (schema, ty) = (entry.resource.schema(), entry.resource.ty());
    let mut json = stored(request.raw_state.as_ref())?;
    if request.version != schema.version {
        json = entry.resource.thing.upgrade(request.version, json)?;
    }
    let mut state = fit(&json, ty)?;
    clear_write_only(&schema.attributes, &mut state);
    Ok(pb::upgrade_resource_state::Response {
        upgraded_state: wire::write(&state, ty).map_err(Diagnostic::from)?,
        diagnostics: Vec::new(),
    })
}

/// Brings a stored identity into the present schema.
pub(super) async fn identity<P: Provider>(
    call: Call<P>,
    request: pb::upgrade_resource_identity::Request,
) -> Result<pb::upgrade_resource_identity::Response, Diagnostics> {
    let entry = call.service.registry().resource(&request.type_name)?;
    let json = stored(request.raw_identity.as_ref())?;
    let identity = match entry.identity() {
        Some(schema) => Some(fit(&json, &schema.ty())?),
        None => None,
    };
    let upgraded_identity =
        decode::identity_message(identity.as_ref(), entry).map_err(Diagnostic::from)?;
    Ok(pb::upgrade_resource_identity::Response {
        upgraded_identity,
        diagnostics: Vec::new(),
    })
}

/// Makes the state of another type of resource one of ours.
pub(super) async fn moved<P: Provider>(
    call: Call<P>,
    request: pb::move_resource_state::Request,
) -> Result<pb::move_resource_state::Response, Diagnostics> {
    let entry = call
        .service
        .registry()
        .resource(&request.target_type_name)?;
    let (schema, ty) = (entry.resource.schema(), entry.resource.ty());
    let refusal = Diagnostic::error(
        "State cannot be moved",
        format!(
            "A {} of provider {} cannot become a {}. Remove the `moved` block; take the object over with an \
             `import` block, and out of the state with a `removed` block.",
            request.source_type_name, request.source_provider_address, request.target_type_name
        ),
    );
    let source = MoveSource {
        state: stored(request.source_state.as_ref())?,
        provider_address: request.source_provider_address,
        type_name: request.source_type_name,
        schema_version: request.source_schema_version,
    };
    let (mut state, identity) = entry.resource.thing.move_from(source).ok_or(refusal)??;
    state.normalize(ty);
    clear_write_only(&schema.attributes, &mut state);
    Ok(pb::move_resource_state::Response {
        target_state: wire::write(&state, ty).map_err(Diagnostic::from)?,
        target_identity: decode::identity_message(identity.as_ref(), entry)
            .map_err(Diagnostic::from)?,
        ..pb::move_resource_state::Response::default()
    })
}

fn stored(state: Option<&pb::RawState>) -> Result<Json, Diagnostic> {
    wire::raw_json(state)?.ok_or_else(|| {
        Diagnostic::error(
            "State is too old",
            "The state was written by Terraform 0.11 or older. Apply once with Terraform 0.12 or newer and the \
             provider that wrote it, then use this one.",
        )
    })
}

fn fit(json: &Json, ty: &Type) -> Result<Value, Diagnostic> {
    Value::from_json_with(json, ty, ExtraMembers::Drop).map_err(|error| {
        Diagnostic::error(
            "Stored state does not fit the schema",
            format!(
                "{error}.\n\nIf the state file was edited by hand, restore a backup; else this is a bug in the \
                 provider. Please report it."
            ),
        )
    })
}
