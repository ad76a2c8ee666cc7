//! The connection to the real server that belongs to one connection of the program.

use std::sync::Arc;

use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;

use crate::proxy::ProxyError;
use crate::tls;

/// The real server, and who the proxy is there.
#[derive(Clone)]
pub struct Upstream {
    /// `https://host:port`.
    pub server: String,
    /// The certificate of the server's authority, PEM.
    pub ca: String,
    /// Certificate and key, PEM: for requests that carry no token. A client's own certificate cannot be passed on.
    pub identity: Option<(String, String)>,
}

/// How to connect: made once for a proxy.
pub(crate) struct Dialer {
    host: String,
    port: u16,
    with_identity: Arc<ClientConfig>,
    without: Arc<ClientConfig>,
}

impl Dialer {
    pub fn new(upstream: &Upstream) -> Result<Dialer, ProxyError> {
        let bad = || ProxyError::Address(upstream.server.clone());
        let uri: Uri = upstream.server.parse().map_err(|_| bad())?;
        Ok(Dialer {
            host: uri.host().ok_or_else(bad)?.to_owned(),
            port: uri.port_u16().unwrap_or(443),
            with_identity: Arc::new(tls::client(upstream, true)?),
            without: Arc::new(tls::client(upstream, false)?),
        })
    }

    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    async fn dial(&self, with_identity: bool) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let config = if with_identity {
            &self.with_identity
        } else {
            &self.without
        };
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(self.host.clone())?;
        let stream = TlsConnector::from(config.clone())
            .connect(name, stream)
            .await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// Why the real server could not be asked; the program sees its connection end.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One connection, kept for as long as the server keeps it. HTTP/1.1 has one request at a time on it, as on the program's.
pub(crate) struct Link {
    dialer: Arc<Dialer>,
    open: Mutex<Option<(bool, SendRequest<Full<Bytes>>)>>,
}

impl Link {
    pub fn new(dialer: Arc<Dialer>) -> Link {
        Link {
            dialer,
            open: Mutex::new(None),
        }
    }

    /// Sends a request; on a new connection if the server has closed the last one before it saw the request.
    pub async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        let with_identity = !request.headers().contains_key(http::header::AUTHORIZATION);
        let mut open = self.open.lock().await;
        if let Some((same, sender)) = open.as_mut()
            && *same == with_identity
            && sender.ready().await.is_ok()
        {
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(response),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        let (_, sender) = open.insert((with_identity, self.dialer.dial(with_identity).await?));
        Ok(sender.send_request(request).await?)
    }
}
