//! When the process ends, and what it offers while it lives.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use seedling_proto::goplugin::Empty;
use seedling_proto::goplugin::grpc_broker_client::GrpcBrokerClient;
use seedling_proto::goplugin::grpc_controller_client::GrpcControllerClient;
use seedling_proto::goplugin::grpc_stdio_client::GrpcStdioClient;
use seedling_proto::health::HealthCheckRequest;
use seedling_proto::health::health_client::HealthClient;
use tonic::codegen::tokio_stream;

use super::client::{block_on, connect, origin};
use super::process::{COOKIE, Plugin, link_provider, until};

pub fn shutdown_ends_it_at_once() {
    let mut plugin = Plugin::start(&[COOKIE], &[]);
    let start = Instant::now();
    block_on(async {
        let channel = connect(&plugin, None).await.unwrap();
        GrpcControllerClient::with_origin(channel, origin())
            .shutdown(Empty {})
            .await
            .unwrap();
    });
    assert!(plugin.ended().success());
    // The core kills after two seconds, and a busy machine is slow.
    assert!(
        start.elapsed() < Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );
    assert!(plugin.sockets().is_empty(), "{:?}", plugin.sockets());
}

pub fn an_interrupt_does_not_end_it() {
    let mut plugin = Plugin::start(&[COOKIE], &[]);
    let pid = Pid::from_raw(plugin.child.id().try_into().unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    block_on(async {
        let channel = connect(&plugin, None).await.unwrap();
        let request = HealthCheckRequest {
            service: "plugin".to_owned(),
        };
        HealthClient::with_origin(channel, origin())
            .check(request)
            .await
            .unwrap();
    });
    assert_eq!(plugin.child.try_wait().unwrap(), None);

    kill(pid, Signal::SIGTERM).unwrap();
    assert!(plugin.ended().success());
    assert!(plugin.sockets().is_empty(), "{:?}", plugin.sockets());
}

pub fn a_killed_parent_ends_it() {
    let folder = tempfile::Builder::new().prefix("t").tempdir().unwrap();
    // The shell lives until its input closes; the provider then gets another parent.
    let mut shell = Command::new("sh")
        .args(["-c", r#""$0" & read wait"#])
        .arg(link_provider(folder.path()))
        .env("TMPDIR", folder.path())
        .env(COOKIE.0, COOKIE.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let socket = line.split('|').nth(3).unwrap().to_owned();
    assert!(std::fs::exists(&socket).unwrap());

    drop(shell.stdin.take());
    shell.wait().unwrap();
    until("the orphan's end", || {
        (!std::fs::exists(&socket).unwrap()).then_some(())
    });
}

pub fn services_of_every_plugin_are_there() {
    let plugin = Plugin::start(&[COOKIE], &[]);
    block_on(async {
        let channel = connect(&plugin, None).await.unwrap();
        let mut health = HealthClient::with_origin(channel.clone(), origin());
        let reply = health
            .check(HealthCheckRequest {
                service: "plugin".to_owned(),
            })
            .await
            .unwrap();
        assert_eq!(reply.into_inner().status, 1);
        assert!(
            health
                .check(HealthCheckRequest {
                    service: "other".to_owned()
                })
                .await
                .is_err()
        );

        // Both streams stay open and silent.
        let mut stdio = GrpcStdioClient::with_origin(channel.clone(), origin());
        let mut output = stdio.stream_stdio(()).await.unwrap().into_inner();
        let mut broker = GrpcBrokerClient::with_origin(channel.clone(), origin());
        let mut offers = broker
            .start_stream(tokio_stream::pending())
            .await
            .unwrap()
            .into_inner();
        let patience = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(patience, output.message())
                .await
                .is_err()
        );
        assert!(
            tokio::time::timeout(patience, offers.message())
                .await
                .is_err()
        );

        let mut raw = tonic::client::Grpc::with_origin(channel, origin());
        raw.ready().await.unwrap();
        let path = http::uri::PathAndQuery::from_static("/tfplugin6.Provider/ValidateActionConfig");
        let codec = tonic_prost::ProstCodec::<Empty, Empty>::default();
        let refused = raw
            .unary(tonic::Request::new(Empty {}), path, codec)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unimplemented);
    });
}
