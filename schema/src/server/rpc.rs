//! The provider service's methods, each with the function that answers it.

use seedling_proto::tfplugin6 as pb;
use seedling_proto::tfplugin6::provider_server::Provider as ProviderService;
use tonic::{Request, Response, Status};

use super::service::Server;
use super::{
    rpc_apply, rpc_data, rpc_ephemeral, rpc_function, rpc_import, rpc_plan, rpc_provider, rpc_read,
    rpc_upgrade, rpc_validate,
};
use crate::resource::Provider;

macro_rules! answer {
    ($($method:ident => $handler:path;)*) => {
        #[tonic::async_trait]
        impl<P: Provider> ProviderService for Server<P> {
            $(async fn $method(
                &self,
                request: Request<pb::$method::Request>,
            ) -> Result<Response<pb::$method::Response>, Status> {
                self.run(stringify!($method), request, $handler).await
            })*
        }
    };
}

answer! {
    get_metadata => rpc_provider::metadata;
    get_provider_schema => rpc_provider::schema;
    get_resource_identity_schemas => rpc_provider::identity_schemas;
    configure_provider => rpc_provider::configure;
    stop_provider => rpc_provider::stop;
    validate_provider_config => rpc_validate::provider;
    validate_resource_config => rpc_validate::resource;
    validate_data_resource_config => rpc_validate::data_source;
    validate_ephemeral_resource_config => rpc_validate::ephemeral_resource;
    upgrade_resource_state => rpc_upgrade::state;
    upgrade_resource_identity => rpc_upgrade::identity;
    move_resource_state => rpc_upgrade::moved;
    read_resource => rpc_read::read;
    plan_resource_change => rpc_plan::plan;
    apply_resource_change => rpc_apply::apply;
    import_resource_state => rpc_import::import;
    read_data_source => rpc_data::read;
    open_ephemeral_resource => rpc_ephemeral::open;
    renew_ephemeral_resource => rpc_ephemeral::renew;
    close_ephemeral_resource => rpc_ephemeral::close;
    get_functions => rpc_function::list;
    call_function => rpc_function::call;
}
