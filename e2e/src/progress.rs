//! How long work tells that it is alive.

use std::io::{IsTerminal, Write};

/// Takes one short line at a time about what is being done right now; a later line replaces an earlier one on a screen that can do that.
pub trait Progress: Send + Sync {
    /// `text` is a present-tense sentence without a full stop, such as `compiling the control plane: 812 of 2100 packages, 2 min 5 s`.
    fn update(&self, text: &str);
}

/// Says nothing.
pub struct Silent;

impl Progress for Silent {
    fn update(&self, _text: &str) {}
}

/// Writes to the standard error stream: one line that is overwritten on a terminal, one line each elsewhere.
pub struct Lines;

impl Progress for Lines {
    fn update(&self, text: &str) {
        let mut stream = std::io::stderr().lock();
        // Nobody to tell is no reason to stop working.
        let _ = if stream.is_terminal() {
            write!(stream, "\r\x1b[2K{text}").and_then(|()| stream.flush())
        } else {
            writeln!(stream, "{text}")
        };
    }
}

/// A length of time as people say it: `45 s`, `2 min 5 s`.
pub fn elapsed(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}
