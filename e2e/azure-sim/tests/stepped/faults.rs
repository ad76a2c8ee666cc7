//! Faults by rule.

use http::Method;
use seedling_azure_sim::faults::{Fault, Rule};
use seedling_azure_sim::operation::Ending;
use serde_json::{Value, json};

use crate::bench::{Bench, body};

fn armed(fault: Fault, from: usize) -> Bench {
    let bench = Bench::new();
    let rule = Rule {
        method: Some("PUT".to_owned()),
        target: "agentPools/work".to_owned(),
        from,
        times: 1,
        fault,
    };
    bench.simulator.fault(rule).unwrap();
    bench
}

fn put(bench: &Bench) -> Option<u16> {
    bench
        .outcome(Method::PUT, &bench.pool("work"), &[], body(&json!({})))
        .map(|reply| reply.status)
}

#[test]
fn an_answer_at_the_second_request() {
    let fault = Fault::Answer {
        status: 503,
        code: "ServerTimeout".to_owned(),
        message: "busy".to_owned(),
        retry_after: Some(7),
        flat: false,
    };
    let bench = armed(fault, 2);
    assert_eq!(put(&bench), Some(201));
    bench.step(3600);
    let reply = bench.put(&bench.pool("work"), body(&json!({ "count": 3 })));
    assert_eq!(
        (reply.status, reply.code(), reply.header("retry-after")),
        (503, "ServerTimeout", Some("7"))
    );
    assert_eq!(
        bench.get(&bench.pool("work")).body["properties"]["count"],
        1,
        "it did nothing"
    );
    assert_eq!(put(&bench), Some(200));
}

#[test]
fn errors_have_the_shape_of_their_service() {
    let answer = |target: &str, flat: bool| {
        let bench = Bench::new();
        let fault = json!({ "answer": { "status": 429, "code": "busy", "message": "later", "flat": flat } });
        let rule = json!({ "target": target, "fault": fault });
        assert_eq!(
            bench
                .send(Method::POST, "/_simulator/faults", &[], rule)
                .status,
            204
        );
        bench.get(target).body
    };
    let enveloped = json!({ "error": { "code": "busy", "message": "later" } });
    assert_eq!(answer("/subscriptions", false), enveloped);
    assert_eq!(answer("/v1.0/groups", false), enveloped);
    assert_eq!(answer("/subscriptions", true)["code"], "busy");
    assert_eq!(
        answer("/x/oauth2/v2.0/token", false),
        json!({ "error": "busy", "error_description": "later" })
    );
}

#[test]
fn cut_before_and_after() {
    let before = armed(Fault::Cut, 1);
    assert_eq!(put(&before), None);
    assert_eq!(before.get(&before.pool("work")).status, 404);
    let after = armed(Fault::CutReply, 1);
    assert_eq!(put(&after), None);
    assert_eq!(after.get(&after.pool("work")).status, 200);
}

#[test]
fn somebody_else_changed_it() {
    let bench = armed(Fault::Touch, 2);
    put(&bench);
    bench.step(3600);
    let etag = bench.get(&bench.pool("work")).body["properties"]["eTag"]
        .as_str()
        .unwrap()
        .to_owned();
    let reply = bench.send(
        Method::PUT,
        &bench.pool("work"),
        &[("if-match", &etag)],
        body(&json!({})),
    );
    assert_eq!(reply.status, 412);
}

#[test]
fn operations_that_do_not_succeed() {
    let failed = Ending::Failed {
        code: "AllocationFailed".to_owned(),
        message: "no room".to_owned(),
    };
    for (ending, state, code) in [
        (failed, "Failed", "AllocationFailed"),
        (Ending::Canceled, "Canceled", "OperationCanceled"),
    ] {
        let bench = armed(Fault::Operation(ending), 1);
        let made = bench.put(&bench.pool("work"), body(&json!({})));
        let status = made.header("azure-asyncoperation").unwrap().to_owned();
        bench.step(3600);
        let operation = bench.get(&status);
        assert_eq!(
            (operation.status, &operation.body["status"]),
            (200, &json!(state))
        );
        assert_eq!(operation.body["error"]["code"], code);
        let pool = bench.get(&bench.pool("work")).body["properties"].clone();
        assert_eq!(
            (
                &pool["provisioningState"],
                &pool["status"]["provisioningError"]["code"]
            ),
            (&json!(state), &json!(code))
        );
        assert_eq!(put(&bench), Some(200), "it can be repaired");
        bench.step(3600);
        assert_eq!(
            bench.get(&bench.pool("work")).body["properties"]["status"],
            Value::Null
        );
    }
}

#[test]
fn told_from_outside() {
    let bench = Bench::new();
    let rule = json!({ "target": "agentPools/work", "times": 2, "fault": "cut" });
    assert_eq!(
        bench
            .send(Method::POST, "/_simulator/faults", &[], rule)
            .status,
        204
    );
    assert_eq!(
        (put(&bench), put(&bench), put(&bench)),
        (None, None, Some(201))
    );
    assert_eq!(
        bench
            .send(
                Method::POST,
                "/_simulator/step",
                &[],
                json!({ "seconds": 3600 })
            )
            .status,
        204
    );
    assert_eq!(
        bench.get(&bench.pool("work")).body["properties"]["provisioningState"],
        "Succeeded"
    );
    let bad = bench.send(
        Method::POST,
        "/_simulator/faults",
        &[],
        json!({ "target": "(", "fault": "cut" }),
    );
    assert_eq!(bad.status, 400);
}

#[test]
fn the_rules_of_the_readme() {
    let readme = include_str!("../../README.md");
    let block = readme
        .split("```json")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let rules: Vec<&str> = block
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    assert_eq!(rules.len(), 7);
    for rule in rules {
        let parsed: Result<Rule, _> = serde_json::from_str(rule);
        assert!(parsed.is_ok(), "{rule}: {parsed:?}");
    }
}
