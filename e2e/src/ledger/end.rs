//! Ending worlds by what is written about them.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use super::process::{ProcessId, with_environment};
use super::record::{Record, file};
use super::{LedgerError, WORLD_VARIABLE};

/// A world that was ended.
#[derive(Debug)]
pub struct Ended {
    /// Its name.
    pub id: String,
    /// The names of its processes that were still running.
    pub processes: Vec<String>,
    /// Its folders that were still there.
    pub folders: Vec<std::path::PathBuf>,
}

/// Ends what dead owners left: worlds that were not kept and whose owner is gone, and kept ones of which nothing runs any more.
pub fn sweep() -> Result<Vec<Ended>, LedgerError> {
    Record::all()?
        .into_iter()
        .filter(|record| !is_wanted(record))
        .map(|record| end(&record))
        .collect()
}

/// The worlds that were left running on purpose, oldest first.
pub fn kept() -> Result<Vec<Record>, LedgerError> {
    let mut records = Record::all()?;
    records.retain(|record| record.kept && is_wanted(record));
    records.sort_by(|left, right| left.created.cmp(&right.created));
    Ok(records)
}

/// The worlds that a process has made.
pub fn owned_by(owner: ProcessId) -> Result<Vec<Record>, LedgerError> {
    let mut records = Record::all()?;
    records.retain(|record| record.owner == owner);
    Ok(records)
}

/// Ends a world that was left running.
pub fn down(id: &str) -> Result<Ended, LedgerError> {
    match Record::all()?
        .into_iter()
        .find(|record| record.kept && record.id == id)
    {
        Some(record) => end(&record),
        None => Err(LedgerError::NoSuchWorld(id.to_owned())),
    }
}

fn is_wanted(record: &Record) -> bool {
    if record.kept {
        !running(record).is_empty()
    } else {
        record.owner.is_alive()
    }
}

fn end(record: &Record) -> Result<Ended, LedgerError> {
    let processes = running(record).into_iter().map(|(name, _)| name).collect();
    let folders = record
        .folders
        .iter()
        .filter(|folder| folder.exists())
        .cloned()
        .collect();
    end_processes(record, &mut Vec::new())?;
    remove(record)?;
    Ok(Ended {
        id: record.id.clone(),
        processes,
        folders,
    })
}

/// The living processes: those with a noted pid, and those that carry the world's mark.
fn running(record: &Record) -> Vec<(String, ProcessId)> {
    let noted = record
        .processes
        .iter()
        .filter_map(|process| process.id.map(|id| (process.name.clone(), id)));
    let mut found: Vec<_> = noted.filter(|(_, id)| id.is_alive()).collect();
    let mut unnoted = record
        .processes
        .iter()
        .filter(|process| process.id.is_none())
        .map(|process| process.name.clone());
    for id in with_environment(WORLD_VARIABLE, &record.id) {
        if !found.iter().any(|(_, known)| *known == id) {
            found.push((
                unnoted
                    .next()
                    .unwrap_or_else(|| format!("process {}", id.pid)),
                id,
            ));
        }
    }
    found
}

/// How long the operating system may take to end a killed process with much memory.
const KILL_DEADLINE: Duration = Duration::from_secs(10);

/// Ends all processes at once and waits until they are gone; `children` are those that only this process can wait for.
pub(super) fn end_processes(
    record: &Record,
    children: &mut Vec<(String, Child)>,
) -> Result<(), LedgerError> {
    let deadline = Instant::now() + KILL_DEADLINE;
    loop {
        // Asked anew each time: a process may have started another one in between.
        let alive = running(record);
        for (_, process) in &alive {
            process.kill();
        }
        children.retain_mut(|(_, child)| matches!(child.try_wait(), Ok(None)));
        if alive.is_empty() && children.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            let names: Vec<_> = alive
                .into_iter()
                .map(|(name, id)| format!("{name} (pid {})", id.pid))
                .collect();
            return Err(LedgerError::Alive(names.join(", ")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Removes the folders and then the file.
pub(super) fn remove(record: &Record) -> Result<(), LedgerError> {
    for folder in &record.folders {
        absent(folder, std::fs::remove_dir_all(folder))?;
    }
    let path = file(&record.id)?;
    absent(&path, std::fs::remove_file(&path))
}

fn absent(path: &Path, removed: std::io::Result<()>) -> Result<(), LedgerError> {
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LedgerError::io(path)(error))
        }
        _ => Ok(()),
    }
}
