//! Every exchange that was recorded with a real API server is sent to the simulator, whose answer must be equal: status, warnings and
//! body with its `managedFields`. What must differ (uids, times, versions, addresses, certificates) is masked in both.
//!
//! `recordings/README.md` says how they are recorded anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a trial that cannot go on has failed

mod compare;
mod coverage;
mod exchange;

use std::sync::Arc;

use exchange::{Recording, Sender};
use kube::config::{KubeConfigOptions, Kubeconfig};
use seedling_kube_sim::authority::Authority;
use seedling_kube_sim::http::{Listener, Serving};
use seedling_kube_sim::{Cluster, ClusterOptions};

/// From this crate's folder.
const RECORDINGS: &str = "recordings";

/// What controllers may do between two requests.
const CALLS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_those_of_the_recorded_server() {
    let recordings = exchange::all();
    let count: usize = recordings
        .iter()
        .map(|(_, recording)| recording.exchanges.len())
        .sum();
    assert!(count > 200, "only {count} exchanges are recorded");
    let mut found = Vec::new();
    for (path, recording) in &recordings {
        let file = path.file_stem().unwrap_or_default().to_string_lossy();
        let differences = replay(recording).await;
        found.extend(differences.iter().map(|it| format!("{file}: {it}")));
    }
    assert!(
        found.is_empty(),
        "{} of {count} differ:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn what_a_run_uses_is_recorded() {
    let recordings = exchange::all();
    let cluster = Cluster::new(ClusterOptions::default());
    let kinds = cluster.server().kinds();
    let is_served = |name: &str| {
        let mut all = kinds.all().iter();
        all.any(|kind| kind.resource.to_string() == name)
    };
    let missing = coverage::missing(recordings.iter().map(|(_, recording)| recording), is_served);
    assert!(
        missing.is_empty(),
        "no exchange is recorded for:\n{}",
        missing.join("\n")
    );
}

async fn replay(recording: &Recording) -> Vec<String> {
    let (client, cluster) = simulated().await;
    let mut controllers = cluster.controllers();
    let mut sender = Sender::new(client);
    let mut found = Vec::new();
    for exchange in &recording.exchanges {
        let answer = sender
            .send(exchange, || assert!(controllers.settle(CALLS)))
            .await;
        // Controllers act, except on a namespace that goes: the real ones take their time there.
        if exchange.name != "a namespace is deleted" {
            assert!(controllers.settle(CALLS), "controllers do not come to rest");
        }
        let differences = compare::differences(exchange, &answer);
        if !differences.is_empty() {
            found.push(format!(
                "{} ({} {}):\n    {}",
                exchange.name,
                exchange.method,
                exchange.path,
                differences.join("\n    ")
            ));
        }
    }
    found
}

async fn simulated() -> (kube::Client, Cluster) {
    let authority = Authority::new().unwrap();
    let (certificate, key) = authority.server().unwrap();
    let serving = Serving {
        certificate,
        key,
        client_ca: authority.certificate().to_owned(),
    };
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), &serving)
        .await
        .unwrap();
    let address = listener.address().unwrap();
    let cluster = Cluster::new(ClusterOptions {
        root_ca: authority.certificate().to_owned(),
        ..ClusterOptions::default()
    });
    tokio::spawn(listener.serve(Arc::clone(cluster.server())));
    let kubeconfig = authority
        .kubeconfig(address, "admin", "system:masters")
        .unwrap();
    let kubeconfig = Kubeconfig::from_yaml(&kubeconfig).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    config.default_retry = false;
    (kube::Client::try_from(config).unwrap(), cluster)
}
