//! Large reviews are cut to a comment's limit, and what is no plan is refused.
#![allow(clippy::panic, clippy::unwrap_used)] // a test ends by panic

mod common;

use seedling_review::{
    Review, read,
    write::{self, Flavour},
};
use serde_json::json;

fn service(index: usize, action: &str) -> String {
    let side = |image: &str| {
        json!({ "environment": "prod", "name": format!("service-{index}"), "image": image, "replicas": 4,
        "config": { "TEXT": "x".repeat(20_000) }, "port": 80 })
    };
    json!({ "address": format!("seedling_service.this[{index}]"), "mode": "managed", "type": "seedling_service", "name": "this",
        "change": { "actions": [action], "before": side("a:1"), "after": side(if action == "update" { "a:2" } else { "a:1" }),
            "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {} } })
    .to_string()
}

#[test]
fn a_comment_never_exceeds_the_limit_and_counts_what_is_missing() {
    let changes: Vec<String> = (0..500)
        .map(|index| service(index, "update").replace(&"x".repeat(20_000), "x"))
        .collect();
    let lost = r#"{"address":"azurerm_managed_disk.last","mode":"managed","type":"azurerm_managed_disk","change":{"actions":["delete"],"before":{},"after":null}}"#;
    let plan = format!(
        r#"{{"format_version":"1.2","resource_changes":[{},{lost}]}}"#,
        changes.join(",")
    );
    let review = common::review_of(&plan);
    let text = write::text(&review, Flavour::GitHub);
    assert!(
        text.chars().count() <= 65_536,
        "{} characters",
        text.chars().count()
    );
    assert!(
        text.contains("azurerm\\_managed\\_disk.last"),
        "the most dangerous finding stays"
    );
    assert!(
        text.contains("Left out") && text.contains("resources"),
        "{}",
        &text[text.len() - 400..]
    );
    assert_eq!(
        text,
        write::text(&common::review_of(&plan), Flavour::GitHub),
        "stable"
    );
}

#[test]
fn what_is_no_plan_is_refused_with_a_reason() {
    for (text, reason) in [
        ("", "EOF"),
        ("[]", "expected the JSON object of a plan"),
        ("{}", "is not the JSON of a plan"),
        (
            r#"{"format_version":"1.0","values":{}}"#,
            "is not the JSON of a plan",
        ),
        (
            r#"{"format_version":"2.0","resource_changes":[]}"#,
            "use a newer seedling",
        ),
        (r#"{"format_version":"1.2","resource_changes":[{"#, "EOF"),
        (
            r#"{"format_version":"1.2","resource_changes":[]} x"#,
            "trailing",
        ),
    ] {
        let mut review = Review::new(&common::options());
        let error = read(text.as_bytes(), "plan", &common::options(), &mut review).unwrap_err();
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}
