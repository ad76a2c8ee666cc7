//! Waiting for something that is not there yet, with a deadline.

use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

/// What a look at the world found.
pub enum Look<T> {
    /// It is there.
    Done(T),
    /// It is not there yet; the text says what was seen instead.
    NotYet(String),
    /// Waiting longer cannot help; the text says why.
    Never(String),
}

impl<T> Look<T> {
    /// `Done` when there is a value; else `NotYet` with what was seen.
    pub fn at(value: Option<T>, seen: impl Display) -> Self {
        value.map_or_else(|| Look::NotYet(seen.to_string()), Look::Done)
    }
}

/// The wait ended without the thing.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The deadline passed.
    #[error("{what}: not within {} s; last seen: {last}", within.as_secs_f32())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        within: Duration,
        /// What the last look saw.
        last: String,
    },
    /// A look said that it cannot come.
    #[error("{what}: {why}")]
    Hopeless {
        /// What was waited for.
        what: String,
        /// Why it cannot come.
        why: String,
    },
}

/// The pause between two looks: short enough not to be felt, long enough not to load an API server.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until `look` is done, gives up, or `within` has passed. A look that hangs is ended by the deadline too.
pub async fn poll<T, F: Future<Output = Look<T>>>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T, PollError> {
    let deadline = Instant::now() + within;
    let mut last = "nothing yet".to_owned();
    while let Ok(found) = tokio::time::timeout_at(deadline.into(), look()).await {
        match found {
            Look::Done(value) => return Ok(value),
            Look::Never(why) => {
                return Err(PollError::Hopeless {
                    what: what.to_owned(),
                    why,
                });
            }
            Look::NotYet(seen) => last = seen,
        }
        if Instant::now() + PAUSE > deadline {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(PollError::TimedOut {
        what: what.to_owned(),
        within,
        last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tells_what_was_last_seen() {
        let error = poll::<(), _>("the pod", Duration::from_millis(60), || async {
            Look::NotYet("Pending".into())
        })
        .await
        .unwrap_err();
        assert!(error.to_string().contains("last seen: Pending"), "{error}");
    }

    #[tokio::test]
    async fn a_look_that_hangs_meets_the_deadline() {
        let error = poll::<(), _>("the pod", Duration::from_millis(20), std::future::pending)
            .await
            .unwrap_err();
        assert!(matches!(error, PollError::TimedOut { .. }), "{error}");
    }
}
