//! A client as the core is one: certificate, TLS, gRPC.

use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::body::Body;
use tower::util::BoxCloneService;

use super::process::Plugin;

/// A connection over which generated clients can call.
pub type Channel = BoxCloneService<Request<Body>, Response<Incoming>, hyper::Error>;

/// Whatever went wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A certificate like the core's: P-521, self-signed, of a CA.
pub fn certificate() -> CertifiedKey<KeyPair> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let cert = params.self_signed(&key).unwrap();
    CertifiedKey {
        cert,
        signing_key: key,
    }
}

/// The address for generated clients; only the connection decides where a call goes.
pub fn origin() -> Uri {
    Uri::from_static("http://localhost")
}

/// Connects as the handshake line says, showing a certificate or none.
pub async fn connect(
    plugin: &Plugin,
    certificate: Option<&CertifiedKey<KeyPair>>,
) -> Result<Channel, Failure> {
    let fields = plugin.fields();
    assert_eq!(fields[2], "unix");
    let stream = UnixStream::connect(fields[3]).await?;
    if fields[5].is_empty() {
        return channel(stream).await;
    }
    let server = CertificateDer::from(STANDARD_NO_PAD.decode(fields[5])?);
    let tls = TlsConnector::from(Arc::new(config(server, certificate)?));
    let stream = tls
        .connect(ServerName::try_from("localhost")?, stream)
        .await?;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    channel(stream).await
}

fn config(
    server: CertificateDer<'static>,
    own: Option<&CertifiedKey<KeyPair>>,
) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(server)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
            let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key)?;
            // The usual way would notice that a thief's key does not belong to the certificate.
            let shown = rustls::sign::CertifiedKey::new(vec![own.cert.der().clone()], key);
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

async fn channel<S>(stream: S) -> Result<Channel, Failure>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(BoxCloneService::new(tower::service_fn(move |request| {
        let mut sender = sender.clone();
        async move { sender.send_request(request).await }
    })))
}

/// Runs a test that waits.
pub fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(super::process::DEADLINE, test)
            .await
            .unwrap();
    });
}
