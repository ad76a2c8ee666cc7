//! When the process ends: when asked to, or when nobody is left who could ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, interval, sleep};

/// Time for the answer to Shutdown to leave; the core kills after two seconds.
const LAST_ANSWER: Duration = Duration::from_millis(20);

/// How long the process waits for a core that may be gone.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// How long it waits for the first connection; the core gives up after a minute.
    pub unclaimed: Duration,
    /// How long it lives without any connection afterwards.
    pub lonely: Duration,
    /// How often it looks whether its parent still lives.
    pub look: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            unclaimed: Duration::from_mins(2),
            lonely: Duration::from_secs(10),
            look: Duration::from_secs(1),
        }
    }
}

/// What is known about the process's reasons to live.
#[derive(Clone)]
pub(super) struct Lifecycle(Arc<Shared>);

struct Shared {
    parent: u32,
    shutdown: Notify,
    connections: AtomicUsize,
    /// Whether there ever was a connection.
    connected: AtomicBool,
}

/// Counts a connection for as long as it lives.
pub(super) struct OpenConnection(Lifecycle);

impl Lifecycle {
    /// A process that has just started. Its parent may be gone as soon as it has read the handshake
    /// line, so this must be made before.
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            parent: parent_id(),
            shutdown: Notify::new(),
            connections: AtomicUsize::new(0),
            connected: AtomicBool::new(false),
        }))
    }

    /// The core asked the process to end.
    pub(super) fn shut_down(&self) {
        self.0.shutdown.notify_one();
    }

    /// A connection was opened.
    pub(super) fn connection(&self) -> OpenConnection {
        self.0.connections.fetch_add(1, Ordering::SeqCst);
        self.0.connected.store(true, Ordering::SeqCst);
        OpenConnection(self.clone())
    }

    /// Returns when the core asked the process to end and has been answered.
    pub(super) async fn shutdown(&self) {
        self.0.shutdown.notified().await;
        sleep(LAST_ANSWER).await;
    }

    /// Returns when the parent is gone or has long closed its connection: a core that was killed
    /// asks for nothing any more.
    pub(super) async fn orphaned(&self, patience: Patience) {
        let mut last_seen = Instant::now();
        let mut looks = interval(patience.look);
        loop {
            looks.tick().await;
            if parent_id() != self.0.parent {
                return;
            }
            let claimed = self.0.connected.load(Ordering::SeqCst);
            let limit = if claimed {
                patience.lonely
            } else {
                patience.unclaimed
            };
            if self.0.connections.load(Ordering::SeqCst) > 0 {
                last_seen = Instant::now();
            } else if last_seen.elapsed() > limit {
                return;
            }
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(unix)]
fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

/// Only Unix gives orphans a new parent.
#[cfg(not(unix))]
fn parent_id() -> u32 {
    0
}

/// Signals, caught from the moment this is made.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Takes over the signals.
    ///
    /// # Errors
    /// The system refuses.
    #[cfg(unix)]
    pub(super) fn catch() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Takes over the signals.
    ///
    /// # Errors
    /// The system refuses.
    #[cfg(not(unix))]
    pub(super) fn catch() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Returns when the process is told to end.
    ///
    /// Ctrl-C reaches core and plugin alike, and the core says itself what is to be done about it:
    /// so it ends the process only where there is no core (`by_interrupt`).
    #[cfg(unix)]
    pub(super) async fn end(&mut self, by_interrupt: bool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => if by_interrupt { return },
            }
        }
    }

    /// Returns when the process is told to end; Ctrl-C does so only where there is no core.
    #[cfg(not(unix))]
    pub(super) async fn end(&mut self, by_interrupt: bool) {
        loop {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            if by_interrupt {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    const IMPATIENT: Patience = Patience {
        unclaimed: Duration::from_millis(20),
        lonely: Duration::from_millis(20),
        look: Duration::from_millis(5),
    };
    const LONG: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_process_without_connections_ends_after_a_while() {
        let lifecycle = Lifecycle::new();
        let patient = Patience {
            unclaimed: LONG * 100,
            ..IMPATIENT
        };
        assert!(
            timeout(LONG, lifecycle.orphaned(patient)).await.is_err(),
            "before the first connection"
        );
        assert!(
            timeout(LONG * 50, lifecycle.orphaned(IMPATIENT))
                .await
                .is_ok(),
            "without any connection"
        );

        let connection = lifecycle.connection();
        assert!(
            timeout(LONG, lifecycle.orphaned(IMPATIENT)).await.is_err(),
            "with a connection"
        );

        drop(connection);
        assert!(
            timeout(LONG * 50, lifecycle.orphaned(patient))
                .await
                .is_ok(),
            "after the last connection"
        );
    }

    #[tokio::test]
    async fn shutdown_is_remembered() {
        let lifecycle = Lifecycle::new();
        lifecycle.shut_down();
        assert!(timeout(LONG * 50, lifecycle.shutdown()).await.is_ok());
    }
}
