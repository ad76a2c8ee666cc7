//! Plan and apply, and what can go wrong with them.

use seedling_proto::tfplugin6 as pb;

use super::{Connection, message, named, summaries, value};
use crate::value::Value;

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
async fn a_change_that_only_the_resource_sees_is_an_update() {
    let mut connection = Connection::configured().await;
    let mut config = named("a");
    let plan = connection.plan(&Value::Null, &config).await;
    let reply = connection.apply(&Value::Null, &config, plan).await;
    let state = value(reply.new_state.as_ref());
    let plan = connection.plan(&state, &config).await;
    assert_eq!(value(plan.planned_state.as_ref()), state, "nothing to do");

    // A write-only value is in no state; the resource plans its length.
    config.set("secret", "hush".into());
    let plan = connection.plan(&state, &config).await;
    let planned = value(plan.planned_state.as_ref());
    assert_eq!(planned.get("secret_length").as_i64(), Some(4));
    assert!(planned.get("revision").is_unknown());
    assert_eq!(planned.get("id").as_str(), Some("thing-a"));
    assert_eq!(plan.diagnostics, []);
}
