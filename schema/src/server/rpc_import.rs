//! Taking over what exists.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::clear_write_only;
use crate::resource::{ImportRequest, Provider};
use crate::wire;

/// Imports one resource, by id or by identity.
pub(super) async fn import<P: Provider>(
    call: Call<P>,
    request: pb::import_resource_state::Request,
) -> Result<pb::import_resource_state::Response, Diagnostics> {
    let entry = call.service.registry().resource(&request.type_name)?;
    let (schema, ty) = (entry.resource.schema(), entry.resource.ty());
    let client = call.client()?;
    let wanted = ImportRequest {
        id: (!request.id.is_empty()).then(|| request.id.clone()),
        identity: decode::identity(request.identity.as_ref(), entry)?,
    };
    let reply = entry.resource.thing.import(&client, wanted).await;

    let mut diagnostics = reply.diagnostics;
    let imported = match reply.state {
        Some(mut state) => {
            state.normalize(ty);
            clear_write_only(&schema.attributes, &mut state);
            state.unknown_as_null();
            let identity = decode::identity_message(reply.identity.as_ref(), entry)
                .map_err(Diagnostic::from)?;
            vec![pb::import_resource_state::ImportedResource {
                type_name: request.type_name,
                state: wire::write(&state, ty).map_err(Diagnostic::from)?,
                private: reply.private.to_bytes(),
                identity: identity.or(request.identity),
            }]
        }
        None => Vec::new(),
    };
    if imported.is_empty() && !diagnostics.has_errors() {
        diagnostics.push(Diagnostic::error(
            "Nothing to import",
            "The provider found nothing to import and did not say why. This is a bug in the provider. Please report it.",
        ));
    }
    Ok(pb::import_resource_state::Response {
        imported_resources: imported,
        diagnostics: wire::diagnostics(diagnostics),
        deferred: None,
    })
}
