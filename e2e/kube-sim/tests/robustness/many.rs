//! Many at once.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, ReadHalf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::server::Server;

const DEADLINE: Duration = Duration::from_mins(1);
const MAPS: &str = "/api/v1/namespaces/default/configmaps";

struct Watch {
    lines: Lines<BufReader<ReadHalf<TlsStream<TcpStream>>>>,
    _writer: tokio::io::WriteHalf<TlsStream<TcpStream>>,
}

impl Watch {
    async fn begin(server: &Server, query: &str) -> Watch {
        let (reader, mut writer) = tokio::io::split(server.connect().await);
        let request = format!("GET {MAPS}?watch=1&{query} HTTP/1.1\r\nhost: x\r\n\r\n");
        writer.write_all(request.as_bytes()).await.unwrap();
        writer.flush().await.unwrap();
        Watch {
            lines: BufReader::new(reader).lines(),
            _writer: writer,
        }
    }

    /// The next event of an object, among whatever else is on the connection.
    async fn next(&mut self) -> Value {
        loop {
            let line = timeout(DEADLINE, self.lines.next_line())
                .await
                .expect("an event")
                .unwrap();
            let line = line.expect("the watch goes on");
            assert!(
                !line.contains("\"kind\":\"Status\"") || line.contains("\"type\""),
                "{line}"
            );
            if line.starts_with("{\"type\"") {
                return serde_json::from_str(&line).unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_watches_see_every_change_in_order() {
    let server = Server::start().await;
    let from = server.cluster.server().store().revision();
    let query = format!("resourceVersion={from}&labelSelector=watched");
    let mut watches = join_all((0..200).map(|_| Watch::begin(&server, &query))).await;
    for index in 0..20 {
        let map = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "labels": { "watched": "yes" } }, "data": { "index": index.to_string() },
        });
        assert!(
            server
                .apply(&format!("{MAPS}/watched"), "test", &map)
                .await
                .status
                < 300
        );
    }
    for watch in &mut watches {
        for index in 0..20 {
            let event = watch.next().await;
            assert_eq!(event["type"], if index == 0 { "ADDED" } else { "MODIFIED" });
            assert_eq!(event["object"]["data"]["index"], index.to_string());
        }
    }
    server.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_from_before_what_is_known_is_told_to_list_anew() {
    let server = Server::start().await;
    server.goes_on().await;
    let before = server.cluster.server().store().revision();
    let saved = server.cluster.server().store().save();
    let cluster =
        seedling_kube_sim::Cluster::load(seedling_kube_sim::ClusterOptions::default(), &saved)
            .unwrap();
    let after = Server::of(cluster).await;
    let event = Watch::begin(&after, &format!("resourceVersion={before}"))
        .await
        .next()
        .await;
    assert_eq!(event["type"], "ERROR");
    assert_eq!(event["object"]["code"], 410);
    assert_eq!(event["object"]["reason"], "Expired");
    after.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appliers_of_one_object_lose_nothing() {
    let server = Server::start().await;
    let path = format!("{MAPS}/shared");
    let apply = |manager: usize| {
        let (server, path) = (&server, &path);
        async move {
            for round in 0..10 {
                let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { format!("of-{manager}"): round.to_string() } });
                let answer = server
                    .apply(path, &format!("manager-{manager}"), &map)
                    .await;
                assert!(answer.status < 300, "{answer:?}");
            }
        }
    };
    timeout(DEADLINE, join_all((0..8).map(apply)))
        .await
        .expect("all appliers end");
    let shared = server.get(&path).await.json();
    let data = shared["data"].as_object().unwrap();
    assert_eq!(data.len(), 8);
    assert!(data.values().all(|round| round == "9"), "{data:?}");
    assert_eq!(
        shared["metadata"]["managedFields"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appliers_of_many_objects_lose_nothing() {
    let server = Server::start().await;
    let apply = |manager: usize| {
        let server = &server;
        async move {
            for index in 0..25 {
                let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "labels": { "many": "yes" } } });
                let answer = server
                    .apply(&format!("{MAPS}/many-{manager}-{index}"), "test", &map)
                    .await;
                assert_eq!(answer.status, 201, "{answer:?}");
            }
        }
    };
    timeout(DEADLINE, join_all((0..8).map(apply)))
        .await
        .expect("all appliers end");
    let list = server
        .get(&format!("{MAPS}?labelSelector=many"))
        .await
        .json();
    let items = list["items"].as_array().unwrap();
    let mut revisions: Vec<_> = items
        .iter()
        .map(|item| item["metadata"]["resourceVersion"].as_str().unwrap())
        .collect();
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(
        revisions.len(),
        200,
        "every object has a revision of its own"
    );
}
