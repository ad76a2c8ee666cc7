//! Mutual TLS between core and plugin: each side pins the certificate the other one made for this
//! process alone.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs as crypto};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use tokio_rustls::TlsAcceptor;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    /// The core's certificate is no certificate.
    #[error("PLUGIN_CLIENT_CERT holds no certificate in PEM form: {0}")]
    ClientCertificate(rustls::pki_types::pem::Error),
    /// The certificate of this process cannot be made.
    #[error("no certificate can be made for this process: {0}")]
    OwnCertificate(#[from] rcgen::Error),
    /// rustls refuses the set-up.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] Error),
}

/// TLS as the handshake line announces it.
pub(super) struct Tls {
    pub acceptor: TlsAcceptor,
    /// The certificate of this process as the handshake line shows it.
    pub certificate: String,
}

impl Tls {
    /// Makes a key and a certificate, and pins the core's one.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub(super) fn new(client_certificate: &str) -> Result<Self, TlsError> {
        let client = CertificateDer::from_pem_slice(client_certificate.as_bytes())
            .map_err(TlsError::ClientCertificate)?;
        // P-256 is the quickest to make; the core takes any kind of key, but wants this name.
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let certificate = own.cert.der().clone();
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())
            .map_err(|reason| Error::General(reason.into()))?;

        let provider = Arc::new(crypto::default_provider());
        let verifier = PinnedClient {
            client,
            provider: provider.clone(),
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(vec![certificate.clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate: STANDARD_NO_PAD.encode(certificate),
        })
    }
}

/// Lets in whoever shows the one certificate and proves to hold its key.
///
/// The usual verifier refuses the core's certificate, because it is a CA's; a comparison is also
/// more than a chain of trust could say.
#[derive(Debug)]
struct PinnedClient {
    client: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedClient {
    /// Go withholds its certificate if a list of issuers does not name its own.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        verify_slices_are_equal(certificate, &self.client)
            .map(|()| ClientCertVerified::assertion())
            .map_err(|_| {
                Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure)
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
