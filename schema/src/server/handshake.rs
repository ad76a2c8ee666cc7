//! The one line by which a plugin tells its core where it listens.

use std::io::{self, Write};

use super::environment::ServeEnvironment;
use super::listener::Listener;
use super::tls::Tls;

/// The line: go-plugin's own version, the protocol's version, the socket, and the certificate.
pub(super) fn line(
    listener: &Listener,
    tls: Option<&Tls>,
    environment: &ServeEnvironment,
) -> String {
    let (network, address) = listener.address();
    let certificate = tls.map_or("", |tls| &tls.certificate);
    // Old clients would take a seventh field for part of the certificate.
    let multiplexing = if environment.knows_multiplexing() {
        "|false"
    } else {
        ""
    };
    format!("1|6|{network}|{address}|grpc|{certificate}{multiplexing}")
}

/// Writes a line to standard output. That is the handshake, or, if the start fails, the one message
/// that the core shows to the user.
///
/// # Errors
/// Standard output is closed.
pub(super) fn print(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
