//! The certificate authority of a world: it signs the API server, its users, and the certificates that stand-ins issue.

use std::fmt;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

/// A certificate or key could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The library refused, for example a name that no certificate can hold.
    #[error("making the certificate of `{name}`: {source}")]
    Certificate {
        /// Whose certificate.
        name: String,
        /// The reason.
        source: rcgen::Error,
    },
    /// A file of the authority could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// A certificate and its key, both PEM.
#[derive(Clone)]
pub struct Credentials {
    /// The certificate.
    pub certificate: String,
    /// The private key, PKCS #8.
    pub key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// A certificate authority with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// The authority's files in a folder.
const FILES: [&str; 2] = ["ca.crt", "ca.key"];
const NAME: &str = "Seedling harness";
/// A world that is left running lives for days; nothing outlives it.
const LIFE: Duration = Duration::days(365);

impl Authority {
    /// A new authority, valid for a year.
    pub fn new() -> Result<Authority, AuthorityError> {
        let key = KeyPair::generate().map_err(failed(NAME))?;
        let params = authority_params();
        let certificate = params.self_signed(&key).map_err(failed(NAME))?.pem();
        Ok(Authority {
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    /// Writes the authority to `ca.crt` and `ca.key` in a folder, for other processes of the same world.
    pub fn save(&self, folder: &Path) -> Result<(), AuthorityError> {
        let contents = [self.certificate.clone(), self.issuer.key().serialize_pem()];
        FILES.iter().zip(contents).try_for_each(|(file, content)| {
            let path = folder.join(file);
            std::fs::write(&path, content).map_err(io(&path))
        })
    }

    /// The authority that [`Authority::save`] wrote.
    pub fn load(folder: &Path) -> Result<Authority, AuthorityError> {
        let read =
            |file: &str| std::fs::read_to_string(folder.join(file)).map_err(io(&folder.join(file)));
        let key = KeyPair::from_pem(&read(FILES[1])?).map_err(failed(NAME))?;
        Ok(Authority {
            issuer: Issuer::new(authority_params(), key),
            certificate: read(FILES[0])?,
        })
    }

    /// Its certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A client certificate. The API server takes the common name as the user and the organisation as the user's group.
    pub fn client(&self, user: &str, group: Option<&str>) -> Result<Credentials, AuthorityError> {
        let mut params = leaf(user, &[], ExtendedKeyUsagePurpose::ClientAuth)?;
        if let Some(group) = group {
            params
                .distinguished_name
                .push(DnType::OrganizationName, group);
        }
        self.sign(user, &params)
    }

    /// A server certificate for host names and addresses.
    pub fn server(&self, hosts: &[&str]) -> Result<Credentials, AuthorityError> {
        let name = hosts.first().copied().unwrap_or("localhost");
        self.sign(
            name,
            &leaf(name, hosts, ExtendedKeyUsagePurpose::ServerAuth)?,
        )
    }

    fn sign(&self, name: &str, params: &CertificateParams) -> Result<Credentials, AuthorityError> {
        let key = KeyPair::generate().map_err(failed(name))?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed(name))?;
        Ok(Credentials {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// A key pair by itself, PEM: private, public. The API server signs service-account tokens with one.
pub(super) fn key_pair(name: &str) -> Result<(String, String), AuthorityError> {
    let key = KeyPair::generate().map_err(failed(name))?;
    Ok((key.serialize_pem(), key.public_key_pem()))
}

/// The same for every authority: so that the key alone is enough to sign again in another process.
fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::CrlSign,
    ];
    valid_from_now(&mut params);
    params
}

fn leaf(
    name: &str,
    hosts: &[&str],
    usage: ExtendedKeyUsagePurpose,
) -> Result<CertificateParams, AuthorityError> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).map_err(failed(name))?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    valid_from_now(&mut params);
    Ok(params)
}

fn valid_from_now(params: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::hours(1); // a clock that is set back a little must not break a world
    params.not_after = now + LIFE;
}

fn failed(name: &str) -> impl FnOnce(rcgen::Error) -> AuthorityError {
    let name = name.to_owned();
    move |source| AuthorityError::Certificate { name, source }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> AuthorityError {
    let path = path.display().to_string();
    move |source| AuthorityError::Io { path, source }
}
