//! Connections: accepted, encrypted, and each with a provider configuration of its own.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use super::lifecycle::{Lifecycle, OpenConnection};
use super::listener::{Listener, Stream};

/// How long a client may take for its TLS handshake.
const TLS_DEADLINE: Duration = Duration::from_secs(20);

/// The client that ConfigureProvider made on one connection.
///
/// A core opens one connection for each configuration of a provider. Usually each has a process of
/// its own as well; in debug mode all share one, and only the connection tells them apart.
pub(super) struct Configured<C>(Arc<Mutex<Option<Arc<C>>>>);

impl<C> Configured<C> {
    /// No client yet.
    pub(super) fn nothing() -> Self {
        Self(Arc::default())
    }

    /// Puts in a new client; calls that run keep the one they have.
    pub(super) fn set(&self, client: Option<C>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = client.map(Arc::new);
    }

    /// The client, if there is one.
    pub(super) fn get(&self) -> Option<Arc<C>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl<C> Clone for Configured<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// One connection of the core.
pub(super) struct Connection<C> {
    stream: Box<dyn Stream>,
    configured: Configured<C>,
    _open: OpenConnection,
}

/// Where accepted connections go.
pub(super) type Accepted<C> = mpsc::Sender<io::Result<Connection<C>>>;

/// Accepts connections until the socket is gone, each with its TLS handshake in a task of its own,
/// so that a client that stalls holds up nobody else.
pub(super) async fn accept<C: Send + Sync + 'static>(
    listener: &Listener,
    tls: Option<TlsAcceptor>,
    lifecycle: &Lifecycle,
    accepted: Accepted<C>,
) -> io::Result<()> {
    loop {
        let stream = listener.accept().await?;
        let (accepted, tls, open) = (accepted.clone(), tls.clone(), lifecycle.connection());
        tokio::spawn(async move {
            match encrypt(stream, tls).await {
                Ok(stream) => {
                    let connection = Connection {
                        stream,
                        configured: Configured::nothing(),
                        _open: open,
                    };
                    // Nobody receives only when the process ends.
                    accepted.send(Ok(connection)).await.ok();
                }
                Err(error) => tracing::error!(error = %error, "a client was refused"),
            }
        });
    }
}

async fn encrypt(stream: Box<dyn Stream>, tls: Option<TlsAcceptor>) -> io::Result<Box<dyn Stream>> {
    let Some(tls) = tls else { return Ok(stream) };
    match tokio::time::timeout(TLS_DEADLINE, tls.accept(stream)).await {
        Ok(accepted) => accepted.map(|stream| Box::new(stream) as _),
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the TLS handshake took too long",
        )),
    }
}

impl<C: Send + Sync + 'static> Connected for Connection<C> {
    type ConnectInfo = Configured<C>;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.configured.clone()
    }
}

impl<C> AsyncRead for Connection<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<C> AsyncWrite for Connection<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
