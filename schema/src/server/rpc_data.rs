//! Data sources.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::check_opened;
use crate::resource::Provider;
use crate::wire;

/// Reads one.
pub(super) async fn read<P: Provider>(
    call: Call<P>,
    request: pb::read_data_source::Request,
) -> Result<pb::read_data_source::Response, Diagnostics> {
    let data_source = call.service.registry().data_source(&request.type_name)?;
    let ty = data_source.ty();
    let client = call.client()?;
    let config = decode::value(request.config.as_ref(), ty)?;
    let (state, mut diagnostics) = data_source.thing.read(&client, config.clone()).await;
    let mut state = state.unwrap_or_default();
    state.normalize(ty);
    if !diagnostics.has_errors() {
        diagnostics.extend(check_opened(data_source.schema(), &config, &state));
    }
    Ok(pb::read_data_source::Response {
        state: wire::write(&state, ty).map_err(Diagnostic::from)?,
        diagnostics: wire::diagnostics(diagnostics),
        deferred: None,
    })
}
