//! Validation, functions and odd requests.

use seedling_proto::tfplugin6 as pb;

use super::{Connection, message, named, summaries};
use crate::types::Type;
use crate::value::Value;
use crate::wire;

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
