//! The file of a world.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::process::ProcessId;
use crate::home;

/// What a world consists of. Kept as JSON in the user's state folder, `seedling/worlds/<id>.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The world's name, unique on this machine.
    pub id: String,
    /// The backend that it stands on.
    pub backend: String,
    /// When it was begun, RFC 3339.
    pub created: String,
    /// Who made it and ends it.
    pub owner: ProcessId,
    /// Whether it is to stay when its owner is gone.
    pub kept: bool,
    /// In the order of their start.
    pub processes: Vec<Process>,
    /// Removed when the processes are gone.
    pub folders: Vec<PathBuf>,
    /// Facts for those who look at it: ports, paths.
    pub about: BTreeMap<String, String>,
}

/// A process of a world.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Process {
    /// What it is.
    pub name: String,
    /// Absent while it is being started.
    pub id: Option<ProcessId>,
}

impl Record {
    pub(super) fn new(backend: &str) -> Record {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let owner = ProcessId::of(std::process::id());
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let now = time::OffsetDateTime::now_utc();
        Record {
            // Unique without a random number: a pid is used again only much later, and its start time differs then.
            id: format!("{backend}-{}-{:x}-{number}", owner.pid, owner.start),
            backend: backend.to_owned(),
            created: now
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap_or_default(),
            owner,
            kept: false,
            processes: Vec::new(),
            folders: Vec::new(),
            about: BTreeMap::new(),
        }
    }

    /// Writes the whole file, at once or not at all.
    pub(super) fn write(&self) -> Result<(), LedgerError> {
        let path = file(&self.id)?;
        let draft = path.with_extension("draft");
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| LedgerError::io(&path)(error.into()))?;
        std::fs::write(&draft, text).map_err(LedgerError::io(&draft))?;
        std::fs::rename(&draft, &path).map_err(LedgerError::io(&path))
    }

    pub(super) fn read(path: &Path) -> Result<Record, LedgerError> {
        let text = std::fs::read(path).map_err(LedgerError::io(path))?;
        serde_json::from_slice(&text).map_err(|error| LedgerError::io(path)(error.into()))
    }

    /// All worlds of this user. One that ends at this moment is left out.
    pub(super) fn all() -> Result<Vec<Record>, LedgerError> {
        let folder = worlds()?;
        let entries = std::fs::read_dir(&folder).map_err(LedgerError::io(&folder))?;
        let mut records = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match Record::read(&path) {
                Ok(record) => records.push(record),
                Err(_) if !path.exists() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(records)
    }
}

pub(super) fn file(id: &str) -> Result<PathBuf, LedgerError> {
    Ok(worlds()?.join(format!("{id}.json")))
}

fn worlds() -> Result<PathBuf, LedgerError> {
    let folder = home::state()?.join("worlds");
    std::fs::create_dir_all(&folder).map_err(LedgerError::io(&folder))?;
    Ok(folder)
}
