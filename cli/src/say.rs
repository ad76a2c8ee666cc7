//! The two streams: results on the one, everything said on the way on the other.

use std::io::Write as _;

/// A line of the result.
pub fn out(text: &str) {
    // A reader that has gone away (`| head`) wants no more.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line about how it goes.
pub fn err(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
