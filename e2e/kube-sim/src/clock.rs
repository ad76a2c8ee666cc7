//! The time of a simulated cluster: it runs, or it is stepped by a test.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tokio::sync::watch;

/// A wait that ends when the clock says so.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where a cluster takes the time from.
pub trait Clock: Send + Sync {
    /// This moment, in UTC.
    fn now(&self) -> OffsetDateTime;
    /// Ends at a moment; at once if it has passed.
    fn sleep_until(&self, moment: OffsetDateTime) -> Sleep;
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
}

/// A clock that stands until it is told to go on; waits of ten minutes take no time in a test.
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

    /// Lets time pass; waits that are due end.
    pub fn step(&self, by: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        self.stepped.send_replace(());
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
}

const SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const MICROS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// A moment as `metav1.Time` writes it, in whole seconds.
pub fn seconds(moment: OffsetDateTime) -> String {
    moment.format(SECONDS).unwrap_or_default()
}

/// A moment as `metav1.MicroTime` writes it.
pub fn micros(moment: OffsetDateTime) -> String {
    moment.format(MICROS).unwrap_or_default()
}

/// Reads what [`seconds`] or [`micros`] wrote.
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()
}
