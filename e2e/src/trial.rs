//! Tests that need something of the machine: skipped by name with the reason, or failed where the user requires it.

use std::future::Future;

use libtest_mimic::{Completion, Failed, Trial};

use crate::require::Need;

/// A test that runs where all `needs` are met. Elsewhere it is shown as ignored with the reason and what would enable it; a need
/// named in `SEEDLING_REQUIRE` fails it instead.
pub fn trial(
    name: &str,
    needs: &'static [Need],
    run: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || {
        match needs.iter().find_map(|need| need.check().err()) {
            Some(missing) if missing.need.is_required() => Err(missing.to_string().into()),
            Some(missing) => Ok(Completion::ignored_with(missing)),
            None => run().map(|()| Completion::Completed),
        }
    })
}

/// Runs a future to its end on a runtime of its own, so that each test is alone with its tasks.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(future)
}
