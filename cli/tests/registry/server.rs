//! Debian's `docker-registry`, the registry of OCI's distribution project, with a token server beside it.

use std::net::TcpListener;
use std::time::Duration;

use libtest_mimic::Failed;
use oci_client::client::{Client, ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::{Reference, secrets::RegistryAuth};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::tokens::{ISSUER, PASSWORD, SERVICE, Tokens, USER};

/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A running registry. It ends with this value.
pub struct Registry {
    /// `127.0.0.1:port`.
    pub address: String,
    child: Child,
    _tokens: Tokens,
    folder: TempDir,
}

impl Registry {
    pub async fn start() -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let tokens = Tokens::start(folder.path()).await?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let here = folder.path().display();
        let config = format!(
            "version: 0.1\nlog: {{ level: error, accesslog: {{ disabled: true }} }}\nstorage: {{ filesystem: {{ rootdirectory: {here}/data }} }}\nhttp: {{ addr: {address} }}\nauth:\n  token:\n    realm: {}\n    service: {SERVICE}\n    issuer: {ISSUER}\n    rootcertbundle: {}\n",
            tokens.realm,
            tokens.certificate.display(),
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config)?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let registry = Self {
            address,
            child,
            _tokens: tokens,
            folder,
        };
        let deadline = Instant::now() + START;
        while tokio::net::TcpStream::connect(&registry.address)
            .await
            .is_err()
        {
            if Instant::now() > deadline {
                let log = registry.folder.path().join("log");
                let log = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("no registry within {START:?}:\n{log}").into());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(registry)
    }

    /// Pushes an image whose only layer holds `content`; gives its digest.
    pub async fn push(&self, repository: &str, tag: &str, content: &str) -> Result<String, Failed> {
        let client = Client::try_from(ClientConfig {
            protocol: ClientProtocol::Http,
            ..ClientConfig::default()
        })?;
        let reference = Reference::with_tag(self.address.clone(), repository.into(), tag.into());
        let auth = RegistryAuth::Basic(USER.into(), PASSWORD.into());
        let layer = ImageLayer::oci_v1(content.as_bytes().to_vec(), None);
        let config = Config::oci_v1(b"{}".to_vec(), None);
        client
            .push(&reference, &[layer], config, &auth, None)
            .await?;
        Ok(client.fetch_manifest_digest(&reference, &auth).await?)
    }

    pub async fn stop(&mut self) -> Result<(), Failed> {
        Ok(self.child.kill().await?)
    }
}
