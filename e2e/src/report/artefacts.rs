//! The folder that a run leaves behind: what a person needs to see why a step broke.

use std::path::{Path, PathBuf};

use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

use super::{Report, json, junit, markdown};

/// A file of the folder could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct ArtefactError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

impl ArtefactError {
    /// The next step for the user, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        let full = self.source.kind() == std::io::ErrorKind::StorageFull;
        full.then_some(
            "the disk is full: free some space, or choose another place with --artifacts DIR",
        )
    }
}

/// The artefact folder of one run.
#[derive(Clone, Debug)]
pub struct Artefacts {
    folder: PathBuf,
}

impl Artefacts {
    /// Makes the folder: the one named, where files of an earlier run are replaced, else one named by the time in the system's
    /// folder for temporary files.
    pub fn create(named: Option<&Path>) -> Result<Self, ArtefactError> {
        let folder =
            named.map_or_else(|| std::env::temp_dir().join(name_by_time()), Path::to_owned);
        let artefacts = Self {
            folder: std::path::absolute(&folder).unwrap_or(folder),
        };
        std::fs::create_dir_all(artefacts.commands()).map_err(fails(artefacts.commands()))?;
        Ok(artefacts)
    }

    /// Where it is, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the commands' logs.
    pub fn commands(&self) -> PathBuf {
        self.folder.join("commands")
    }

    /// Writes one file; folders in its name are made.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf, ArtefactError> {
        let path = self.folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(fails(parent))?;
        }
        std::fs::write(&path, content).map_err(fails(&path))?;
        Ok(path)
    }

    /// Writes an object of the cluster with the values of secrets masked.
    pub fn write_object(&self, name: &str, object: &Value) -> Result<PathBuf, ArtefactError> {
        self.write(name, format!("{:#}\n", masked(object)))
    }

    /// Writes the three forms of the report.
    pub fn write_report(&self, report: &Report) -> Result<(), ArtefactError> {
        self.write("report.json", format!("{:#}\n", json::render(report)))?;
        self.write("report.md", markdown::render(report))?;
        let xml = junit::render(report).map_err(|error| ArtefactError {
            path: self.folder.join("junit.xml"),
            source: std::io::Error::other(error),
        })?;
        self.write("junit.xml", xml)?;
        Ok(())
    }
}

fn fails(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> ArtefactError {
    let path = path.into();
    move |source| ArtefactError { path, source }
}

/// Time and process: two runs that begin in the same second keep apart.
fn name_by_time() -> String {
    let format = format_description!("seedling-test-[year][month][day]-[hour][minute][second]");
    let time = OffsetDateTime::now_utc()
        .format(&format)
        .unwrap_or_else(|_| "seedling-test".to_owned());
    format!("{time}-{}", std::process::id())
}

/// Without the values of a Secret, and without annotations that could hold them.
fn masked(object: &Value) -> Value {
    let mut object = object.clone();
    if object["kind"] == "Secret" {
        for member in ["data", "stringData"] {
            for value in object[member]
                .as_object_mut()
                .into_iter()
                .flat_map(|m| m.values_mut())
            {
                *value = "(masked)".into();
            }
        }
        for value in object["metadata"]["annotations"]
            .as_object_mut()
            .into_iter()
            .flat_map(|m| m.values_mut())
        {
            *value = "(masked)".into();
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::super::samples::report;
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_and_config_maps_are_not() {
        let secret = json!({"kind": "Secret", "metadata": {"name": "x", "annotations": {"key": "k"}}, "data": {"a": "YQ=="}});
        let text = masked(&secret).to_string();
        assert!(
            !text.contains("YQ==") && !text.contains("\"k\"") && text.contains("\"x\""),
            "{text}"
        );
        let map = json!({"kind": "ConfigMap", "data": {"a": "b"}});
        assert_eq!(masked(&map), map);
    }

    #[test]
    fn the_report_has_three_forms() {
        let folder = tempfile::tempdir().unwrap();
        let artefacts = Artefacts::create(Some(folder.path())).unwrap();
        artefacts.write_report(&report()).unwrap();
        for name in ["report.json", "report.md", "junit.xml"] {
            assert!(
                folder.path().join(name).metadata().unwrap().len() > 100,
                "{name}"
            );
        }
    }
}
