//! The proxy between a real client and a real HTTPS server.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

mod upstream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::{AsyncBufReadExt, StreamExt};
use http::Request;
use kube::Client;
use seedling_faults::{Action, Answer, Moment, Proxy, Rule, Variant};

use upstream::Server;

async fn get(client: &Client, path: &str) -> kube::Result<String> {
    client
        .request_text(Request::get(path).body(Vec::new()).unwrap())
        .await
}

async fn write(client: &Client, path: &str) -> kube::Result<String> {
    client
        .request_text(Request::post(path).body(b"content".to_vec()).unwrap())
        .await
}

async fn proxied() -> (Server, Proxy, Client) {
    let server = Server::start().await;
    let proxy = Proxy::start(server.upstream()).await.unwrap();
    let client = upstream::client(proxy.url(), proxy.ca());
    (server, proxy, client)
}

#[tokio::test]
async fn requests_pass_and_are_noted_by_name() {
    let (server, proxy, client) = proxied().await;
    assert_eq!(
        write(&client, "/api/v1/namespaces?fieldManager=a")
            .await
            .unwrap(),
        "POST /api/v1/namespaces?fieldManager=a content"
    );
    write(&client, "/api/v1/namespaces?dryRun=All")
        .await
        .unwrap();
    write(&client, "/api/v1/namespaces").await.unwrap();
    let noted = proxy.requests();
    let names: Vec<_> = noted.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(
        names,
        [
            "POST /api/v1/namespaces #1",
            "POST /api/v1/namespaces (dry run) #1",
            "POST /api/v1/namespaces #2"
        ]
    );
    assert!(
        noted
            .iter()
            .all(|one| one.status == Some(200) && one.user_agent == "test"),
        "{noted:?}"
    );
    assert_eq!(server.seen(), 3);
    proxy.forget();
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn one_request_is_answered_by_the_proxy_and_the_next_by_the_server() {
    let (server, proxy, client) = proxied().await;
    get(&client, "/a").await.unwrap();
    let mut chosen = proxy.requests()[0].id.clone();
    chosen.nth = 2;
    proxy.inject(Rule::at(
        chosen,
        Action::Answer(Answer::status(429).retry_after(7)),
    ));
    let Err(kube::Error::Api(status)) = get(&client, "/a").await else {
        panic!("not refused")
    };
    assert_eq!(
        (status.code, status.reason.as_str()),
        (429, "TooManyRequests")
    );
    assert_eq!(status.details.unwrap().retry_after_seconds, 7);
    get(&client, "/a").await.unwrap();
    assert_eq!(server.seen(), 2);
    assert_eq!(proxy.faulted().len(), 1);
}

#[tokio::test]
async fn a_reply_is_cut_before_or_after_the_server_has_worked() {
    for (moment, seen) in [(Moment::Before, 0), (Moment::After, 1)] {
        let (server, proxy, client) = proxied().await;
        proxy.inject(Rule::first(
            seedling_faults::Noted::is_write,
            Action::Cut(moment),
        ));
        let error = write(&client, "/a").await.unwrap_err();
        assert!(!matches!(error, kube::Error::Api(_)), "{moment:?}: {error}");
        assert_eq!(server.seen(), seen, "{moment:?}");
        assert_eq!(proxy.faulted()[0].status, None);
        write(&client, "/a").await.unwrap();
    }
}

#[tokio::test]
async fn the_program_is_killed_once_after_the_server_has_worked() {
    let (server, proxy, client) = proxied().await;
    let killed = Arc::new(AtomicU32::new(0));
    let (counter, seen) = (killed.clone(), server.counter());
    let kill = move |_: &seedling_faults::Noted| {
        counter.fetch_add(seen.load(Ordering::SeqCst), Ordering::SeqCst);
    };
    proxy.inject(Rule::first(
        seedling_faults::Noted::is_write,
        Action::Kill(Moment::After, Arc::new(kill)),
    ));
    get(&client, "/a").await.unwrap();
    write(&client, "/a").await.unwrap_err();
    write(&client, "/a").await.unwrap();
    assert_eq!(
        killed.load(Ordering::SeqCst),
        2,
        "the server had seen the read and the write when the kill came"
    );
}

#[tokio::test]
async fn a_storm_lasts_as_often_as_it_is_told_or_until_it_is_cleared() {
    let (_server, proxy, client) = proxied().await;
    proxy.inject(Rule::first(|_| true, Action::Answer(Answer::status(503))).times(2));
    for refused in [true, true, false] {
        assert_eq!(get(&client, "/a").await.is_err(), refused);
    }
    proxy.inject(Rule::first(|_| true, Action::Answer(Answer::status(503))));
    proxy.clear();
    get(&client, "/a").await.unwrap();
}

#[tokio::test]
async fn a_watch_comes_through_line_by_line() {
    let (server, proxy, client) = proxied().await;
    let request = Request::get("/api/v1/pods?watch=true")
        .body(Vec::new())
        .unwrap();
    let mut lines = client.request_stream(request).await.unwrap().lines();
    for expected in ["first", "second"] {
        server.send(expected);
        assert_eq!(lines.next().await.unwrap().unwrap(), expected);
    }
    assert_eq!(proxy.requests()[0].id.variant, Variant::Watch);
}

#[tokio::test]
async fn a_token_goes_through_and_the_proxy_shows_no_certificate_then() {
    let (_server, proxy, client) = proxied().await;
    assert_eq!(get(&client, "/who").await.unwrap(), "certificate");
    let request = Request::get("/who")
        .header("authorization", "Bearer abc")
        .body(Vec::new())
        .unwrap();
    assert_eq!(client.request_text(request).await.unwrap(), "Bearer abc");
    drop(proxy);
    get(&client, "/who").await.unwrap_err();
}
