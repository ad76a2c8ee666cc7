//! Ctrl-C, counted: the first asks everything to end properly, the second ends it.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How often the user has asked the run to end. Cheap to clone; all clones see the same count.
#[derive(Clone, Debug)]
pub struct Interrupt {
    presses: watch::Receiver<usize>,
}

impl Interrupt {
    /// Counts SIGINT and SIGTERM from now on. Needs a running tokio runtime.
    pub fn listen() -> std::io::Result<Self> {
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        let (sender, presses) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupts.recv() => {}
                    _ = terminations.recv() => {}
                    () = sender.closed() => return,
                }
                sender.send_modify(|count| *count += 1);
            }
        });
        Ok(Self { presses })
    }

    /// One that never comes, for callers that handle signals themselves, and one's remote control for tests.
    pub fn manual() -> (watch::Sender<usize>, Self) {
        let (sender, presses) = watch::channel(0);
        (sender, Self { presses })
    }

    /// Whether the user has asked at all.
    pub fn is_pressed(&self) -> bool {
        *self.presses.borrow() > 0
    }

    /// Waits until the user has asked for the `count`th time; never returns if nobody can ask any more.
    pub async fn pressed(&self, count: usize) {
        let mut presses = self.presses.clone();
        if presses.wait_for(|now| *now >= count).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
