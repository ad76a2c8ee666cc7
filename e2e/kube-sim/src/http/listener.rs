//! Connections: TLS with client certificates if they have one.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::handle::handle;
use crate::api::Server;
use crate::authn::User;

/// With what to serve, all PEM.
pub struct Serving {
    /// The server's certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// Who signs clients' certificates.
    pub client_ca: String,
}

/// The API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// The port cannot be had.
    #[error("listening: {0}")]
    Listen(#[from] std::io::Error),
    /// A certificate or key is not PEM.
    #[error("reading {0}: {1}")]
    Pem(&'static str, rustls::pki_types::pem::Error),
    /// TLS cannot be set up with them.
    #[error("setting TLS up: {0}")]
    Tls(String),
}

/// A port that is open but not yet served.
pub struct Listener {
    socket: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener {
    /// Opens a port; 0 takes a free one.
    pub async fn bind(address: SocketAddr, serving: &Serving) -> Result<Listener, ServingError> {
        let config = Arc::new(tls(serving)?);
        Ok(Listener {
            socket: TcpListener::bind(address).await?,
            acceptor: TlsAcceptor::from(config),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves until it is dropped.
    pub async fn serve(self, server: Arc<Server>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = self.socket.accept() => {
                    connections.spawn(connection(stream, self.acceptor.clone(), server.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

fn tls(serving: &Serving) -> Result<ServerConfig, ServingError> {
    let pem = |what| move |error| ServingError::Pem(what, error);
    let refused = |error: &dyn std::fmt::Display| ServingError::Tls(error.to_string());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(serving.client_ca.as_bytes()) {
        roots
            .add(certificate.map_err(pem("the clients' authority"))?)
            .map_err(|error| refused(&error))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|error| refused(&error))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(serving.certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(pem("the server's certificate"))?;
    let key =
        PrivateKeyDer::from_pem_slice(serving.key.as_bytes()).map_err(pem("the server's key"))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&error))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| refused(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// For how long a client may take to send its headers.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, server: Arc<Server>) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "no TLS"),
        Err(_) => return tracing::debug!("a client that says nothing"),
    };
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let user = certificate.and_then(|certificate| User::of_certificate(certificate));
    let service = service_fn(move |request| {
        let (server, user) = (server.clone(), user.clone());
        async move { Ok::<_, std::convert::Infallible>(handle(server, user, request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}
