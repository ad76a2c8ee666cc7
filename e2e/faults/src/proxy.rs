//! The proxy itself: a listener on loopback.

use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::forward::Forward;
use crate::journal::Journal;
use crate::link::{Dialer, Link, Upstream};
use crate::request::Noted;
use crate::rule::Rule;
use crate::tls;

/// The proxy could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// No port to listen on.
    #[error("listening on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
    /// The real server's address is none.
    #[error("`{0}` is no address of a server: https://host:port is expected")]
    Address(String),
    /// A certificate could not be made.
    #[error("making the proxy's certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A certificate or key is not PEM.
    #[error("reading {what}: {source}")]
    Pem {
        /// Which.
        what: &'static str,
        /// Why not.
        source: rustls::pki_types::pem::Error,
    },
    /// TLS cannot be set up with these certificates.
    #[error("setting TLS up: {0}")]
    Tls(#[from] rustls::Error),
}

impl ProxyError {
    pub(crate) fn pem(
        what: &'static str,
    ) -> impl FnOnce(rustls::pki_types::pem::Error) -> ProxyError {
        move |source| ProxyError::Pem { what, source }
    }
}

/// A running proxy. Dropping it ends it with all its connections.
pub struct Proxy {
    url: String,
    ca: String,
    journal: Arc<Journal>,
    listener: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy before the server, on a free port of 127.0.0.1.
    pub async fn start(upstream: Upstream) -> Result<Proxy, ProxyError> {
        let (config, ca) = tls::server()?;
        let dialer = Arc::new(Dialer::new(&upstream)?);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("https://{}", listener.local_addr()?);
        let journal = Arc::new(Journal::default());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = tokio::spawn(accept(listener, acceptor, dialer, journal.clone()));
        Ok(Proxy {
            url,
            ca,
            journal,
            listener,
        })
    }

    /// Where the program is to ask: `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whom the program is to trust, PEM.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// All requests since the start or [`Proxy::forget`], in the order in which they came.
    pub fn requests(&self) -> Vec<Noted> {
        self.journal.requests()
    }

    /// The requests at which a rule fired.
    pub fn faulted(&self) -> Vec<Noted> {
        self.requests()
            .into_iter()
            .filter(|noted| noted.faulted)
            .collect()
    }

    /// Adds a fault; of several that choose the same request, the one added first acts.
    pub fn inject(&self, rule: Rule) {
        self.journal.inject(rule);
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.journal.clear();
    }

    /// Forgets all requests, so that counting starts anew. Faults stay.
    pub fn forget(&self) {
        self.journal.forget();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort(); // its connections are tasks of a set that goes with it
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    dialer: Arc<Dialer>,
    journal: Arc<Journal>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                let forward = Forward { journal: journal.clone(), link: Link::new(dialer.clone()), authority: dialer.authority() };
                connections.spawn(connection(stream, acceptor.clone(), forward));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, forward: Forward) {
    let _ = stream.set_nodelay(true);
    let stream = match acceptor.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => return tracing::debug!(%error, "no TLS"),
    };
    let service = service_fn(|request| forward.serve(request));
    if let Err(error) = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(%error, "connection ended");
    }
}
