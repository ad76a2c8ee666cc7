//! The sizes through which the old and the new ReplicaSet of a Deployment go while no new pod becomes ready: then they depend on the
//! arithmetic alone. `rolling.json` holds what the controller manager of Kubernetes 1.36.3 did; no surge is the strategy `Recreate`.

use std::time::Duration;

use seedling_kube_sim::clock::SteppedClock;
use seedling_kube_sim::store::Resource;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::stepped::Stepped;

const RECORDED: &str = include_str!("rolling.json");
const REPLICA_SETS: Resource = Resource::new("apps", "replicasets");

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Recorded {
    replicas: i64,
    max_surge: Value,
    max_unavailable: Value,
    /// Replicas asked of the old and of the new one.
    sizes: Vec<(i64, i64)>,
}

#[test]
fn a_rollout_takes_the_recorded_steps() {
    let recorded: Vec<Recorded> = serde_json::from_str(RECORDED).unwrap();
    assert!(recorded.len() > 20);
    for one in recorded {
        let strategy = if one.max_surge.is_null() {
            json!({ "type": "Recreate" })
        } else {
            json!({
                "type": "RollingUpdate",
                "rollingUpdate": { "maxSurge": one.max_surge, "maxUnavailable": one.max_unavailable },
            })
        };
        assert_eq!(
            sizes(one.replicas, &strategy),
            one.sizes,
            "{} {strategy}",
            one.replicas
        );
    }
}

fn sizes(replicas: i64, strategy: &Value) -> Vec<(i64, i64)> {
    let mut stepped = Stepped::new();
    stepped.deploy(replicas, strategy);
    let begin = stepped.store().revision();
    stepped.release("web:2", json!({ "fail.seedling.dev/mode": "never-ready" }));
    pass(&mut stepped, Duration::from_secs(30));
    let mut sizes = vec![(replicas, 0)];
    let (mut old, mut new) = (replicas, 0);
    for record in stepped.store().changes(begin).unwrap() {
        if record.key.resource != REPLICA_SETS {
            continue;
        }
        let set = record.object.tree();
        let asked = set["spec"]["replicas"].as_i64().unwrap();
        if set["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1" {
            old = asked;
        } else {
            new = asked;
        }
        if sizes.last() != Some(&(old, new)) {
            sizes.push((old, new));
        }
    }
    sizes
}

/// Lets time pass until nothing but the deadline is left to happen.
fn pass(stepped: &mut Stepped, time: Duration) {
    let clock: SteppedClock = stepped.clock.clone();
    let seconds = time.as_secs() * 10;
    for _ in 0..seconds {
        stepped.settle();
        clock.step(Duration::from_millis(100));
    }
    stepped.settle();
}
