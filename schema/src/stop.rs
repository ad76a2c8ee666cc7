//! The user's wish to stop (Ctrl-C), as running operations see it.

use tokio::sync::watch;

/// Tells an operation that the user wants it to end soon.
///
/// An operation that stops returns what it has reached and an error that says so. A wish to stop
/// reaches the operations that run at that moment; later ones are not affected.
#[derive(Clone, Debug)]
pub struct Stop {
    count: watch::Receiver<u64>,
    seen: u64,
}

impl Stop {
    /// A handle that never fires, for tests and for use outside of the plugin server.
    pub fn never() -> Self {
        StopSource::default().handle()
    }

    /// Whether the wish came.
    pub fn is_stopped(&self) -> bool {
        *self.count.borrow() > self.seen
    }

    /// Returns when the wish comes; never if it does not.
    pub async fn stopped(&self) {
        let mut count = self.count.clone();
        if count.wait_for(|count| *count > self.seen).await.is_err() {
            // The source is gone, so the wish can no longer come.
            std::future::pending::<()>().await;
        }
    }
}

/// Fires the [`Stop`] handles that exist.
#[derive(Debug)]
pub struct StopSource(watch::Sender<u64>);

impl Default for StopSource {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl StopSource {
    /// A handle for an operation that starts now.
    pub fn handle(&self) -> Stop {
        let count = self.0.subscribe();
        let seen = *count.borrow();
        Stop { count, seen }
    }

    /// Asks all operations that run now to stop.
    pub fn fire(&self) {
        self.0.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stop_reaches_running_operations_and_not_later_ones() {
        let source = StopSource::default();
        let running = source.handle();
        assert!(!running.is_stopped());
        source.fire();
        running.stopped().await;
        assert!(running.is_stopped());
        assert!(!source.handle().is_stopped());
        assert!(!Stop::never().is_stopped());
    }
}
