//! Reads the HCL files of one folder, as the command line would choose them.

use std::path::{Path, PathBuf};

use hcl_edit::structure::{Block, Body};

use super::{DriverError, Flavour};

/// One parsed file.
pub(super) struct File {
    /// Where it is.
    pub path: PathBuf,
    /// What stands in it.
    pub body: Body,
}

/// Parses the configuration files of a folder, in name order. OpenTofu reads `x.tofu` instead of `x.tf`.
pub(super) fn read_folder(folder: &Path, flavour: Flavour) -> Result<Vec<File>, DriverError> {
    if !folder.is_dir() {
        return Err(DriverError::NoFolder(folder.into()));
    }
    let mut names = file_names(folder)?;
    if let Some(json) = names
        .iter()
        .find(|n| n.ends_with(".tf.json") || n.ends_with(".tofu.json"))
    {
        return Err(DriverError::JsonConfiguration(folder.join(json)));
    }
    names.retain(|name| is_read_by(flavour, name, folder));
    if names.is_empty() {
        return Err(DriverError::NoConfiguration(folder.into()));
    }
    names
        .iter()
        .map(|name| read_file(&folder.join(name)))
        .collect()
}

/// Parses one file.
pub(super) fn read_file(path: &Path) -> Result<File, DriverError> {
    let text = std::fs::read_to_string(path).map_err(DriverError::file(path))?;
    let body = hcl_edit::parser::parse_body(&text).map_err(|error| DriverError::Syntax {
        file: path.into(),
        message: format!("line {}: {}", error.location().line(), error.message()),
    })?;
    Ok(File {
        path: path.into(),
        body,
    })
}

/// Names of the files in a folder, sorted.
pub(super) fn file_names(folder: &Path) -> Result<Vec<String>, DriverError> {
    let entries = std::fs::read_dir(folder).map_err(DriverError::file(folder))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && !name.ends_with('~'))
        .collect();
    names.sort();
    Ok(names)
}

fn is_read_by(flavour: Flavour, name: &str, folder: &Path) -> bool {
    let path = Path::new(name);
    match path.extension().and_then(|e| e.to_str()) {
        Some("tofu") => flavour == Flavour::OpenTofu,
        Some("tf") => {
            flavour == Flavour::Terraform || !folder.join(path.with_extension("tofu")).exists()
        }
        _ => false,
    }
}

/// Label `index` of a block, or an empty string.
pub(super) fn label(block: &Block, index: usize) -> &str {
    block.labels.get(index).map_or("", |label| label.as_str())
}

/// A string attribute of a body.
pub(super) fn string<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    body.get_attribute(name)?.value.as_str()
}

/// A boolean attribute of a body; false unless it is literally `true`.
pub(super) fn is_true(body: &Body, name: &str) -> bool {
    body.get_attribute(name)
        .and_then(|a| a.value.as_bool())
        .unwrap_or(false)
}
