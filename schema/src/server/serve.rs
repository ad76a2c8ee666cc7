//! The program: from its start to its end.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use seedling_proto::goplugin::grpc_broker_server::GrpcBrokerServer;
use seedling_proto::goplugin::grpc_controller_server::GrpcControllerServer;
use seedling_proto::goplugin::grpc_stdio_server::GrpcStdioServer;
use seedling_proto::health::health_server::HealthServer;
use seedling_proto::tfplugin6::provider_server::ProviderServer;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::connection::{Connection, accept};
use super::environment::ServeEnvironment;
use super::goplugin::{Broker, Controller, Healthy, Stdio};
use super::lifecycle::{Lifecycle, Patience, Signals};
use super::listener::Listener;
use super::service::{Server, Service};
use super::tls::{Tls, TlsError};
use super::{debug, handshake, logging};
use crate::resource::Provider;

/// A core runs ten operations at a time by default, and all of them mostly wait.
const WORKERS: usize = 4;

/// The arguments that ask for debug mode.
const DEBUG: [&str; 2] = ["-debug", "--debug"];

/// Why the server does not start, or ends early.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServeError {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the plugin server cannot start: {0}")]
    Io(#[from] io::Error),
    #[error("the plugin server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves a provider until its core is done with it; the whole of a provider's `main`.
///
/// `arguments` are the program's, without its name. A core passes none; `-debug` waits for a core
/// to attach to this process (all provider configurations of a command then share it, each on its
/// own connection).
pub fn serve<P: Provider>(
    provider: P,
    environment: &ServeEnvironment,
    arguments: impl IntoIterator<Item = String>,
) -> ExitCode {
    let debug = arguments
        .into_iter()
        .any(|argument| DEBUG.contains(&argument.as_str()));
    if !debug && !environment.has_cookie() {
        explain_use(provider.name(), provider.version());
        return ExitCode::FAILURE;
    }
    logging::report_panics(provider.name());
    logging::start(environment.log_level(provider.name()), provider.name());
    match run(provider, environment, debug) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the provider ends");
            // Before the handshake this is what the core shows; after it, nobody reads it.
            handshake::print(&error.to_string()).ok();
            ExitCode::FAILURE
        }
    }
}

#[allow(
    clippy::print_stderr,
    reason = "somebody started the program by hand and reads this"
)]
fn explain_use(name: &str, version: &str) {
    eprintln!(
        "This is version {version} of the provider {name:?}, a plugin of OpenTofu and Terraform. They start it \
         themselves when a configuration asks for it: run `tofu init` or `terraform init` in such a folder.\n\
         With -debug it starts by hand and waits for one of them to attach."
    );
}

fn run<P: Provider>(
    provider: P,
    environment: &ServeEnvironment,
    debug: bool,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(live(provider, environment, debug));
    // Operations that still run have nobody to report to.
    runtime.shutdown_background();
    outcome
}

async fn live<P: Provider>(
    provider: P,
    environment: &ServeEnvironment,
    debug: bool,
) -> Result<(), ServeError> {
    let lifecycle = Lifecycle::new();
    // Before the handshake, so that a signal right after it does not leave the socket's folder behind.
    let mut signals = Signals::catch()?;
    // Clients refuse encryption when they attach to a process that they did not start.
    let tls = if debug {
        None
    } else {
        environment.client_certificate().map(Tls::new).transpose()?
    };
    let listener = Listener::open(environment).await?;
    if debug {
        debug::explain(&provider.source(), &listener)?;
    } else {
        handshake::print(&handshake::line(&listener, tls.as_ref(), environment))?;
    }

    let (accepted, connections) = mpsc::channel(1);
    let tls = tls.map(|tls| tls.acceptor);
    // Whatever ends first drops the listener here, and with it the socket's folder.
    tokio::select! {
        outcome = accept::<P::Client>(&listener, tls, &lifecycle, accepted) => outcome.map_err(ServeError::from),
        outcome = answer(provider, ReceiverStream::new(connections), lifecycle.clone()) => outcome,
        () = lifecycle.shutdown() => Ok(()),
        () = lifecycle.orphaned(Patience::default()), if !debug => Ok(()),
        () = signals.end(debug) => Ok(()),
    }
}

/// Answers calls until the connections end. They do not, so somebody else ends this.
async fn answer<P: Provider>(
    provider: P,
    connections: ReceiverStream<io::Result<Connection<P::Client>>>,
    lifecycle: Lifecycle,
) -> Result<(), ServeError> {
    tonic::transport::Server::builder()
        .max_concurrent_streams(u32::MAX)
        .add_service(provider_service(provider))
        .add_service(GrpcControllerServer::new(Controller(lifecycle)))
        .add_service(GrpcStdioServer::new(Stdio))
        .add_service(GrpcBrokerServer::new(Broker))
        .add_service(HealthServer::new(Healthy))
        .serve_with_incoming(connections)
        .await?;
    Ok(())
}

/// The provider's own service. The library's limit of 4 MiB is too low for large values.
pub(super) fn provider_service<P: Provider>(provider: P) -> ProviderServer<Server<P>> {
    ProviderServer::new(Server(Arc::new(Service::new(provider))))
        .max_decoding_message_size(usize::MAX)
        .max_encoding_message_size(usize::MAX)
}
