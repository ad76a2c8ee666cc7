//! Both ends of TLS.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::link::Upstream;
use crate::proxy::ProxyError;

/// Kubernetes clients fall back to HTTP/1.1 when nothing else is offered; the proxy understands no other.
const HTTP_1_1: &[u8] = b"http/1.1";

/// A server for loopback with a certificate of its own authority; returns that authority's certificate, PEM.
pub(crate) fn server() -> Result<(ServerConfig, String), ProxyError> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Seedling fault proxy");
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&key, &issuer)?;

    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes())
        .map_err(ProxyError::pem("its own key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok((config, authority_certificate.pem()))
}

/// A client of the real server, with the proxy's identity there or without any.
pub(crate) fn client(upstream: &Upstream, with_identity: bool) -> Result<ClientConfig, ProxyError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&upstream.ca, "the server's authority")? {
        roots.add(certificate)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match &upstream.identity {
        Some((certificate, key)) if with_identity => {
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
                .map_err(ProxyError::pem("the identity's key"))?;
            builder.with_client_auth_cert(
                certificates(certificate, "the identity's certificate")?,
                key,
            )?
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Ok(config)
}

fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, ProxyError> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(ProxyError::pem(what))
}
