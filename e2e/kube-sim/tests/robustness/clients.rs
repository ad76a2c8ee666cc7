//! Clients that are slow, silent, rude or suddenly gone.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::server::Server;

const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_vanish_take_nothing_with_them() {
    let server = Server::start().await;
    let begun: &[&[u8]] = &[
        b"",
        b"G",
        b"GET /api/v1/pods HTTP/1.1\r\nhost: x\r\n",
        b"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{\"api",
        b"POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a",
        b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01 no request at all \x00\xff\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"GET /api HTTP/1.1\r\nhost: x\r\n: nameless\r\n\r\n",
    ];
    for round in 0..3 {
        for bytes in begun {
            let mut stream = server.connect().await;
            stream.write_all(bytes).await.unwrap();
            if round > 0 {
                stream.flush().await.unwrap();
            }
            drop(stream);
            let mut plain = server.connect_plainly().await;
            plain.write_all(bytes).await.unwrap();
        }
    }
    server.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_speaks_no_http_is_told_so() {
    let server = Server::start().await;
    for bytes in [
        &b"no request\r\n\r\n"[..],
        b"GET /api HTTP/1.1\r\nhost: x\r\n: nameless\r\n\r\n",
    ] {
        let mut stream = server.connect().await;
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // The connection may be closed without a goodbye.
        let _ = timeout(DEADLINE, stream.read_to_end(&mut answer))
            .await
            .expect("an answer");
        assert!(
            answer.starts_with(b"HTTP/1.1 400 "),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    let mut stream = server.connect().await;
    let header = format!(
        "GET /api HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n",
        "y".repeat(1 << 20)
    );
    let _ = stream.write_all(header.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(DEADLINE, stream.read_to_end(&mut answer))
        .await
        .expect("an answer");
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    server.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_keeps_no_one_waiting() {
    let server = Server::start().await;
    let body = br#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"slow"}}"#;
    let mut slow = server.connect().await;
    let head = format!(
        "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // Byte by byte, with requests of others between.
    slow.write_all(head.as_bytes()).await.unwrap();
    for (index, byte) in body.iter().enumerate() {
        slow.write_all(&[*byte]).await.unwrap();
        slow.flush().await.unwrap();
        if index % 16 == 0 {
            server.goes_on().await;
        }
    }
    let mut answer = Vec::new();
    let _ = timeout(DEADLINE, slow.read_to_end(&mut answer))
        .await
        .expect("an answer");
    assert!(
        answer.starts_with(b"HTTP/1.1 201 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_that_is_not_read_holds_nothing_up() {
    let server = Server::start().await;
    let mut watch = server.connect().await;
    watch
        .write_all(b"GET /api/v1/configmaps?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let text = "x".repeat(100_000);
    // Far more than fits between the two ends of a connection.
    for index in 0..100 {
        let map = serde_json::json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "index": index.to_string(), "text": text } });
        let path = format!("/api/v1/namespaces/default/configmaps/large-{}", index % 5);
        let written = timeout(DEADLINE, server.apply(&path, "test", &map))
            .await
            .expect("an answer");
        assert!(written.status < 300, "{written:?}");
    }
    server.goes_on().await;
}
