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

#[path = "../../tests/demo/mod.rs"]
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

#[tokio::test]
async fn a_thing_lives_from_plan_to_destroy() {
    let mut connection = Connection::configured().await;
    let mut config = named("a");
    config.set("secret", "hush".into());
    config.set(
        "ports",
        Value::object([("http", Value::object([("port", 80.into())]))]),
    );

    let plan = connection.plan(&Value::Null, &config).await;
    assert_eq!(plan.diagnostics, []);
    let planned = value(plan.planned_state.as_ref());
    assert!(planned.get("id").is_unknown());
    assert!(planned.get("secret").is_null());
    assert_eq!(planned.get("size").as_i64(), Some(1));
    assert_eq!(planned.get("secret_length").as_i64(), Some(4));
    assert_eq!(
        planned.get("ports").get("http").get("protocol").as_str(),
        Some("TCP")
    );

    let reply = connection.apply(&Value::Null, &config, plan).await;
    assert_eq!(reply.diagnostics, []);
    let state = value(reply.new_state.as_ref());
    assert_eq!(
        state.get("ports").get("http").get("address").as_str(),
        Some("10.0.0.1:80")
    );
    assert_eq!(
        std::fs::read_to_string(connection.folder.path().join("a.secret")).unwrap(),
        "hush"
    );
    assert!(reply.new_identity.is_some() && !reply.private.is_empty());

    config.set("size", 2.into());
    let plan = connection.plan(&state, &config).await;
    let planned = value(plan.planned_state.as_ref());
    assert_eq!(planned.get("id").as_str(), Some("thing-a"));
    assert!(planned.get("revision").is_unknown());
    assert_eq!(plan.requires_replace, []);

    config.set("name", "b".into());
    let plan = connection.plan(&state, &config).await;
    assert_eq!(plan.requires_replace.len(), 1);

    let plan = connection.plan(&state, &Value::Null).await;
    let reply = connection.apply(&state, &Value::Null, plan).await;
    assert_eq!(reply.diagnostics, []);
    assert!(value(reply.new_state.as_ref()).is_null());
}

#[tokio::test]
async fn an_unknown_connection_plans_and_keeps_but_does_not_apply() {
    let mut connection = Connection::new();
    connection.configure(Value::unknown()).await;
    let plan = connection.plan(&Value::Null, &named("a")).await;
    assert_eq!(plan.diagnostics, []);

    let request = pb::read_resource::Request {
        type_name: "demo_thing".to_owned(),
        current_state: message(&named("a")),
        private: b"{}".to_vec(),
        ..Default::default()
    };
    let reply = connection
        .client
        .read_resource(connection.request(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(value(reply.new_state.as_ref()), named("a"));
    assert_eq!(reply.private, b"{}");

    let reply = connection.apply(&Value::Null, &named("a"), plan).await;
    assert_eq!(
        summaries(&reply.diagnostics),
        ["The provider's connection is not known yet"]
    );
    assert!(reply.diagnostics[0].detail.contains("depends_on"));
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_of_its_call() {
    let mut connection = Connection::configured().await;
    let mut config = named("a");
    config.set("behaviour", "panic".into());
    let plan = connection.plan(&Value::Null, &config).await;
    let reply = connection.apply(&Value::Null, &config, plan).await;
    assert_eq!(summaries(&reply.diagnostics), ["The provider crashed"]);
    assert!(reply.diagnostics[0].detail.contains("the thing fell over"));

    assert_eq!(
        connection.plan(&Value::Null, &named("b")).await.diagnostics,
        []
    );
}

#[tokio::test]
async fn a_result_that_breaks_the_plan_is_named() {
    let mut connection = Connection::configured().await;
    let mut config = named("a");
    config.set("behaviour", "lie".into());
    let plan = connection.plan(&Value::Null, &config).await;
    let reply = connection.apply(&Value::Null, &config, plan).await;
    assert_eq!(
        summaries(&reply.diagnostics),
        ["Provider produced inconsistent result after apply"]
    );
    assert!(
        reply.diagnostics[0]
            .detail
            .starts_with("note: the value was null")
    );
    assert!(
        !value(reply.new_state.as_ref()).is_null(),
        "what was made is remembered"
    );
}

#[tokio::test]
async fn stop_ends_what_runs() {
    let mut connection = Connection::configured().await;
    let mut config = named("a");
    config.set("behaviour", "wait".into());
    let plan = connection.plan(&Value::Null, &config).await;

    let mut stopper = connection.client.clone();
    let stop = async move {
        // The call must be running before it can be stopped.
        tokio::task::yield_now().await;
        stopper
            .stop_provider(pb::stop_provider::Request {})
            .await
            .unwrap()
    };
    let (reply, stopped) = tokio::join!(connection.apply(&Value::Null, &config, plan), stop);
    assert_eq!(stopped.into_inner().error, "");
    assert_eq!(summaries(&reply.diagnostics), ["Stopped"]);
    assert_eq!(
        value(reply.new_state.as_ref()).get("name").as_str(),
        Some("a")
    );
}

#[tokio::test]
async fn two_connections_have_two_configurations() {
    let mut one = Connection::configured().await;
    let mut two = Connection {
        client: one.client.clone(),
        ..Connection::new()
    };
    let folder = Value::from(two.folder.path().to_str().unwrap());
    two.configure(folder).await;
    for connection in [&mut one, &mut two] {
        let plan = connection.plan(&Value::Null, &named("a")).await;
        let reply = connection.apply(&Value::Null, &named("a"), plan).await;
        assert_eq!(reply.diagnostics, []);
        assert!(connection.folder.path().join("a.json").exists());
    }
}

#[tokio::test]
async fn a_core_that_would_store_secrets_is_told_so() {
    let mut connection = Connection::new();
    let mut config = named("a");
    config.set("secret", "hush".into());
    let mut request = pb::validate_resource_config::Request {
        type_name: "demo_thing".to_owned(),
        config: message(&config),
        client_capabilities: None,
    };
    let reply = connection
        .client
        .validate_resource_config(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        summaries(&reply.diagnostics),
        ["Write-only values are not supported by this version"]
    );
    assert_eq!(
        reply.diagnostics[0].attribute.as_ref().unwrap().steps.len(),
        1
    );
    assert!(!reply.diagnostics[0].detail.contains("hush"));

    let able = pb::ClientCapabilities {
        write_only_attributes_allowed: true,
        ..Default::default()
    };
    request.client_capabilities = Some(able);
    let reply = connection
        .client
        .validate_resource_config(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(reply.diagnostics, []);
}

#[tokio::test]
async fn stored_states_are_brought_up_to_date() {
    let mut connection = Connection::new();
    let mut upgrade = async |version, json: &str, flatmap: &[(String, String)]| {
        let raw_state = pb::RawState {
            json: json.as_bytes().to_vec(),
            flatmap: flatmap.iter().cloned().collect(),
        };
        let request = pb::upgrade_resource_state::Request {
            type_name: "demo_thing".to_owned(),
            version,
            raw_state: Some(raw_state),
        };
        connection
            .client
            .upgrade_resource_state(request)
            .await
            .unwrap()
            .into_inner()
    };
    let reply = upgrade(
        0,
        "{\n \"name\": \"a\", \"weight\": 12345678901234567890123, \"gone\": 1}",
        &[],
    )
    .await;
    let state = value(reply.upgraded_state.as_ref());
    assert_eq!(
        state.get("size"),
        &Value::Number("12345678901234567890123".parse().unwrap())
    );
    assert!(state.get("ports").is_null());

    let reply = upgrade(1, r#"{"name": "a", "secret": "hush"}"#, &[]).await;
    assert!(value(reply.upgraded_state.as_ref()).get("secret").is_null());

    let reply = upgrade(1, r#"{"name": 7}"#, &[]).await;
    assert!(
        reply.diagnostics[0]
            .detail
            .starts_with("name: is a number, a string was expected")
    );

    let reply = upgrade(0, "", &[("name".to_owned(), "a".to_owned())]).await;
    assert_eq!(summaries(&reply.diagnostics), ["State is too old"]);
}

#[tokio::test]
async fn a_move_is_possible_from_known_types_only() {
    let mut connection = Connection::new();
    let mut moved = async |address: &str| {
        let request = pb::move_resource_state::Request {
            source_provider_address: address.to_owned(),
            source_type_name: "demo_old".to_owned(),
            source_state: Some(pb::RawState {
                json: br#"{"label": "a"}"#.to_vec(),
                ..Default::default()
            }),
            target_type_name: "demo_thing".to_owned(),
            ..Default::default()
        };
        connection
            .client
            .move_resource_state(request)
            .await
            .unwrap()
            .into_inner()
    };
    let reply = moved("example.com/acme/demo").await;
    assert_eq!(
        value(reply.target_state.as_ref()).get("name").as_str(),
        Some("a")
    );
    assert!(reply.target_identity.is_some());
    assert_eq!(
        summaries(&moved("example.com/other/demo").await.diagnostics),
        ["State cannot be moved"]
    );
}

#[tokio::test]
async fn things_are_imported_by_id_and_by_identity() {
    let mut connection = Connection::configured().await;
    let plan = connection.plan(&Value::Null, &named("a")).await;
    connection.apply(&Value::Null, &named("a"), plan).await;
    let identity = Value::object([("name", "a".into())]);
    let identity = wire::write(&identity, &Type::object([("name", Type::string())])).unwrap();
    let by_id = pb::import_resource_state::Request {
        id: "a".to_owned(),
        ..Default::default()
    };
    let by_identity = pb::import_resource_state::Request {
        identity: Some(pb::ResourceIdentityData {
            identity_data: identity,
        }),
        ..Default::default()
    };
    for mut request in [by_id, by_identity] {
        request.type_name = "demo_thing".to_owned();
        let reply = connection
            .client
            .import_resource_state(connection.request(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(reply.diagnostics, []);
        let imported = &reply.imported_resources[0];
        assert_eq!(
            value(imported.state.as_ref()).get("id").as_str(),
            Some("thing-a")
        );
        assert!(imported.identity.is_some());
    }
}

#[tokio::test]
async fn functions_tell_which_argument_is_wrong() {
    let mut connection = Connection::new();
    let text = |text: &str| wire::write(&text.into(), &Type::string()).unwrap().unwrap();
    let mut call = async |name: &str, arguments: Vec<pb::DynamicValue>| {
        let request = pb::call_function::Request {
            name: name.to_owned(),
            arguments,
        };
        connection
            .client
            .call_function(request)
            .await
            .unwrap()
            .into_inner()
    };
    let reply = call("join", vec![text("-"), text("a"), text("b")]).await;
    assert_eq!(
        wire::read(reply.result.as_ref(), &Type::string())
            .unwrap()
            .as_str(),
        Some("a-b")
    );

    let error = call("join", vec![text("----")]).await.error.unwrap();
    assert_eq!(
        (error.text.as_str(), error.function_argument),
        ("The separator is too long.", Some(0))
    );

    // OpenTofu sends null as an empty value.
    let error = call(
        "join",
        vec![text("-"), text("a"), pb::DynamicValue::default()],
    )
    .await
    .error
    .unwrap();
    assert_eq!(error.function_argument, Some(2));

    assert!(
        call("join", vec![])
            .await
            .error
            .unwrap()
            .text
            .starts_with("1 arguments are needed")
    );
    assert!(
        call("nothing", vec![])
            .await
            .error
            .unwrap()
            .text
            .contains("nothing")
    );
}

#[tokio::test]
async fn large_messages_pass() {
    let mut connection = Connection::configured().await;
    connection.client = connection.client.max_decoding_message_size(usize::MAX);
    let mut config = named("a");
    config.set("note", "x".repeat(5_000_000).into());
    let plan = connection.plan(&Value::Null, &config).await;
    assert_eq!(plan.diagnostics, []);
}

#[tokio::test]
async fn unknown_names_are_diagnostics() {
    let mut connection = Connection::new();
    let request = pb::read_resource::Request {
        type_name: "demo_nothing".to_owned(),
        ..Default::default()
    };
    let reply = connection
        .client
        .read_resource(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(summaries(&reply.diagnostics), ["Unknown resource"]);
}
