//! Checks of configurations. That required values are there and of the right type is the core's
//! business.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::given_write_only;
use crate::path::Path;
use crate::resource::Provider;
use crate::schema::Schema;
use crate::value::Value;
use crate::wire;

/// The provider block.
pub(super) async fn provider<P: Provider>(
    call: Call<P>,
    request: pb::validate_provider_config::Request,
) -> Result<pb::validate_provider_config::Response, Diagnostics> {
    let ty = call.service.registry().provider.ty();
    let config = decode::value(request.config.as_ref(), &ty)?;
    let diagnostics = wire::diagnostics(call.service.provider.validate(&config));
    Ok(pb::validate_provider_config::Response { diagnostics })
}

/// A resource.
pub(super) async fn resource<P: Provider>(
    call: Call<P>,
    request: pb::validate_resource_config::Request,
) -> Result<pb::validate_resource_config::Response, Diagnostics> {
    let resource = &call
        .service
        .registry()
        .resource(&request.type_name)?
        .resource;
    let config = decode::value(request.config.as_ref(), resource.ty())?;
    let mut diagnostics = Diagnostics::default();
    if !request
        .client_capabilities
        .is_some_and(|client| client.write_only_attributes_allowed)
    {
        diagnostics.extend(would_be_stored(resource.schema(), &config));
    }
    diagnostics.extend(resource.thing.validate(&config));
    Ok(pb::validate_resource_config::Response {
        diagnostics: wire::diagnostics(diagnostics),
    })
}

/// An old core takes a write-only attribute for an ordinary one and stores it.
fn would_be_stored(schema: &Schema, config: &Value) -> Diagnostics {
    let paths = given_write_only(&schema.attributes, config, &Path::root()).into_iter();
    paths
        .map(|path| {
            Diagnostic::error(
                "Write-only values are not supported by this version",
                "This command would write the value into plan and state in plain text. Use Terraform 1.11 or \
                 OpenTofu 1.11 or newer.",
            )
            .at(path)
        })
        .collect()
}

/// A data source.
pub(super) async fn data_source<P: Provider>(
    call: Call<P>,
    request: pb::validate_data_resource_config::Request,
) -> Result<pb::validate_data_resource_config::Response, Diagnostics> {
    let data_source = call.service.registry().data_source(&request.type_name)?;
    let config = decode::value(request.config.as_ref(), data_source.ty())?;
    let diagnostics = wire::diagnostics(data_source.thing.validate(&config));
    Ok(pb::validate_data_resource_config::Response { diagnostics })
}

/// An ephemeral resource.
pub(super) async fn ephemeral_resource<P: Provider>(
    call: Call<P>,
    request: pb::validate_ephemeral_resource_config::Request,
) -> Result<pb::validate_ephemeral_resource_config::Response, Diagnostics> {
    let ephemeral = call
        .service
        .registry()
        .ephemeral_resource(&request.type_name)?;
    let config = decode::value(request.config.as_ref(), ephemeral.ty())?;
    let diagnostics = wire::diagnostics(ephemeral.thing.validate(&config));
    Ok(pb::validate_ephemeral_resource_config::Response { diagnostics })
}
