//! A certificate authority for a cluster that stands alone.

use std::net::SocketAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::json;

/// Signs a cluster's certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    /// A new one.
    pub fn new() -> Result<Authority, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "kube-sim");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?.pem();
        Ok(Authority {
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    /// Its certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Certificate and key of an API server on this machine, PEM.
    pub fn server(&self) -> Result<(String, String), rcgen::Error> {
        self.sign("kube-apiserver", None, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Certificate and key of a user who is member of a group, PEM.
    pub fn client(&self, user: &str, group: &str) -> Result<(String, String), rcgen::Error> {
        self.sign(user, Some(group), ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// A kubeconfig of a user who is member of a group.
    pub fn kubeconfig(
        &self,
        address: SocketAddr,
        user: &str,
        group: &str,
    ) -> Result<String, rcgen::Error> {
        let (certificate, key) = self.client(user, group)?;
        let encode = |text: &str| BASE64_STANDARD.encode(text);
        let name = "kube-sim";
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": name, "cluster": {
                "server": format!("https://{address}"),
                "certificate-authority-data": encode(&self.certificate),
            } }],
            "users": [{ "name": user, "user": {
                "client-certificate-data": encode(&certificate),
                "client-key-data": encode(&key),
            } }],
            "contexts": [{ "name": name, "context": { "cluster": name, "user": user } }],
            "current-context": name,
        });
        Ok(config.to_string())
    }

    fn sign(
        &self,
        name: &str,
        group: Option<&str>,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<(String, String), rcgen::Error> {
        let key = KeyPair::generate()?;
        let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(hosts)?;
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(group) = group {
            params
                .distinguished_name
                .push(DnType::OrganizationName, group);
        }
        params.extended_key_usages = vec![usage];
        Ok((
            params.signed_by(&key, &self.issuer)?.pem(),
            key.serialize_pem(),
        ))
    }
}
