//! The services that every go-plugin process offers beside its own.

use std::pin::Pin;

use futures::{Stream, StreamExt, future, stream};
use seedling_proto::goplugin::grpc_broker_server::GrpcBroker;
use seedling_proto::goplugin::grpc_controller_server::GrpcController;
use seedling_proto::goplugin::grpc_stdio_server::GrpcStdio;
use seedling_proto::goplugin::{ConnInfo, Empty, StdioData};
use seedling_proto::health::health_check_response::ServingStatus;
use seedling_proto::health::health_server::Health;
use seedling_proto::health::{HealthCheckRequest, HealthCheckResponse};
use tonic::{Request, Response, Status, Streaming};

use super::lifecycle::Lifecycle;

/// The name under which go-plugin asks for a plugin's health.
const HEALTH_NAME: &str = "plugin";

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Ends the process.
pub(super) struct Controller(pub Lifecycle);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.shut_down();
        Ok(Response::new(Empty {}))
    }
}

/// Would carry what the plugin prints. It prints nothing, so the stream stays silent.
pub(super) struct Stdio;

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Replies<StdioData>;

    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(stream::pending().boxed()))
    }
}

/// Would arrange further connections. The core opens the stream and never uses it.
pub(super) struct Broker;

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = Replies<ConnInfo>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let until_the_client_closes = request.into_inner().filter(|_| future::ready(false));
        Ok(Response::new(until_the_client_closes.boxed()))
    }
}

/// Says that the plugin is well.
pub(super) struct Healthy;

fn health(request: &HealthCheckRequest) -> Result<HealthCheckResponse, Status> {
    match request.service.as_str() {
        "" | HEALTH_NAME => Ok(HealthCheckResponse {
            status: ServingStatus::Serving.into(),
        }),
        other => Err(Status::not_found(format!("there is no service {other:?}"))),
    }
}

#[tonic::async_trait]
impl Health for Healthy {
    type WatchStream = Replies<HealthCheckResponse>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        health(request.get_ref()).map(Response::new)
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let now = health(request.get_ref())?;
        Ok(Response::new(
            stream::iter([Ok(now)]).chain(stream::pending()).boxed(),
        ))
    }
}
