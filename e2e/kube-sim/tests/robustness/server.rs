//! A simulator that serves, and a client that may send what no client would.

use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use seedling_kube_sim::authority::Authority;
use seedling_kube_sim::http::{Listener, Serving};
use seedling_kube_sim::{Cluster, ClusterOptions};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A cluster with its controllers at work, and an administrator's connection to it.
#[derive(Clone)]
pub struct Server {
    pub cluster: Cluster,
    address: SocketAddr,
    connector: TlsConnector,
}

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The server's words.
    pub fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or(&self.text)
            .to_owned()
    }
}

impl Server {
    /// A new cluster.
    pub async fn start() -> Server {
        Server::of(Cluster::new(ClusterOptions::default())).await
    }

    /// A cluster that is there.
    pub async fn of(cluster: Cluster) -> Server {
        let authority = Authority::new().unwrap();
        let (certificate, key) = authority.server().unwrap();
        let client_ca = authority.certificate().to_owned();
        let serving = Serving {
            certificate,
            key,
            client_ca,
        };
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), &serving)
            .await
            .unwrap();
        let address = listener.address().unwrap();
        tokio::spawn(listener.serve(cluster.server().clone()));
        tokio::spawn(cluster.controllers().run());
        let server = Server {
            cluster,
            address,
            connector: connector(&authority),
        };
        while server
            .get("/api/v1/namespaces/default/serviceaccounts/default")
            .await
            .status
            != 200
        {
            tokio::task::yield_now().await;
        }
        server
    }

    /// A connection on which nothing was said yet.
    pub async fn connect(&self) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        self.connector.connect(name, stream).await.unwrap()
    }

    /// A connection without TLS.
    pub async fn connect_plainly(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Vec::new()).await
    }

    pub async fn post(&self, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.send("POST", path, kind, body.into()).await
    }

    /// Applies an object by server-side apply, under the name that its path gives it.
    pub async fn apply(&self, path: &str, manager: &str, object: &Value) -> Answer {
        let mut object = object.clone();
        object["metadata"]["name"] = path.rsplit('/').next().into();
        let path = format!("{path}?fieldManager={manager}&force=true");
        self.send(
            "PATCH",
            &path,
            "application/apply-patch+yaml",
            object.to_string().into(),
        )
        .await
    }

    /// One request on a connection of its own.
    pub async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let stream = TokioIo::new(self.connect().await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        connection.abort();
        Answer {
            status,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Nothing that happened has harmed it.
    pub async fn goes_on(&self) {
        let map = serde_json::json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "goes": "on" } });
        let path = "/api/v1/namespaces/default/configmaps/goes-on";
        let answer = self.apply(path, "test", &map).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        assert_eq!(self.get(path).await.json()["data"]["goes"], "on");
    }
}

fn connector(authority: &Authority) -> TlsConnector {
    let (certificate, key) = authority.client("admin", "system:masters").unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        )
        .unwrap();
    TlsConnector::from(Arc::new(config))
}
