//! States from elsewhere: older, moved, imported.

use seedling_proto::tfplugin6 as pb;

use super::{Connection, named, summaries, value};
use crate::types::Type;
use crate::value::Value;
use crate::wire;

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
