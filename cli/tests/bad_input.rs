//! What the command says to input that cannot be used: one clear message, exit code 2, nothing left behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test ends by panic

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with one file, and a home of its own.
fn folder(file: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), text).unwrap();
    folder
}

fn seedling(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seedling"))
        .args(arguments)
        .env("XDG_STATE_HOME", home)
        .env("TMPDIR", home)
        .env_remove("SEEDLING_CLI")
        .output()
        .unwrap()
}

/// Runs, expects a refusal with all the words in one message, and nothing new on the disk.
fn refuses(arguments: &[&str], words: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let output = seedling(home.path(), arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    let left: Vec<_> = walk(home.path());
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// Files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|e| e.path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

const OURS: &str = "terraform {\n  required_providers {\n    seedling = { source = \"seedling-dev/seedling\" }\n  }\n}\n";

#[test]
fn folders_that_hold_no_configuration() {
    refuses(
        &["test", "/nowhere"],
        &["/nowhere", "no such folder", "hint:"],
    );
    refuses(
        &["test", path(&folder("notes.txt", "x"))],
        &["no file in it ends in .tf", "hint:"],
    );
    refuses(
        &["test", path(&folder("main.tf.json", "{}"))],
        &["main.tf.json", "JSON syntax"],
    );
}

#[test]
fn configurations_that_cannot_be_read() {
    refuses(
        &["test", path(&folder("main.tf", "a {\n  b = = 1\n}\n"))],
        &["main.tf", "line 2"],
    );
}

#[test]
fn configurations_that_reach_elsewhere() {
    let azure = folder("main.tf", "resource \"azurerm_resource_group\" \"x\" {}\n");
    refuses(
        &["test", path(&azure)],
        &[
            "hashicorp/azurerm",
            "azurerm_resource_group",
            "--provider hashicorp/azurerm",
        ],
    );
    refuses(
        &["test", "--provider", "hashicorp/azurerm", path(&azure)],
        &["hashicorp/azurerm", "--mirror DIR"],
    );
    let module = folder(
        "main.tf",
        "module \"net\" {\n  source = \"Azure/network/azurerm\"\n}\n",
    );
    refuses(
        &["test", path(&module)],
        &["\"net\"", "Azure/network/azurerm", "hint:"],
    );
    let implied = folder(
        "main.tf",
        "resource \"seedling_environment\" \"x\" {\n  name = \"x\"\n}\n",
    );
    refuses(
        &["test", path(&implied)],
        &["required_providers", "seedling-dev/seedling"],
    );
}

#[test]
fn variables_without_a_value_or_a_declaration() {
    let text = format!("{OURS}variable \"size\" {{\n  type = number\n}}\n");
    refuses(
        &["test", path(&folder("main.tf", &text))],
        &["\"size\"", "--var 'size=1'"],
    );
    refuses(
        &["test", "--var", "siz=1", path(&folder("main.tf", &text))],
        &["\"siz\"", "did you mean \"size\"?"],
    );
    refuses(
        &["test", "--var", "size", path(&folder("main.tf", &text))],
        &["NAME=VALUE"],
    );
}

#[test]
fn command_lines_that_are_missing_or_too_old() {
    let configuration = folder("main.tf", OURS);
    refuses(
        &["test", "--cli", "/nowhere/tofu", path(&configuration)],
        &["/nowhere/tofu", "--cli PATH"],
    );
    let old = folder("terraform", "#!/bin/sh\necho 'Terraform v1.9.8'\n");
    let program = old.path().join("terraform");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    refuses(
        &[
            "test",
            "--cli",
            program.to_str().unwrap(),
            path(&configuration),
        ],
        &["1.9.8", "1.11.0 or newer"],
    );
    let wrong = ["test", "--cli", "/bin/echo", path(&configuration)];
    refuses(&wrong, &["neither terraform nor tofu", "version"]);
}

#[test]
fn arguments_that_mean_nothing() {
    let configuration = folder("main.tf", OURS);
    refuses(&["test", "--bogus", path(&configuration)], &["--bogus"]);
    refuses(&["test"], &["<DIR>"]);
    refuses(
        &["test", "--only", "everything", path(&configuration)],
        &["\"everything\"", "validate, plan, apply"],
    );
    refuses(
        &["test", "--on", "moon", path(&configuration)],
        &["moon", "process"],
    );
    let twice = [
        "test",
        "--old",
        path(&configuration),
        "--old",
        path(&configuration),
        path(&configuration),
    ];
    refuses(&twice, &["1 folder", "2 old"]);
    refuses(&["down", "no-such-world"], &["no-such-world"]);
    refuses(&["up", "/nowhere"], &["/nowhere", "no such folder"]);
}

/// A place for artefacts that cannot be written: told before anything is started.
#[test]
fn artefacts_that_cannot_be_written() {
    let configuration = folder("main.tf", OURS);
    let full = tempfile::tempdir().unwrap();
    symlink("/dev/full", full.path().join("file")).unwrap();
    let below_a_file = full.path().join("file/artefacts");
    refuses(
        &[
            "test",
            "--artifacts",
            below_a_file.to_str().unwrap(),
            path(&configuration),
        ],
        &["file/artefacts", "Not a directory"],
    );
}
