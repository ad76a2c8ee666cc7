//! Ways into a cluster: a server, whom to trust, and who one is.

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde::Serialize;
use serde_json::json;

use seedling_faults::{Proxy, ProxyError, Upstream};

use super::authority::Credentials;

/// A client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The kubeconfig that was made is not accepted.
    #[error("the kubeconfig for {server}: {source}")]
    Kubeconfig {
        /// The server.
        server: String,
        /// The reason.
        source: Box<kube::config::KubeconfigError>,
    },
    /// A client cannot be built from it.
    #[error("a client for {server}: {source}")]
    Client {
        /// The server.
        server: String,
        /// The reason.
        source: Box<kube::Error>,
    },
}

/// A way into a cluster for one user.
#[derive(Clone, Debug)]
pub struct Access {
    /// The API server's URL.
    pub server: String,
    /// The certificate of the authority that signed the server's, PEM.
    pub ca: String,
    /// Who one is.
    pub credentials: Credentials,
}

/// What stands in the file that `SEEDLING_SANDBOX` names: it replaces the provider's whole connection.
#[derive(Clone, Serialize)]
pub struct Sandbox {
    /// Where the cluster is, and who one is there.
    pub kubernetes: SandboxKubernetes,
    /// Whether `deletion_protection` is lifted, with a warning.
    pub lift_protection: bool,
    /// Whether a pod without a node may still get one, because nodes can be added.
    pub nodes_can_come: bool,
    /// `host:port` of a registry that stands for all, over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
}

/// A connection by client certificate or by token.
#[derive(Clone, Serialize)]
pub struct SandboxKubernetes {
    /// The API server's URL.
    pub server: String,
    /// PEM.
    pub ca: String,
    /// PEM.
    pub client_certificate: Option<String>,
    /// PEM.
    pub client_key: Option<String>,
    /// A bearer token.
    pub token: Option<String>,
}

impl Access {
    /// The same way in for somebody else.
    #[must_use]
    pub fn by(&self, credentials: Credentials) -> Self {
        Self {
            credentials,
            ..self.clone()
        }
    }

    /// A kubeconfig with one context, `seedling`.
    pub fn kubeconfig(&self) -> String {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let name = "seedling";
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{ "name": name, "cluster": {
                "server": self.server,
                "certificate-authority-data": BASE64_STANDARD.encode(&self.ca),
            } }],
            "users": [{ "name": name, "user": {
                "client-certificate-data": BASE64_STANDARD.encode(&self.credentials.certificate),
                "client-key-data": BASE64_STANDARD.encode(&self.credentials.key),
            } }],
            "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
        });
        // JSON is YAML.
        format!("{config:#}\n")
    }

    /// The sandbox file for the provider.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox {
            kubernetes: SandboxKubernetes {
                server: self.server.clone(),
                ca: self.ca.clone(),
                client_certificate: Some(self.credentials.certificate.clone()),
                client_key: Some(self.credentials.key.clone()),
                token: None,
            },
            lift_protection: false,
            nodes_can_come: false,
            registry: None,
        }
    }

    /// The same way in through a fault proxy. The proxy shows these credentials to the server, whoever asks it without a token.
    pub async fn through_proxy(&self) -> Result<(Proxy, Access), ProxyError> {
        let Credentials { certificate, key } = self.credentials.clone();
        let upstream = Upstream {
            server: self.server.clone(),
            ca: self.ca.clone(),
            identity: Some((certificate, key)),
        };
        let proxy = Proxy::start(upstream).await?;
        let access = Access {
            server: proxy.url().to_owned(),
            ca: proxy.ca().to_owned(),
            credentials: self.credentials.clone(),
        };
        Ok((proxy, access))
    }

    /// A client that shows an answer as it is: without retries of its own.
    pub async fn client(&self) -> Result<kube::Client, AccessError> {
        let wrong = |source| AccessError::Kubeconfig {
            server: self.server.clone(),
            source: Box::new(source),
        };
        let kubeconfig = Kubeconfig::from_yaml(&self.kubeconfig()).map_err(wrong)?;
        let mut config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
                .await
                .map_err(wrong)?;
        config.default_retry = false;
        config.headers.push((
            http::header::USER_AGENT,
            http::HeaderValue::from_static("seedling-e2e"),
        ));
        kube::Client::try_from(config).map_err(|source| AccessError::Client {
            server: self.server.clone(),
            source: Box::new(source),
        })
    }
}
