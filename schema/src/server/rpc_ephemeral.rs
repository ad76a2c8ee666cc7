//! Ephemeral resources.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::check_opened;
use crate::resource::Provider;
use crate::wire;

/// Opens one.
pub(super) async fn open<P: Provider>(
    call: Call<P>,
    request: pb::open_ephemeral_resource::Request,
) -> Result<pb::open_ephemeral_resource::Response, Diagnostics> {
    let ephemeral = call
        .service
        .registry()
        .ephemeral_resource(&request.type_name)?;
    let ty = ephemeral.ty();
    let client = call.client()?;
    let config = decode::value(request.config.as_ref(), ty)?;
    let reply = ephemeral.thing.open(&client, config.clone()).await;
    let mut diagnostics = reply.diagnostics;
    let mut result = reply.result.unwrap_or_default();
    result.normalize(ty);
    if !diagnostics.has_errors() {
        diagnostics.extend(check_opened(ephemeral.schema(), &config, &result));
    }
    Ok(pb::open_ephemeral_resource::Response {
        diagnostics: wire::diagnostics(diagnostics),
        renew_at: reply.renew_at.map(Into::into),
        result: wire::write(&result, ty).map_err(Diagnostic::from)?,
        private: Some(reply.private.to_bytes()),
        deferred: None,
    })
}

/// Prolongs one.
pub(super) async fn renew<P: Provider>(
    call: Call<P>,
    request: pb::renew_ephemeral_resource::Request,
) -> Result<pb::renew_ephemeral_resource::Response, Diagnostics> {
    let ephemeral = call
        .service
        .registry()
        .ephemeral_resource(&request.type_name)?;
    let client = call.client()?;
    let private = decode::private(request.private())?;
    let reply = ephemeral.thing.renew(&client, private).await;
    Ok(pb::renew_ephemeral_resource::Response {
        diagnostics: wire::diagnostics(reply.diagnostics),
        renew_at: reply.renew_at.map(Into::into),
        private: Some(reply.private.to_bytes()),
    })
}

/// Ends one.
pub(super) async fn close<P: Provider>(
    call: Call<P>,
    request: pb::close_ephemeral_resource::Request,
) -> Result<pb::close_ephemeral_resource::Response, Diagnostics> {
    let ephemeral = call
        .service
        .registry()
        .ephemeral_resource(&request.type_name)?;
    let client = call.client()?;
    let private = decode::private(request.private())?;
    let diagnostics = ephemeral.thing.close(&client, private).await;
    Ok(pb::close_ephemeral_resource::Response {
        diagnostics: wire::diagnostics(diagnostics),
    })
}
