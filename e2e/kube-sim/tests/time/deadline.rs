//! A rollout that makes no progress is given up at its deadline.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stepped::Stepped;

fn condition<'a>(object: &'a Value, kind: &str) -> &'a Value {
    let conditions = object["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten();
    conditions
        .into_iter()
        .find(|condition| condition["type"] == kind)
        .unwrap_or(&Value::Null)
}

#[test]
fn ten_minutes_pass_at_once() {
    let mut stepped = Stepped::new();
    stepped.furnish();
    stepped.release("web:2", json!({ "fail.seedling.dev/mode": "never-ready" }));
    let begin = std::time::Instant::now();
    let gives_up = |stepped: &Stepped| {
        condition(&stepped.deployment(), "Progressing")["reason"] == "ProgressDeadlineExceeded"
    };
    let passed = stepped.until(Duration::from_mins(15), "given up", gives_up);
    let minutes = Duration::from_mins(10)..Duration::from_mins(10) + Duration::from_secs(10);
    assert!(minutes.contains(&passed), "given up after {passed:?}");
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "took {:?}",
        begin.elapsed()
    );
    // What was available stays: a quarter may be missing, and one of four is.
    assert_eq!(stepped.deployment()["status"]["availableReplicas"], 3);
}
