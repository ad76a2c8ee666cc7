//! Calls, answered in this process by a small provider.

use seedling_proto::tfplugin6 as pb;
use seedling_proto::tfplugin6::provider_client::ProviderClient;
use seedling_proto::tfplugin6::provider_server::ProviderServer;
use tonic::Request;

use super::connection::Configured;
use super::serve::provider_service;
use super::service::Server;
use crate::resource::Resource;
use crate::types::Type;
use crate::value::Value;
use crate::wire;

mod changes;
mod checks;
mod stored;

#[path = "../../../tests/demo/mod.rs"]
mod demo;

use demo::{Demo, Folder, Thing};

/// A client on one connection.
struct Connection {
    client: ProviderClient<ProviderServer<Server<Demo>>>,
    configured: Configured<Folder>,
    folder: tempfile::TempDir,
}

fn thing() -> Type {
    Thing.schema().ty()
}

fn message(value: &Value) -> Option<pb::DynamicValue> {
    wire::write(value, &thing()).unwrap()
}

fn value(message: Option<&pb::DynamicValue>) -> Value {
    wire::read(message, &thing()).unwrap()
}

fn summaries(diagnostics: &[pb::Diagnostic]) -> Vec<&str> {
    diagnostics
        .iter()
        .map(|diagnostic| diagnostic.summary.as_str())
        .collect()
}

impl Connection {
    /// A connection without a configuration.
    fn new() -> Self {
        Self {
            client: ProviderClient::new(provider_service(Demo)),
            configured: Configured::nothing(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A connection to a provider that knows its folder.
    async fn configured() -> Self {
        let mut connection = Self::new();
        let folder = Value::from(connection.folder.path().to_str().unwrap());
        connection.configure(folder).await;
        connection
    }

    async fn configure(&mut self, folder: Value) {
        let ty = Type::object([("folder", Type::string())]);
        let config = wire::write(&Value::object([("folder", folder)]), &ty).unwrap();
        let request = pb::configure_provider::Request {
            config,
            ..Default::default()
        };
        let reply = self
            .client
            .configure_provider(self.request(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(reply.diagnostics, []);
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.configured.clone());
        request
    }

    /// Plans a change. The proposal is the configuration with the prior computed values.
    async fn plan(&mut self, prior: &Value, config: &Value) -> pb::plan_resource_change::Response {
        let mut proposed = config.clone();
        for name in ["id", "revision", "status", "secret_length"] {
            if !config.is_null() {
                proposed.set(name, prior.get(name).clone());
            }
        }
        let request = pb::plan_resource_change::Request {
            type_name: "demo_thing".to_owned(),
            prior_state: message(prior),
            proposed_new_state: message(&proposed),
            config: message(config),
            ..Default::default()
        };
        self.client
            .plan_resource_change(self.request(request))
            .await
            .unwrap()
            .into_inner()
    }

    /// Carries out a plan.
    async fn apply(
        &mut self,
        prior: &Value,
        config: &Value,
        plan: pb::plan_resource_change::Response,
    ) -> pb::apply_resource_change::Response {
        let request = pb::apply_resource_change::Request {
            type_name: "demo_thing".to_owned(),
            prior_state: message(prior),
            planned_state: plan.planned_state,
            config: message(config),
            planned_private: plan.planned_private,
            planned_identity: plan.planned_identity,
            ..Default::default()
        };
        self.client
            .apply_resource_change(self.request(request))
            .await
            .unwrap()
            .into_inner()
    }
}

fn named(name: &str) -> Value {
    let mut config = Value::object([("name", name.into())]);
    config.normalize(&thing());
    config
}
