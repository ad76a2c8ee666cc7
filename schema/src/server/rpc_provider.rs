//! What the provider is, and its configuration.

use seedling_proto::tfplugin6 as pb;

use super::decode;
use super::service::Call;
use crate::diagnostics::Diagnostics;
use crate::resource::{ConfigureRequest, Provider};
use crate::wire;

/// `get_provider_schema_optional` saves a schema call in all processes of a command but the first.
fn capabilities() -> pb::ServerCapabilities {
    pb::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}

/// The names of everything.
pub(super) async fn metadata<P: Provider>(
    call: Call<P>,
    _: pb::get_metadata::Request,
) -> Result<pb::get_metadata::Response, Diagnostics> {
    use pb::get_metadata::{
        DataSourceMetadata, EphemeralMetadata, FunctionMetadata, ResourceMetadata,
    };

    let registry = call.service.registry();
    let name = |name: &&str| (*name).to_owned();
    Ok(pb::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        diagnostics: Vec::new(),
        data_sources: registry
            .data_sources
            .keys()
            .map(|it| DataSourceMetadata {
                type_name: name(it),
            })
            .collect(),
        resources: registry
            .resources
            .keys()
            .map(|it| ResourceMetadata {
                type_name: name(it),
            })
            .collect(),
        functions: registry
            .functions
            .keys()
            .map(|it| FunctionMetadata { name: name(it) })
            .collect(),
        ephemeral_resources: registry
            .ephemeral_resources
            .keys()
            .map(|it| EphemeralMetadata {
                type_name: name(it),
            })
            .collect(),
    })
}

/// All schemas.
pub(super) async fn schema<P: Provider>(
    call: Call<P>,
    _: pb::get_provider_schema::Request,
) -> Result<pb::get_provider_schema::Response, Diagnostics> {
    let registry = call.service.registry();
    let resources = registry.resources.iter();
    let data_sources = registry.data_sources.iter();
    let ephemeral_resources = registry.ephemeral_resources.iter();
    let functions = registry.functions.iter();
    Ok(pb::get_provider_schema::Response {
        provider: Some(wire::schema(&registry.provider)),
        resource_schemas: resources
            .map(|(name, entry)| ((*name).to_owned(), wire::schema(entry.resource.schema())))
            .collect(),
        data_source_schemas: data_sources
            .map(|(name, it)| ((*name).to_owned(), wire::schema(it.schema())))
            .collect(),
        ephemeral_resource_schemas: ephemeral_resources
            .map(|(name, it)| ((*name).to_owned(), wire::schema(it.schema())))
            .collect(),
        functions: functions
            .map(|(name, it)| ((*name).to_owned(), wire::function(&it.signature())))
            .collect(),
        server_capabilities: Some(capabilities()),
        ..pb::get_provider_schema::Response::default()
    })
}

/// The identity schemas of the resources that have one.
pub(super) async fn identity_schemas<P: Provider>(
    call: Call<P>,
    _: pb::get_resource_identity_schemas::Request,
) -> Result<pb::get_resource_identity_schemas::Response, Diagnostics> {
    let resources = call.service.registry().resources.iter();
    let identity_schemas = resources
        .filter_map(|(name, entry)| {
            Some(((*name).to_owned(), wire::identity_schema(entry.identity()?)))
        })
        .collect();
    Ok(pb::get_resource_identity_schemas::Response {
        identity_schemas,
        diagnostics: Vec::new(),
    })
}

/// Makes the connection's client.
pub(super) async fn configure<P: Provider>(
    call: Call<P>,
    request: pb::configure_provider::Request,
) -> Result<pb::configure_provider::Response, Diagnostics> {
    let ty = call.service.registry().provider.ty();
    let config = decode::value(request.config.as_ref(), &ty)?;
    let request = ConfigureRequest {
        config,
        terraform_version: request.terraform_version,
    };
    let (client, diagnostics) = call.service.provider.configure(request).await;
    call.configured.set(client);
    Ok(pb::configure_provider::Response {
        diagnostics: wire::diagnostics(diagnostics),
    })
}

/// Asks running calls to end; answers at once.
pub(super) async fn stop<P: Provider>(
    call: Call<P>,
    _: pb::stop_provider::Request,
) -> Result<pb::stop_provider::Response, Diagnostics> {
    tracing::info!("the user wants to stop");
    call.service.stop.fire();
    Ok(pb::stop_provider::Response::default())
}
