//! Finds plans and hands their JSON to the review while it comes in: it is never on disk, since it holds secrets.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use seedling_e2e::driver::Cli;
use seedling_review::{Options, Review, read as read_plan};
use tokio::process::Command;

use crate::failure::Failure;

/// How long a CLI may take to show a plan.
const SHOW_TIMEOUT: Duration = Duration::from_mins(10);
/// The first bytes of a plan file, which is a ZIP archive.
const ARCHIVE: &[u8] = b"PK";

/// A plan and what it is called.
pub struct Labelled {
    label: String,
    file: PathBuf,
}

/// The content of a file that people wrote.
pub fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(unreadable(file))
}

fn unreadable(file: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let file = file.display().to_string();
    move |error| Failure::new(format!("{file} cannot be read: {error}"))
}

/// The plans behind the arguments, with names that are all different.
pub fn labelled(arguments: &[PathBuf]) -> Result<Vec<Labelled>, Failure> {
    let (mut names, mut files) = (BTreeSet::new(), BTreeSet::new());
    let mut plans = Vec::new();
    for argument in arguments {
        let file = if argument.is_dir() {
            plan_in(argument)?
        } else {
            argument.clone()
        };
        if !files.insert(file.clone()) {
            return Err(Failure::new(format!("{} was given twice", file.display())));
        }
        let mut label = label(&file);
        if !names.insert(label.clone()) {
            label = file.display().to_string();
            names.insert(label.clone());
        }
        plans.push(Labelled { label, file });
    }
    Ok(plans)
}

fn plan_in(folder: &Path) -> Result<PathBuf, Failure> {
    let usual = ["plan.json", "tfplan"].map(|name| folder.join(name));
    if let Some(file) = usual.into_iter().find(|file| file.is_file()) {
        return Ok(file);
    }
    let entries = std::fs::read_dir(folder).map_err(unreadable(folder))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|it| it == "tfplan"))
        .collect();
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        (None, _) => Err(Failure::new(format!("{} holds no plan", folder.display()))
            .with_hint(Some("make one there with: terraform plan -out tfplan"))),
        (Some(_), false) => Err(
            Failure::new(format!("{} holds several plans", folder.display()))
                .with_hint(Some("name the one to review")),
        ),
    }
}

/// `dev/plan.json` is called `dev`; `dev-monday.json` is called `dev-monday`.
fn label(file: &Path) -> String {
    let text = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
    let stem = file.file_stem().map(text).unwrap_or_default();
    if !matches!(stem.as_str(), "plan" | "tfplan") {
        return if stem == "-" { "plan".to_owned() } else { stem };
    }
    let folder = std::path::absolute(file).ok();
    let folder = folder.as_deref().and_then(Path::parent);
    folder.and_then(Path::file_name).map(text).unwrap_or(stem)
}

/// Reads a plan into the review.
pub async fn read(
    plan: &Labelled,
    cli: Option<&Path>,
    options: &Options,
    review: &mut Review,
) -> Result<(), Failure> {
    if plan.file == Path::new("-") {
        return add(std::io::stdin(), plan, options, review);
    }
    let mut file = File::open(&plan.file).map_err(unreadable(&plan.file))?;
    let mut start = [0; ARCHIVE.len()];
    let length = file.read(&mut start).map_err(unreadable(&plan.file))?;
    if start == ARCHIVE {
        return show(plan, cli, options, review).await;
    }
    let start = std::io::Cursor::new(start[..length].to_vec());
    add(start.chain(file), plan, options, review)
}

fn add(
    input: impl Read,
    plan: &Labelled,
    options: &Options,
    review: &mut Review,
) -> Result<(), Failure> {
    let read = read_plan(BufReader::new(input), &plan.label, options, review);
    read.map_err(|error| Failure::new(format!("{}: {error}", plan.file.display())))
}

/// Has the CLI show a plan file, in the folder where it lies: there its providers are.
async fn show(
    plan: &Labelled,
    cli: Option<&Path>,
    options: &Options,
    review: &mut Review,
) -> Result<(), Failure> {
    let file = std::path::absolute(&plan.file).map_err(unreadable(&plan.file))?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let program = program(cli, folder)?;
    let mut child = Command::new(&program)
        .args(["show", "-json", "-no-color"])
        .arg(&file)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Failure::new(format!("{} cannot be started: {error}", program.display()))
        })?;
    let output = child
        .stdout
        .take()
        .map(tokio::process::ChildStdout::into_owned_fd);
    let output = output
        .transpose()?
        .ok_or_else(|| Failure::new("the output of the CLI cannot be read"))?;
    // The review is taken away and given back, because a thread of its own reads.
    let (label, own) = (plan.label.clone(), options.clone());
    let mut so_far = std::mem::take(review);
    let reading = tokio::task::spawn_blocking(move || {
        let result = read_plan(
            BufReader::new(File::from(output)),
            &label,
            &own,
            &mut so_far,
        );
        (result, so_far)
    });
    let ended =
        tokio::time::timeout(SHOW_TIMEOUT, async { (reading.await, child.wait().await) }).await;
    let (read, status) = ended.map_err(|_| {
        let minutes = SHOW_TIMEOUT.as_secs() / 60;
        Failure::new(format!(
            "{} needed more than {minutes} minutes to show {}",
            program.display(),
            file.display()
        ))
    })?;
    let (result, read) = read.map_err(|error| Failure::new(error.to_string()))?;
    if !status?.success() {
        let hint = "what it said stands above; the folder must be initialised, with the CLI that made the plan";
        return Err(Failure::new(format!(
            "{} could not show {}",
            program.display(),
            file.display()
        ))
        .with_hint(Some(hint)));
    }
    result.map_err(|error| Failure::new(format!("{}: {error}", plan.file.display())))?;
    *review = read;
    Ok(())
}

/// The CLI that made the plan: each writes the host of its registry into the lock file.
fn program(cli: Option<&Path>, folder: &Path) -> Result<PathBuf, Failure> {
    let lock = std::fs::read_to_string(folder.join(".terraform.lock.hcl")).unwrap_or_default();
    let by_lock = [
        ("registry.opentofu.org", "tofu"),
        ("registry.terraform.io", "terraform"),
    ]
    .into_iter()
    .find(|(host, _)| lock.contains(host))
    .map(|(_, program)| Path::new(program));
    let found = Cli::find(cli.or(by_lock))?;
    found.map(|cli| cli.path).ok_or_else(|| {
        Failure::new("there is neither tofu nor terraform on PATH to show a plan file").with_hint(
            Some("give the plan's JSON instead: terraform show -json PLAN > plan.json"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_called_by_their_folders() {
        for (file, expected) in [
            ("live/dev/plan.json", "dev"),
            ("dev/tfplan", "dev"),
            ("dev-monday.json", "dev-monday"),
            ("-", "plan"),
        ] {
            assert_eq!(label(Path::new(file)), expected, "{file}");
        }
    }
}
