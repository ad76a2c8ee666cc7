//! Long-running operations, eTags, and who is in the way.

use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, body};

#[test]
fn an_operation_runs_until_the_clock_says_so() {
    let bench = Bench::new();
    let made = bench.put(&bench.pool("work"), body(&json!({})));
    assert_eq!(
        (made.status, &made.body["properties"]["provisioningState"]),
        (201, &json!("Creating"))
    );
    assert_eq!(
        made.header("retry-after"),
        Some("0"),
        "nobody waits where time stands"
    );
    let status = made.header("azure-asyncoperation").unwrap().to_owned();
    assert_eq!(bench.get(&status).body["status"], "InProgress");
    assert!(
        bench
            .simulator
            .pools()
            .borrow()
            .iter()
            .all(|pool| pool.name != "work"),
        "no nodes yet"
    );
    bench.step(151);
    let ended = bench.get(&status).body;
    assert_eq!(ended["status"], "Succeeded");
    assert!(ended["endTime"].is_string());
    let pools = bench.simulator.pools();
    let pools = pools.borrow();
    let work = pools.iter().find(|pool| pool.name == "work").unwrap();
    assert_eq!(
        (work.count, work.version.as_str(), work.cpus),
        (1, "1.34.2", 4)
    );
    assert!(
        work.labels
            .contains(&("kubernetes.azure.com/mode".to_owned(), "user".to_owned()))
    );
}

#[test]
fn nodes_follow_when_an_operation_ends() {
    let bench = Bench::new();
    bench.made("work", &json!({ "count": 2, "nodeLabels": { "a": "b" } }));
    let count = || {
        bench
            .simulator
            .pools()
            .borrow()
            .iter()
            .find(|pool| pool.name == "work")
            .map(|pool| pool.count)
    };
    bench.put(&bench.pool("work"), json!({ "properties": { "count": 5 } }));
    assert_eq!(count(), Some(2));
    bench.step(61);
    assert_eq!(count(), Some(5));
    bench.put(
        &bench.pool("work"),
        json!({ "properties": { "powerState": { "code": "Stopped" } } }),
    );
    bench.step(61);
    assert_eq!(count(), Some(0));
    bench.put(
        &bench.pool("work"),
        json!({ "properties": { "powerState": { "code": "Running" } } }),
    );
    bench.step(61);
    assert_eq!(count(), Some(5));
    bench.send(Method::DELETE, &bench.pool("work"), &[], Value::Null);
    assert_eq!(count(), Some(5));
    bench.step(3600);
    assert_eq!(count(), None);
}

#[test]
fn one_at_a_time() {
    let bench = Bench::new();
    bench.put(&bench.pool("work"), body(&json!({})));
    let cluster = format!("{}?api-version=2025-10-01", bench.cluster);
    for (method, target, message) in [
        (
            Method::PUT,
            bench.pool("other"),
            "Another agentpool operation (work - Creating) is in progress",
        ),
        (
            Method::DELETE,
            bench.pool("sys0"),
            "Another agentpool operation (work - Creating) is in progress",
        ),
        (
            Method::DELETE,
            cluster.clone(),
            "Managed Cluster operation is not allowed",
        ),
    ] {
        let refused = bench.send(method, &target, &[], body(&json!({})));
        assert_eq!(
            (refused.status, refused.code()),
            (409, "OperationNotAllowed")
        );
        assert!(
            refused.body["message"].as_str().unwrap().contains(message),
            "{:?}",
            refused.body
        );
    }
    bench.step(3600);
    let stop = format!("{}/stop?api-version=2025-10-01", bench.cluster);
    assert_eq!(
        bench.send(Method::POST, &stop, &[], Value::Null).status,
        202
    );
    let refused = bench.put(&bench.pool("other"), body(&json!({})));
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .contains("Another operation (Stopping) is in progress"),
        "{:?}",
        refused.body
    );
}

#[test]
fn node_images_of_all_pools_at_once() {
    let bench = Bench::new();
    bench.made("work", &json!({}));
    let upgrade = |name: &str| {
        let target = format!(
            "{}/agentPools/{name}/upgradeNodeImageVersion?api-version=2025-10-01",
            bench.cluster
        );
        bench.send(Method::POST, &target, &[], Value::Null).status
    };
    assert_eq!(
        (upgrade("work"), upgrade("sys0"), upgrade("work")),
        (202, 202, 409)
    );
    assert_eq!(bench.put(&bench.pool("work"), body(&json!({}))).status, 409);
    bench.step(3600);
    assert_eq!(bench.put(&bench.pool("work"), body(&json!({}))).status, 200);
}

#[test]
fn conditions() {
    let bench = Bench::new();
    let absent = |headers: &[(&'static str, &str)], method: Method| {
        let bench = Bench::new();
        bench
            .send(method, &bench.pool("work"), headers, body(&json!({})))
            .status
    };
    assert_eq!(absent(&[], Method::PUT), 201);
    assert_eq!(absent(&[("if-none-match", "*")], Method::PUT), 201);
    assert_eq!(absent(&[("if-match", "*")], Method::PUT), 412);
    assert_eq!(absent(&[("if-match", "x")], Method::PUT), 412);
    assert_eq!(absent(&[("if-match", "x")], Method::DELETE), 204);
    assert_eq!(absent(&[("if-none-match", "x")], Method::PUT), 400);
    assert_eq!(
        absent(&[("if-none-match", "*"), ("if-match", "x")], Method::PUT),
        400
    );
    bench.made("work", &json!({}));
    let current = bench.get(&bench.pool("work")).body["properties"]["eTag"]
        .as_str()
        .unwrap()
        .to_owned();
    let write = |headers: &[(&'static str, &str)]| {
        let status = bench
            .send(Method::PUT, &bench.pool("work"), headers, body(&json!({})))
            .status;
        bench.step(3600);
        status
    };
    assert_eq!(write(&[("if-none-match", "*")]), 412);
    assert_eq!(write(&[("if-match", "x")]), 412);
    assert_eq!(write(&[("if-match", &format!("\"{current}\""))]), 200);
    assert_eq!(write(&[("if-match", &current)]), 412, "a write changes it");
    assert_eq!(write(&[("if-match", "*")]), 200);
    let stale = bench.send(
        Method::DELETE,
        &bench.pool("work"),
        &[("if-match", &current)],
        Value::Null,
    );
    assert_eq!((stale.status, stale.code()), (412, "PreconditionFailed"));
}

#[test]
fn a_system_pool_stays() {
    let bench = Bench::new();
    let delete = |name: &str| {
        let reply = bench.send(Method::DELETE, &bench.pool(name), &[], Value::Null);
        bench.step(3600);
        reply
    };
    assert!(
        delete("sys0").body["message"]
            .as_str()
            .unwrap()
            .contains("at least one agent pool")
    );
    bench.made("work", &json!({}));
    let refused = delete("sys0");
    assert_eq!(
        (refused.status, refused.code()),
        (400, "OperationNotAllowed")
    );
    assert!(
        refused.body["message"]
            .as_str()
            .unwrap()
            .contains("system agent pool")
    );
    bench.made("sys1", &json!({ "mode": "System" }));
    assert_eq!(delete("sys0").status, 202);
    assert_eq!(bench.get(&bench.pool("sys0")).status, 404);
}

#[test]
fn saved_in_the_middle_and_loaded() {
    let bench = Bench::new();
    let made = bench.put(&bench.pool("work"), body(&json!({})));
    let status = made.header("azure-asyncoperation").unwrap().to_owned();
    let saved = bench.simulator.save();
    bench.step(3600);
    assert_eq!(bench.get(&status).body["status"], "Succeeded");
    let other = Bench::new();
    other.simulator.load(saved).unwrap();
    assert_eq!(other.get(&status).body["status"], "InProgress");
    other.step(3600);
    assert_eq!(
        other.get(&other.pool("work")).body["properties"]["provisioningState"],
        "Succeeded"
    );
}

#[test]
fn versions_that_nobody_sends() {
    let bench = Bench::new();
    for (query, code) in [
        ("", "MissingApiVersionParameter"),
        ("?api-version=2019-01-01", "NoRegisteredProviderFound"),
    ] {
        let refused = bench.get(&format!("{}{query}", bench.cluster));
        assert_eq!((refused.status, refused.code()), (400, code));
    }
    let refused = bench.get("/subscriptions?api-version=1999-01-01");
    assert_eq!(
        (refused.status, refused.code()),
        (400, "InvalidApiVersionParameter")
    );
}

#[test]
fn a_pool_cannot_come_with_its_cluster_later() {
    let bench = Bench::new();
    let cluster = format!("{}?api-version=2025-10-01", bench.cluster);
    let mut value = bench.get(&cluster).body;
    let late = json!({ "name": "late", "count": 1, "mode": "User" });
    value["properties"]["agentPoolProfiles"]
        .as_array_mut()
        .unwrap()
        .push(late);
    let refused = bench.put(&cluster, value);
    assert_eq!((refused.status, refused.code()), (400, "BadRequest"));
}
