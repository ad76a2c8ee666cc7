//! Token buckets.

use seedling_azure_sim::settings::Settings;
use serde_json::json;

use crate::bench::{Bench, body};

#[test]
fn writes_of_a_pool() {
    let bench = Bench::with(Settings::default());
    let put = || bench.put(&bench.pool("work"), body(&json!({})));
    for _ in 0..20 {
        assert_ne!(put().status, 429);
    }
    let refused = put();
    assert_eq!((refused.status, refused.code()), (429, "Throttled"));
    assert_eq!(
        refused.header("retry-after"),
        Some("0"),
        "waiting changes nothing where time is stepped"
    );
    assert!(
        refused.body["message"]
            .to_string()
            .contains("after '60' seconds")
    );
    assert_ne!(
        bench.put(&bench.pool("other"), body(&json!({}))).status,
        429,
        "another pool has a bucket of its own"
    );
    bench.step(59);
    assert!(
        put().body["message"]
            .to_string()
            .contains("after '1' seconds"),
        "too early"
    );
    bench.step(1);
    assert_ne!(put().status, 429);
}

#[test]
fn reads_of_a_subscription() {
    let bench = Bench::with(Settings::default());
    let target = format!(
        "/subscriptions/{}?api-version=2022-12-01",
        bench.seed.subscription
    );
    let first = bench.get(&target);
    assert_eq!(
        first.header("x-ms-ratelimit-remaining-subscription-reads"),
        Some("249")
    );
    for _ in 0..249 {
        assert_eq!(bench.get(&target).status, 200);
    }
    let refused = bench.get(&target);
    assert_eq!(
        (refused.status, refused.code()),
        (429, "SubscriptionRequestsThrottled")
    );
}
