//! Copies a configuration, with what it reaches above its own folder, to where it may be changed.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

use super::{Configuration, DriverError, hcl};

/// A configuration has dozens of files; more than this means that something else lies in the folder.
const FILES_LIMIT: usize = 5000;

/// What belongs to an earlier run or to other tools, and must not take part in this one.
const LEFT_OUT: [&str; 6] = [
    ".terraform",
    ".terraform.lock.hcl",
    ".git",
    ".seedling",
    "target",
    "node_modules",
];

/// The file that overrides the user's backend: override files are merged last, in name order.
const OVERRIDE: &str = "zz_seedling_test_override.tf";

/// Copies the configuration below `into`, keeping how its folders lie to each other, with its state at `state`.
/// Returns the copy of the root module's folder.
pub(super) fn copy(
    configuration: &Configuration,
    into: &Path,
    state: &Path,
) -> Result<PathBuf, DriverError> {
    let sources = reached(configuration)?;
    let base = common_base(&sources);
    let mut left = FILES_LIMIT;
    for source in &sources {
        let target = into.join(source.strip_prefix(&base).unwrap_or(source));
        copy_tree(source, &target, &mut left)?;
    }
    let root = into.join(
        configuration
            .folder
            .strip_prefix(&base)
            .unwrap_or(&configuration.folder),
    );
    override_backend(&root, state)?;
    Ok(root)
}

/// Module folders, and files or folders above them that their text names (`"../x"`, `"${path.module}/../x"`).
fn reached(configuration: &Configuration) -> Result<BTreeSet<PathBuf>, DriverError> {
    // The pattern is constant; if it did not compile, nothing would be found, and the test below would fail.
    let upward =
        Regex::new(r#""(?:\$\{path\.(?:module|root|cwd)\}/)?(?:\./)*(\.\./[^"$\n]*)"#).ok();
    let mut found = configuration.modules.clone();
    for module in &configuration.modules {
        for name in hcl::file_names(module)? {
            let is_hcl = Path::new(&name)
                .extension()
                .is_some_and(|e| e == "tf" || e == "tofu");
            let text = if is_hcl {
                std::fs::read_to_string(module.join(&name)).unwrap_or_default()
            } else {
                String::new()
            };
            for capture in upward.iter().flat_map(|u| u.captures_iter(&text)) {
                found.extend(module.join(&capture[1]).canonicalize());
            }
        }
    }
    let all = found.clone();
    found.retain(|path| {
        !all.iter()
            .any(|other| other != path && path.starts_with(other))
    });
    Ok(found)
}

/// The nearest folder that holds all of them, itself none of them.
fn common_base(paths: &BTreeSet<PathBuf>) -> PathBuf {
    let mut common: Option<Vec<Component>> = None;
    for path in paths {
        let parents: Vec<Component> = path.parent().unwrap_or(path).components().collect();
        common = Some(match common {
            None => parents,
            Some(before) => before
                .into_iter()
                .zip(parents)
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| a)
                .collect(),
        });
    }
    common.unwrap_or_default().into_iter().collect()
}

fn copy_tree(source: &Path, target: &Path, left: &mut usize) -> Result<(), DriverError> {
    *left = left.checked_sub(1).ok_or_else(|| DriverError::TooBig {
        folder: source.into(),
        limit: FILES_LIMIT,
    })?;
    if !source.is_dir() {
        let parent = target.parent().unwrap_or(target);
        std::fs::create_dir_all(parent).map_err(DriverError::file(parent))?;
        std::fs::copy(source, target).map_err(DriverError::file(source))?;
        return Ok(());
    }
    std::fs::create_dir_all(target).map_err(DriverError::file(target))?;
    for entry in std::fs::read_dir(source).map_err(DriverError::file(source))? {
        let entry = entry.map_err(DriverError::file(source))?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let left_out = LEFT_OUT.contains(&text.as_ref()) || text.contains(".tfstate");
        if !left_out && entry.path().exists() {
            copy_tree(&entry.path(), &target.join(&name), left)?;
        }
    }
    Ok(())
}

/// A backend in an override file wins over the user's backend and over a `cloud` block.
fn override_backend(root: &Path, state: &Path) -> Result<(), DriverError> {
    let file = root.join(OVERRIDE);
    let path = state
        .display()
        .to_string()
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "$${");
    let text = format!("terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n");
    std::fs::write(&file, text).map_err(DriverError::file(&file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Flavour;

    #[test]
    fn modules_and_files_above_are_copied_and_old_state_is_not() {
        let tree = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = tree.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "live/dev/main.tf",
            "module \"m\" { source = \"../../modules/m\" }\n",
        );
        write("live/dev/terraform.tfstate", "{}");
        write("live/dev/.terraform/x", "");
        write(
            "modules/m/main.tf",
            "locals { f = file(\"${path.module}/../../shared/f.yaml\") }\n",
        );
        write("shared/f.yaml", "a: b");
        write("unrelated/huge", "");
        let configuration =
            Configuration::read(&tree.path().join("live/dev"), Flavour::Terraform).unwrap();
        let into = tempfile::tempdir().unwrap();
        let root = copy(&configuration, into.path(), Path::new("/states/dev")).unwrap();
        assert_eq!(root, into.path().join("live/dev"));
        assert!(root.join("../../modules/m/main.tf").exists());
        assert!(into.path().join("shared/f.yaml").exists());
        assert!(!root.join("terraform.tfstate").exists() && !root.join(".terraform").exists());
        assert!(!into.path().join("unrelated").exists());
        assert!(
            std::fs::read_to_string(root.join(OVERRIDE))
                .unwrap()
                .contains("/states/dev")
        );
    }
}
