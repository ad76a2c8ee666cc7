//! What is running or lying about because of us: written to a file before it comes to be, so that whatever happens to this process,
//! a later one can end it.
//!
//! A [`Ledger`] owns everything that it has made. `end` and drop take it away; [`Ledger::keep`] leaves it to [`down`]; what a killed
//! process left is for [`sweep`].

mod end;
mod process;
mod record;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use end::{Ended, down, kept, owned_by, sweep};
pub use process::{ProcessId, with_environment};
pub use record::{Process, Record};

use crate::home::NoHome;

/// Something of a world could not be recorded, made or ended.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Where to write is unknown.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("starting {name} ({}): {source}", program.display())]
    Spawn {
        /// Its name in the ledger.
        name: String,
        /// The file.
        program: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Processes did not go.
    #[error("still running after SIGKILL: {0}; end them by hand, then run `seedling sweep`")]
    Alive(String),
    /// No world of that name is running.
    #[error("no world `{0}` is running; `seedling down` without a name ends the only one")]
    NoSuchWorld(String),
}

impl LedgerError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> LedgerError {
        let path = path.to_owned();
        move |source| LedgerError::Io { path, source }
    }
}

/// The variable that marks every process of a world with the world's id. It finds a process that was started in the moment between
/// the note and the pid.
pub const WORLD_VARIABLE: &str = "SEEDLING_WORLD";

/// The owner of all that a world consists of.
pub struct Ledger {
    inner: Mutex<Inner>,
}

struct Inner {
    record: Record,
    /// Handles of the processes that this process started: without a `wait` they would stay as zombies.
    children: Vec<(String, Child)>,
}

impl Ledger {
    /// Opens a ledger for a new world on `backend` and writes it down.
    pub fn open(backend: &str) -> Result<Ledger, LedgerError> {
        let record = Record::new(backend);
        record.write()?;
        Ok(Ledger {
            inner: Mutex::new(Inner {
                record,
                children: Vec::new(),
            }),
        })
    }

    /// The world's name, unique on this machine.
    pub fn id(&self) -> String {
        self.lock().record.id.clone()
    }

    /// The file that stands for the world: when it is gone, the world is.
    pub fn file(&self) -> Result<PathBuf, LedgerError> {
        record::file(&self.lock().record.id)
    }

    /// Makes a folder that only this user can enter, and that goes with the world.
    pub fn folder(&self, path: &Path) -> Result<(), LedgerError> {
        use std::os::unix::fs::DirBuilderExt;
        let mut inner = self.lock();
        inner.record.folders.push(path.to_owned());
        inner.record.write()?;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(LedgerError::io(path))
    }

    /// Starts a program in a process group of its own (Ctrl-C on the terminal does not reach it), with both output streams in `log`.
    pub fn spawn(
        &self,
        name: &str,
        mut command: Command,
        log: &Path,
    ) -> Result<ProcessId, LedgerError> {
        use std::os::unix::process::CommandExt;
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(LedgerError::io(log))?;
        let errors = output.try_clone().map_err(LedgerError::io(log))?;
        let mut inner = self.lock();
        inner.record.processes.push(Process {
            name: name.to_owned(),
            id: None,
        });
        inner.record.write()?;
        let child = command
            .env(WORLD_VARIABLE, &inner.record.id)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(|source| LedgerError::Spawn {
                name: name.to_owned(),
                program: command.get_program().into(),
                source,
            })?;
        let id = ProcessId::of(child.id());
        inner.children.push((name.to_owned(), child));
        if let Some(process) = inner.record.processes.last_mut() {
            process.id = Some(id);
        }
        inner.record.write()?;
        Ok(id)
    }

    /// How a program ended, if it has.
    pub fn exited(&self, name: &str) -> Option<ExitStatus> {
        let mut inner = self.lock();
        let (_, child) = inner.children.iter_mut().find(|(known, _)| known == name)?;
        child.try_wait().ok().flatten()
    }

    /// Notes a fact for whoever looks at the world later, such as the path of a kubeconfig.
    pub fn note(&self, key: &str, value: impl Into<String>) -> Result<(), LedgerError> {
        let mut inner = self.lock();
        inner.record.about.insert(key.to_owned(), value.into());
        inner.record.write()
    }

    /// What is written down right now.
    pub fn record(&self) -> Record {
        self.lock().record.clone()
    }

    /// Ends all processes, for a new try in the same folders.
    pub fn end_processes(&self) -> Result<(), LedgerError> {
        let mut inner = self.lock();
        inner.end_processes()?;
        inner.record.write()
    }

    /// Ends all processes, removes all folders and at last the file.
    pub fn end(&self) -> Result<(), LedgerError> {
        self.lock().end()
    }

    /// Leaves the world running when this process ends.
    pub fn keep(&self) -> Result<Record, LedgerError> {
        let mut inner = self.lock();
        inner.record.kept = true;
        inner.record.write()?;
        Ok(inner.record.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere must not keep processes alive.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn end_processes(&mut self) -> Result<(), LedgerError> {
        let result = end::end_processes(&self.record, &mut self.children);
        if result.is_ok() {
            self.record.processes.clear();
        }
        result
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        if !record::file(&self.record.id)?.exists() {
            return Ok(()); // ended before
        }
        self.end_processes()?;
        end::remove(&self.record)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let mut inner = self.lock();
        if inner.record.kept {
            return;
        }
        if let Err(error) = inner.end() {
            tracing::error!(world = inner.record.id, %error, "a world could not be ended; `seedling sweep` tries again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Command {
        let mut command = Command::new("sleep");
        command.arg("300");
        command
    }

    #[test]
    fn what_was_made_goes_with_the_ledger() {
        let ledger = Ledger::open("test").unwrap();
        let folder = std::env::temp_dir().join(format!("seedling-{}", ledger.id()));
        ledger.folder(&folder).unwrap();
        let process = ledger
            .spawn("sleeper", sleeper(), &folder.join("log"))
            .unwrap();
        let file = ledger.file().unwrap();
        assert!(process.is_alive() && folder.is_dir() && file.is_file());
        drop(ledger);
        assert!(!process.is_alive() && !folder.exists() && !file.exists());
    }

    #[test]
    fn a_sweep_leaves_the_living_alone_and_ends_what_the_dead_left() {
        let ledger = Ledger::open("test").unwrap();
        let folder = std::env::temp_dir().join(format!("seedling-{}", ledger.id()));
        ledger.folder(&folder).unwrap();
        let process = ledger
            .spawn("sleeper", sleeper(), &folder.join("log"))
            .unwrap();
        assert!(sweep().unwrap().iter().all(|ended| ended.id != ledger.id()));
        assert!(process.is_alive());

        // As a killed owner would leave it: the process in the file has another start time than the one that has its pid now,
        // and the started program's pid was not written any more.
        let id = ledger.id();
        let mut record = ledger.record();
        record.owner = ProcessId {
            pid: std::process::id(),
            start: 1,
        };
        record
            .processes
            .iter_mut()
            .for_each(|process| process.id = None);
        record.write().unwrap();
        let swept = sweep().unwrap();
        assert!(
            swept
                .iter()
                .any(|ended| ended.id == id && ended.processes == ["sleeper"]),
            "{swept:?}"
        );
        assert!(!process.is_alive() && !folder.exists());
    }

    #[test]
    fn a_kept_world_ends_by_name() {
        let ledger = Ledger::open("test").unwrap();
        let folder = std::env::temp_dir().join(format!("seedling-{}", ledger.id()));
        ledger.folder(&folder).unwrap();
        let process = ledger
            .spawn("sleeper", sleeper(), &folder.join("log"))
            .unwrap();
        let record = ledger.keep().unwrap();
        assert!(sweep().unwrap().iter().all(|ended| ended.id != record.id));
        assert!(process.is_alive());
        down(&record.id).unwrap();
        assert!(!process.is_alive() && !folder.exists());
    }
}
