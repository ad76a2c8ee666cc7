//! An HTTPS server that says what it was asked, and a client.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use seedling_faults::Upstream;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_rustls::TlsAcceptor;

/// A running server.
pub struct Server {
    upstream: Upstream,
    state: Arc<State>,
}

struct State {
    seen: Arc<AtomicU32>,
    lines: broadcast::Sender<String>,
}

impl Server {
    pub async fn start() -> Server {
        let authority = authority();
        let (server_certificate, server_key) = signed(&authority.1);
        let (client_certificate, client_key) = signed(&authority.1);
        let acceptor = TlsAcceptor::from(Arc::new(config(
            &authority.0,
            &server_certificate,
            &server_key,
        )));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = format!("https://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            seen: Arc::default(),
            lines: broadcast::channel(16).0,
        });
        tokio::spawn(accept(listener, acceptor, state.clone()));
        let upstream = Upstream {
            server,
            ca: authority.0.pem(),
            identity: Some((client_certificate.pem(), client_key.serialize_pem())),
        };
        Server { upstream, state }
    }

    pub fn upstream(&self) -> Upstream {
        self.upstream.clone()
    }

    /// The number of requests that came.
    pub fn seen(&self) -> u32 {
        self.state.seen.load(Ordering::SeqCst)
    }

    pub fn counter(&self) -> Arc<AtomicU32> {
        self.state.seen.clone()
    }

    /// A line for all who watch.
    pub fn send(&self, line: &str) {
        self.state.lines.send(format!("{line}\n")).unwrap();
    }
}

type Reply = Response<BoxBody<Bytes, Infallible>>;

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, state) = (acceptor.clone(), state.clone());
        tokio::spawn(async move {
            let stream = acceptor.accept(stream).await.unwrap();
            let has_certificate = stream.get_ref().1.peer_certificates().is_some();
            let service = service_fn(|request| answer(state.clone(), has_certificate, request));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    state: Arc<State>,
    has_certificate: bool,
    request: Request<Incoming>,
) -> Result<Reply, Infallible> {
    state.seen.fetch_add(1, Ordering::SeqCst);
    let (parts, body) = request.into_parts();
    if parts.uri.query() == Some("watch=true") {
        let lines = futures::stream::unfold(state.lines.subscribe(), |mut lines| async {
            let line = lines.recv().await.ok()?;
            Some((Ok(Frame::data(Bytes::from(line))), lines))
        });
        return Ok(Response::new(BodyExt::boxed(StreamBody::new(Box::pin(
            lines,
        )))));
    }
    let text = if parts.uri.path() == "/who" {
        let token = parts
            .headers
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned());
        let certificate = has_certificate.then(|| "certificate".to_owned());
        [certificate, token]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" and ")
    } else {
        let body = body.collect().await.unwrap().to_bytes();
        format!(
            "{} {} {}",
            parts.method,
            parts.uri,
            String::from_utf8_lossy(&body)
        )
    };
    Ok(Response::new(Full::new(Bytes::from(text)).boxed()))
}

fn authority() -> (rcgen::Certificate, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.self_signed(&key).unwrap(), Issuer::new(params, key))
}

fn signed(issuer: &Issuer<'static, KeyPair>) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    (params.signed_by(&key, issuer).unwrap(), key)
}

fn config(
    authority: &rcgen::Certificate,
    certificate: &rcgen::Certificate,
    key: &KeyPair,
) -> ServerConfig {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .allow_unauthenticated()
        .build()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap()
}

/// A client that trusts the authority, without retries.
pub fn client(server: &str, ca: &str) -> kube::Client {
    let certificate = rustls::pki_types::CertificateDer::from_pem_slice(ca.as_bytes()).unwrap();
    let mut config = kube::Config::new(server.parse().unwrap());
    config.root_cert = Some(vec![certificate.to_vec()]);
    config.default_retry = false;
    config.headers = vec![(
        http::header::USER_AGENT,
        http::HeaderValue::from_static("test"),
    )];
    kube::Client::try_from(config).unwrap()
}
