//! Built programs in the user's cache folder: found by content hash, built by one process at a time, complete or absent.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::manifest::{BuildError, Module};
use crate::home;
use crate::progress::{Progress, elapsed};

/// The place of one program.
pub(super) struct Place {
    /// The program itself: there only when it is complete.
    pub program: PathBuf,
    folder: PathBuf,
}

impl Place {
    pub fn of(module: &Module) -> Result<Place, BuildError> {
        let folder = home::cache()?.join("programs").join(&module.hash);
        Ok(Place {
            program: folder.join(&module.manifest.output),
            folder,
        })
    }

    /// Waits until no other process builds the same program, and keeps others waiting until the lock is dropped.
    pub async fn lock(&self, progress: &dyn Progress) -> Result<File, BuildError> {
        let path = self.folder.join("lock");
        std::fs::create_dir_all(&self.folder).map_err(BuildError::io(&self.folder))?;
        let file = File::create(&path).map_err(BuildError::io(&path))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(BuildError::io(&path)(error)),
                Err(TryLockError::WouldBlock) => {
                    progress.update(&format!(
                        "waiting for another process that builds the same program: {}",
                        elapsed(started.elapsed())
                    ));
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Where to build to before [`Place::publish`]; on the same disk, so that the move is atomic.
    pub fn draft(&self) -> PathBuf {
        self.folder.join("draft")
    }

    /// Makes the finished draft the program.
    pub fn publish(&self, draft: &Path) -> Result<(), BuildError> {
        std::fs::rename(draft, &self.program).map_err(BuildError::io(&self.program))
    }
}
