//! Every environment variable the provider reads, in one place.

use std::env;

/// Path of a JSON file that replaces the whole connection: the end-to-end harness sets it.
pub const SANDBOX: &str = "SEEDLING_SANDBOX";

/// What the environment says, read once at configuration time.
#[derive(Debug, Default, Clone)]
pub struct Environment {
    /// Content of [`SANDBOX`]: a path, when the harness drives this run.
    pub sandbox: Option<String>,
}

impl Environment {
    /// Reads the process environment. Empty variables count as unset.
    pub fn read() -> Self {
        Self {
            sandbox: env::var(SANDBOX).ok().filter(|value| !value.is_empty()),
        }
    }
}
