//! Reading what exists.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::{Violation, all_unknown, clear_write_only};
use crate::path::Path;
use crate::resource::{Provider, ReadRequest};
use crate::wire;

/// Reads one resource. While the connection is unknown the stored state stands: nothing is read and
/// nothing is taken for gone.
pub(super) async fn read<P: Provider>(
    call: Call<P>,
    request: pb::read_resource::Request,
) -> Result<pb::read_resource::Response, Diagnostics> {
    let entry = call.service.registry().resource(&request.type_name)?;
    let (schema, ty) = (entry.resource.schema(), entry.resource.ty());
    let Some(client) = call.configured.get() else {
        return Ok(pb::read_resource::Response {
            new_state: request.current_state,
            private: request.private,
            new_identity: request.current_identity,
            ..pb::read_resource::Response::default()
        });
    };
    let read = ReadRequest {
        state: decode::value(request.current_state.as_ref(), ty)?,
        private: decode::private(&request.private)?,
        identity: decode::identity(request.current_identity.as_ref(), entry)?,
    };
    let reply = entry.resource.thing.read(&client, read).await;

    let mut diagnostics = reply.diagnostics;
    let mut state = reply.state.unwrap_or_default();
    state.normalize(ty);
    clear_write_only(&schema.attributes, &mut state);
    let unknown = all_unknown(&state, &Path::root());
    diagnostics.extend(Violation::report(unknown, "Provider read an unknown value"));
    let identity =
        decode::identity_message(reply.identity.as_ref(), entry).map_err(Diagnostic::from)?;
    Ok(pb::read_resource::Response {
        new_state: wire::write(&state, ty).map_err(Diagnostic::from)?,
        private: reply.private.to_bytes(),
        diagnostics: wire::diagnostics(diagnostics),
        new_identity: identity.or(request.current_identity),
        ..pb::read_resource::Response::default()
    })
}
