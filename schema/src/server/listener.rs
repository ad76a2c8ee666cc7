//! Where the core connects: a Unix socket, or a loopback port where there cannot be one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(unix)]
use std::path::PathBuf;

#[cfg(unix)]
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::environment::ServeEnvironment;

/// A Unix socket's path has room for 107 bytes on Linux and 103 on macOS.
#[cfg(unix)]
const LONGEST_PATH: usize = 100;

/// A byte stream in both directions.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// An open socket. The folder of a Unix socket goes away with it.
pub(super) enum Listener {
    #[cfg(unix)]
    Unix {
        listener: tokio::net::UnixListener,
        path: PathBuf,
        _folder: TempDir,
    },
    Tcp(TcpListener, SocketAddr),
}

impl Listener {
    /// Opens a socket that only this user can reach.
    ///
    /// # Errors
    /// Neither a Unix socket nor a port can be had.
    pub(super) async fn open(environment: &ServeEnvironment) -> io::Result<Self> {
        #[cfg(unix)]
        if let Some(listener) = environment
            .socket_folders()
            .into_iter()
            .find_map(|folder| unix(&folder).ok())
        {
            return Ok(listener);
        }
        tcp(environment).await
    }

    /// The network and the address as the handshake line names them.
    pub(super) fn address(&self) -> (&'static str, String) {
        match self {
            #[cfg(unix)]
            Self::Unix { path, .. } => ("unix", path.display().to_string()),
            Self::Tcp(_, address) => ("tcp", address.to_string()),
        }
    }

    /// The next connection.
    ///
    /// # Errors
    /// The socket is gone.
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Unix { listener, .. } => listener
                .accept()
                .await
                .map(|(stream, _)| Box::new(stream) as _),
            Self::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// A socket in a new folder that is closed to others.
#[cfg(unix)]
fn unix(folder: &std::path::Path) -> io::Result<Listener> {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::Builder::new()
        .prefix("plugin-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(folder)?;
    let path = folder.path().join("socket");
    if path.as_os_str().len() > LONGEST_PATH {
        return Err(io::Error::other("the path is too long for a Unix socket"));
    }
    let listener = tokio::net::UnixListener::bind(&path)?;
    Ok(Listener::Unix {
        listener,
        path,
        _folder: folder,
    })
}

async fn tcp(environment: &ServeEnvironment) -> io::Result<Listener> {
    let mut last = io::Error::other("no port was tried");
    for port in environment.ports() {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => {
                let address = listener.local_addr()?;
                return Ok(Listener::Tcp(listener, address));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(folder: &str) -> ServeEnvironment {
        [("PLUGIN_UNIX_SOCKET_DIR".to_owned(), folder.to_owned())]
            .into_iter()
            .collect()
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_folder_that_cannot_be_used_is_passed_over() {
        let deep = tempfile::tempdir().unwrap();
        let long = deep.path().join("x".repeat(120));
        std::fs::create_dir(&long).unwrap();
        for folder in [long.to_str().unwrap(), "/does/not/exist"] {
            let listener = Listener::open(&environment(folder)).await.unwrap();
            let (network, address) = listener.address();
            assert_eq!(network, "unix");
            assert!(!address.starts_with(folder), "{address}");
        }
        assert_eq!(
            std::fs::read_dir(&long).unwrap().count(),
            0,
            "nothing is left behind"
        );
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_folder_is_closed_to_others_and_goes_away() {
        use std::os::unix::fs::PermissionsExt;

        let listener = Listener::open(&ServeEnvironment::default()).await.unwrap();
        let folder = PathBuf::from(listener.address().1)
            .parent()
            .unwrap()
            .to_owned();
        assert_eq!(
            std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
        drop(listener);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_port_is_taken_from_the_range() {
        let listener = tcp(&ServeEnvironment::default()).await.unwrap();
        let (network, address) = listener.address();
        assert_eq!(network, "tcp");
        assert!(address.starts_with("127.0.0.1:"));
    }
}
