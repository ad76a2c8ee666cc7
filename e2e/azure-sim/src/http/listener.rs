//! Connections: TLS, always. Clients of Azure refuse to send a token over anything else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::Request;
use crate::Simulator;
use crate::authority::Authority;
use crate::faults::Outcome;

/// The simulator cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// The port cannot be had.
    #[error("listening: {0}")]
    Listen(#[from] std::io::Error),
    /// No certificate can be signed.
    #[error("signing the server's certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS cannot be set up with it.
    #[error("setting TLS up: {0}")]
    Tls(String),
}

/// A port that is open but not yet served.
pub struct Listener {
    socket: TcpListener,
    acceptor: TlsAcceptor,
}

/// For how long a client may take to send its headers.
const PATIENCE: Duration = Duration::from_secs(30);
/// Resource Manager's limit for bodies, 4 MiB (its REST reference, "Limits").
const LARGEST: usize = 4 * 1024 * 1024;

impl Listener {
    /// Opens a port; 0 takes a free one.
    pub async fn bind(
        address: SocketAddr,
        authority: &Authority,
    ) -> Result<Listener, ServingError> {
        let (certificate, key) = authority.server()?;
        let config = tls(&certificate, &key).map_err(ServingError::Tls)?;
        Ok(Listener {
            socket: TcpListener::bind(address).await?,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// Where it listens, as clients write it.
    pub fn url(&self) -> std::io::Result<String> {
        Ok(format!(
            "https://localhost:{}",
            self.socket.local_addr()?.port()
        ))
    }

    /// Serves until it is dropped.
    pub async fn serve(self, simulator: Simulator) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = self.socket.accept() => {
                    connections.spawn(connection(stream, self.acceptor.clone(), simulator.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

fn tls(certificate: &str, key: &str) -> Result<ServerConfig, String> {
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| error.to_string())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| error.to_string())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, simulator: Simulator) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "no TLS"),
        Err(_) => return tracing::debug!("a client that says nothing"),
    };
    let service = service_fn(move |request| answer(simulator.clone(), request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("reading the request: {0}")]
    Unreadable(Box<dyn std::error::Error + Send + Sync>),
    #[error("cut by a fault rule")]
    Cut,
}

async fn answer(
    simulator: Simulator,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, Ended> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST)
        .collect()
        .await
        .map_err(Ended::Unreadable)?;
    let request = Request::new(
        head.method,
        &head.uri,
        head.headers,
        body.to_bytes().to_vec(),
    );
    match simulator.answer(&request) {
        Outcome::Answer(answer) => Ok(answer.into_response()),
        Outcome::Late(answer, delay) => {
            tokio::time::sleep(delay).await;
            Ok(answer.into_response())
        }
        Outcome::Cut => Err(Ended::Cut),
    }
}
