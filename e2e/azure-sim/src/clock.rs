//! The time of the simulated Azure: it runs, or it is stepped by a test.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// A wait that ends when the clock says so.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the simulator takes the time from.
pub trait Clock: Send + Sync {
    /// This moment, in UTC.
    fn now(&self) -> OffsetDateTime;
    /// Ends at a moment; at once if it has passed.
    fn sleep_until(&self, moment: OffsetDateTime) -> Sleep;
    /// Whether time stands until it is stepped: then no client is asked to wait, for waiting would change nothing.
    fn is_stepped(&self) -> bool;
    /// Lets time pass; false where it passes by itself.
    fn step(&self, by: Duration) -> bool;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunningClock;

impl Clock for RunningClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn sleep_until(&self, moment: OffsetDateTime) -> Sleep {
        let left = moment - OffsetDateTime::now_utc();
        Box::pin(tokio::time::sleep(
            left.try_into().unwrap_or(Duration::ZERO),
        ))
    }

    fn is_stepped(&self) -> bool {
        false
    }

    fn step(&self, _: Duration) -> bool {
        false
    }
}

/// A clock that stands until it is told to go on.
#[derive(Clone)]
pub struct SteppedClock {
    now: Arc<Mutex<OffsetDateTime>>,
    stepped: watch::Sender<()>,
}

impl SteppedClock {
    /// A clock that stands at a moment.
    pub fn at(start: OffsetDateTime) -> SteppedClock {
        SteppedClock {
            now: Arc::new(Mutex::new(start)),
            stepped: watch::Sender::new(()),
        }
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> OffsetDateTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep_until(&self, moment: OffsetDateTime) -> Sleep {
        let (clock, mut stepped) = (self.clone(), self.stepped.subscribe());
        Box::pin(async move {
            while clock.now() < moment {
                if stepped.changed().await.is_err() {
                    return;
                }
            }
        })
    }

    fn is_stepped(&self) -> bool {
        true
    }

    fn step(&self, by: Duration) -> bool {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        self.stepped.send_replace(());
        true
    }
}

/// A moment as Azure writes it.
pub fn text(moment: OffsetDateTime) -> String {
    moment.format(&Rfc3339).unwrap_or_default()
}

/// Moments in saved documents.
pub(crate) mod moment {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    pub(crate) fn serialize<S: Serializer>(
        moment: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::text(*moment))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)
    }
}
