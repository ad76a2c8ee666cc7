//! Asks a registry which digest a tag stands for: the API of the OCI distribution specification, with the token
//! authentication that its registries have in common.

use std::net::IpAddr;
use std::time::Duration;

use oci_client::{
    Client, Reference,
    client::{ClientConfig, ClientProtocol},
    errors::{OciDistributionError, OciErrorCode},
    secrets::RegistryAuth,
};
use seedling_model::image::Image;
use seedling_schema::{Diagnostic, Path};
use tokio::time::timeout;

use super::credentials::Credential;

/// Most time for everything that one answer needs: challenge, token, digest.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most time for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Sent with every request.
const AGENT: &str = concat!("terraform-provider-seedling/", env!("CARGO_PKG_VERSION"));

/// A registry and how it is reached.
pub struct Registry {
    address: String,
    plain: bool,
}

impl Registry {
    /// The registry of a reference. On this very machine it may speak HTTP, as for container engines; everywhere else
    /// HTTPS.
    pub fn of(host: &str) -> Self {
        Self {
            address: host.to_owned(),
            plain: is_here(host),
        }
    }

    /// The registry of a sandbox, which stands for all of them.
    pub fn of_sandbox(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            plain: true,
        }
    }

    /// The digest behind the image's tag. `text` is the reference as it was written, for messages.
    pub async fn digest(
        &self,
        image: &Image,
        text: &str,
        credential: Credential,
    ) -> Result<String, Diagnostic> {
        let told = Told {
            registry: &self.address,
            text,
            signed_in: credential.is_some(),
        };
        let client = self.client(&told)?;
        let reference = Reference::with_tag(
            self.address.clone(),
            image.repository.clone(),
            image.tag.clone().unwrap_or_else(|| "latest".to_owned()),
        );
        let auth = credential.map_or(RegistryAuth::Anonymous, |(user, password)| {
            RegistryAuth::Basic(user, password)
        });
        match timeout(PATIENCE, client.fetch_manifest_digest(&reference, &auth)).await {
            Ok(Ok(digest)) => Ok(digest),
            Ok(Err(error)) => Err(told.refused(&error)),
            Err(_) => Err(told.down(&format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    fn client(&self, told: &Told<'_>) -> Result<Client, Diagnostic> {
        let protocol = if self.plain {
            ClientProtocol::Http
        } else {
            ClientProtocol::Https
        };
        let config = ClientConfig {
            protocol,
            connect_timeout: Some(CONNECT),
            read_timeout: Some(PATIENCE),
            user_agent: AGENT,
            ..ClientConfig::default()
        };
        config
            .try_into()
            .map_err(|error: OciDistributionError| told.down(&with_causes(&error)))
    }
}

fn is_here(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// What messages need.
struct Told<'a> {
    registry: &'a str,
    text: &'a str,
    signed_in: bool,
}

impl Told<'_> {
    fn refused(&self, error: &OciDistributionError) -> Diagnostic {
        match error {
            OciDistributionError::RegistryError { envelope, .. } => {
                let codes: Vec<&OciErrorCode> = envelope.errors.iter().map(|it| &it.code).collect();
                if codes.contains(&&OciErrorCode::Unauthorized)
                    || codes.contains(&&OciErrorCode::Denied)
                {
                    self.no_access()
                } else if codes.contains(&&OciErrorCode::Toomanyrequests) {
                    self.too_many()
                } else if codes.iter().any(|code| is_missing(code)) {
                    self.missing()
                } else {
                    self.odd(&error.to_string())
                }
            }
            OciDistributionError::UnauthorizedError { .. }
            | OciDistributionError::AuthenticationFailure(_) => self.no_access(),
            OciDistributionError::ImageManifestNotFoundError(_) => self.missing(),
            OciDistributionError::ServerError { code, .. } => match code {
                401 | 403 => self.no_access(),
                404 => self.missing(),
                429 => self.too_many(),
                500..=599 => self.down(&format!("it answers with status {code}")),
                code => self.odd(&format!("status {code}")),
            },
            OciDistributionError::RequestError(_) | OciDistributionError::IoError(_) => {
                self.down(&with_causes(error))
            }
            other => self.odd(&other.to_string()),
        }
    }

    fn no_access(&self) -> Diagnostic {
        let detail = if self.signed_in {
            format!(
                "The login that this machine has for {} may not pull {}, or has expired. {}",
                self.registry,
                self.text,
                self.sign_in()
            )
        } else {
            format!(
                "{} does not show {} to everybody, and this machine has no login for it. {}",
                self.registry,
                self.text,
                self.sign_in()
            )
        };
        error(format!("No access to the image {}", self.text), detail)
    }

    fn sign_in(&self) -> String {
        match self.registry.strip_suffix(".azurecr.io") {
            Some(name) => format!("Sign in with `az acr login --name {name}`."),
            None => format!("Sign in with `docker login {}`.", self.registry),
        }
    }

    fn missing(&self) -> Diagnostic {
        error(
            format!("There is no image {}", self.text),
            format!(
                "{} answers, and knows no such repository or tag. Check the name, or push the image first.",
                self.registry
            ),
        )
    }

    fn too_many(&self) -> Diagnostic {
        error(
            format!("{} answers no more requests for now", self.registry),
            format!(
                "Its limit is reached (status 429). Try again later, or sign in: limits for known users are higher. {} {}",
                self.sign_in(),
                self.way_out()
            ),
        )
    }

    fn down(&self, why: &str) -> Diagnostic {
        error(
            format!("The registry {} cannot be reached", self.registry),
            format!(
                "Its digest for {} could not be read: {why}. Try again when it is up. {}",
                self.text,
                self.way_out()
            ),
        )
    }

    fn odd(&self, why: &str) -> Diagnostic {
        error(
            format!(
                "The registry {} gives an answer that is not understood",
                self.registry
            ),
            format!("For {}: {why}. {}", self.text, self.way_out()),
        )
    }

    fn way_out(&self) -> String {
        let name = self.text.split('@').next().unwrap_or(self.text);
        format!("To go on without the registry, give the digest: `image = \"{name}@sha256:…\"`.")
    }
}

/// The words of registries for what they do not have.
fn is_missing(code: &OciErrorCode) -> bool {
    matches!(
        code,
        OciErrorCode::ManifestUnknown
            | OciErrorCode::NameUnknown
            | OciErrorCode::NotFound
            | OciErrorCode::NameInvalid
            | OciErrorCode::TagInvalid
    )
}

fn error(summary: String, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(Path::of("image"))
}

/// The outermost error names the request only; those below say what happened.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let told = inner.to_string();
        if !text.contains(&told) {
            text = format!("{text}: {told}");
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registries_on_this_machine_may_speak_http() {
        for (host, plain) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("[::1]:5000", true),
            ("localhost.example", false),
            ("10.0.0.1:5000", false),
            ("acme.azurecr.io", false),
        ] {
            assert_eq!(Registry::of(host).plain, plain, "{host}");
        }
    }

    #[test]
    fn every_answer_names_the_next_step() {
        let server = |code| OciDistributionError::ServerError {
            code,
            url: "u".into(),
            message: "m".into(),
        };
        let table = [
            (server(401), "az acr login --name acme"),
            (server(404), "push the image first"),
            (server(429), "sign in"),
            (server(503), "acme.azurecr.io/api:1@sha256:…"),
            (server(418), "give the digest"),
        ];
        let told = Told {
            registry: "acme.azurecr.io",
            text: "acme.azurecr.io/api:1",
            signed_in: false,
        };
        for (error, step) in table {
            let diagnostic = told.refused(&error);
            assert!(
                diagnostic.detail.contains(step),
                "{error}: {}",
                diagnostic.detail
            );
        }
    }
}
