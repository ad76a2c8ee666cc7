//! Every exchange that was recorded with a real API server is sent to the simulator, whose answer must be equal: status, warnings and
//! body with its `managedFields`. What must differ (uids, times, versions, addresses, certificates) is masked in both.
//!
//! `KUBE_SIM_RECORD=<kubeconfig of a real cluster> cargo test -p seedling-kube-sim --test replay` records the same requests anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a trial that cannot go on has failed

mod documents;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use seedling_kube_sim::authority::Authority;
use seedling_kube_sim::http::{Listener, Serving};
use seedling_kube_sim::{Cluster, ClusterOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    /// Version of the recorded server.
    server: String,
    /// Who asked.
    client: String,
    /// What the requests are about.
    scenario: String,
    exchanges: Vec<Exchange>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    name: String,
    method: String,
    path: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    headers: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    body: Value,
    answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    body: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/exchanges")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_those_of_the_recorded_server() {
    let record = std::env::var("KUBE_SIM_RECORD").ok();
    if let Some(kubeconfig) = &record {
        documents::record(&client(&std::fs::read_to_string(kubeconfig).unwrap()).await).await;
    }
    let mut differences = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let mut recording: Recording =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let (client, cluster) = match &record {
            Some(kubeconfig) => (
                client(&std::fs::read_to_string(kubeconfig).unwrap()).await,
                None,
            ),
            None => simulated().await,
        };
        for exchange in &mut recording.exchanges {
            let answer = send(&client, exchange).await;
            match &cluster {
                // Controllers act, except on a namespace that goes: the real ones take their time there.
                Some(cluster) if exchange.name != "a namespace is deleted" => {
                    assert!(cluster.controllers().settle(10_000));
                }
                Some(_) => {}
                None => tokio::time::sleep(Duration::from_millis(250)).await,
            }
            count += 1;
            if record.is_some() {
                exchange.answer = answer;
                continue;
            }
            let mut found = Vec::new();
            differ("", &json(&exchange.answer), &json(&answer), &mut found);
            if !found.is_empty() {
                differences.push(format!(
                    "{} ({} {}):\n    {}",
                    exchange.name,
                    exchange.method,
                    exchange.path,
                    found.join("\n    ")
                ));
            }
        }
        if record.is_some() {
            std::fs::write(
                &path,
                serde_json::to_string_pretty(&recording).unwrap() + "\n",
            )
            .unwrap();
        }
    }
    assert!(count > 100, "only {count} exchanges are recorded");
    assert!(
        differences.is_empty(),
        "{} of {count} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn json(answer: &Answer) -> Value {
    masked("", &serde_json::to_value(answer).unwrap())
}

async fn simulated() -> (kube::Client, Option<Cluster>) {
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
    let cluster = Cluster::new(ClusterOptions::default());
    tokio::spawn(listener.serve(Arc::clone(cluster.server())));
    let kubeconfig = authority
        .kubeconfig(address, "admin", "system:masters")
        .unwrap();
    (client(&kubeconfig).await, Some(cluster))
}

async fn client(kubeconfig: &str) -> kube::Client {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    config.default_retry = false;
    kube::Client::try_from(config).unwrap()
}

async fn send(client: &kube::Client, exchange: &Exchange) -> Answer {
    let mut request = http::Request::builder()
        .method(exchange.method.as_str())
        .uri(exchange.path.as_str())
        .header("accept", "application/json")
        .header("user-agent", "recorder/1");
    for (name, value) in &exchange.headers {
        request = request.header(name, value.as_str().unwrap());
    }
    let body = match &exchange.body {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        body => body.to_string().into_bytes(),
    };
    let response = client
        .send(request.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    let status = response.status().as_u16();
    let warnings = response.headers().get_all("warning").iter();
    let warnings = warnings
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    let bytes = response.into_body().collect_bytes().await.unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status,
        warnings,
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

/// What is different in every cluster.
const MASKED: [&str; 15] = [
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "deletionTimestamp",
    "lastTransitionTime",
    "lastUpdateTime",
    "time",
    "clusterIP",
    "clusterIPs",
    "continue",
    "nodePort",
    "token",
    "expirationTimestamp",
    "ca.crt",
    "remainingItemCount",
];

fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Number(_) | Value::Array(_) if MASKED.contains(&name) => {
            "*".into()
        }
        Value::Object(members) => {
            let masked = members
                .iter()
                .map(|(name, member)| (name.clone(), masked(name, member)));
            Value::Object(masked.collect())
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| masked("", item)).collect();
            if name == "managedFields" {
                items.sort_by_key(Value::to_string); // their order is that of their times
            }
            Value::Array(items)
        }
        Value::String(text) => {
            let uid =
                regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
                    .unwrap();
            let volume = regex::Regex::new("kube-api-access-[a-z0-9]{5}").unwrap();
            let text = uid.replace_all(text, "UID");
            volume.replace_all(&text, "kube-api-access-*").into()
        }
        other => other.clone(),
    }
}

fn differ(path: &str, real: &Value, simulated: &Value, found: &mut Vec<String>) {
    match (real, simulated) {
        (Value::Object(real), Value::Object(simulated)) => {
            let names: std::collections::BTreeSet<_> =
                real.keys().chain(simulated.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                match (real.get(name), simulated.get(name)) {
                    (Some(real), Some(simulated)) => differ(&path, real, simulated, found),
                    (Some(real), None) => found.push(format!("{path}: only real: {real}")),
                    (_, simulated) => found.push(format!("{path}: only simulated: {simulated:?}")),
                }
            }
        }
        (Value::Array(real), Value::Array(simulated)) if real.len() == simulated.len() => {
            for (index, (real, simulated)) in real.iter().zip(simulated).enumerate() {
                differ(&format!("{path}[{index}]"), real, simulated, found);
            }
        }
        _ if real != simulated => found.push(format!("{path}: real {real}, simulated {simulated}")),
        _ => {}
    }
}
