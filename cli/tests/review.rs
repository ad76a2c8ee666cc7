//! `seedling review`, and the shell steps of `examples/pipelines` around it, on real plans.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test ends by panic

#[path = "review/diff.rs"]
mod diff;
#[path = "review/pipeline.rs"]
mod pipeline;
#[path = "review/prove.rs"]
mod prove;
#[path = "review/services.rs"]
mod services;
#[path = "review/workflows.rs"]
mod workflows;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use seedling_e2e::driver::Cli;
use seedling_e2e::progress::Lines;
use seedling_e2e::require::{Need, find_program};
use seedling_e2e::trial::{block_on, trial};
use seedling_e2e::world::run_if_asked;

fn main() {
    run_if_asked();
    let trials: Vec<Trial> = vec![
        Trial::test("exit_codes_say_who_is_needed", exit_codes),
        Trial::test("what_cannot_be_reviewed_is_an_error", errors),
        Trial::test("the_result_goes_where_it_is_asked_for", places),
        trial(
            "a_plan_file_is_shown_by_its_cli",
            &[Need::Terraform],
            || block_on(plan_file(Need::Terraform)),
        ),
        trial("a_plan_file_is_shown_by_tofu", &[Need::Tofu], || {
            block_on(plan_file(Need::Tofu))
        }),
        trial(
            "the_steps_of_the_pipelines_apply_what_was_reviewed",
            &[Need::Process, Need::Terraform],
            || block_on(pipeline::reviewed_and_applied(Need::Terraform)),
        ),
        trial(
            "the_steps_of_the_pipelines_do_so_with_tofu",
            &[Need::Process, Need::Tofu],
            || block_on(pipeline::reviewed_and_applied(Need::Tofu)),
        ),
        trial(
            "prove_adds_what_was_seen",
            &[Need::Process, Need::Terraform],
            || block_on(prove::proved()),
        ),
        trial(
            "diff_tells_what_one_environment_lacks",
            &[Need::Terraform],
            || block_on(diff::told()),
        ),
        trial("workflows_pass_their_linter", &[Need::Actionlint], || {
            block_on(workflows::linted())
        }),
        Trial::test("scripts_of_pipelines_are_readable", workflows::scripts),
        with_jq(
            "a_comment_is_made_once_and_then_changed",
            workflows::comments,
        ),
        with_jq("an_apply_fetches_its_review_or_ends", workflows::fetched),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The scripts of the pipelines use jq.
fn with_jq(name: &str, run: fn() -> Result<(), Failed>) -> Trial {
    Trial::ignorable_test(name, move || {
        if find_program("jq").is_none() {
            return Ok(Completion::ignored_with("jq is not on PATH"));
        }
        run().map(|()| Completion::Completed)
    })
}

fn plan(name: &str) -> String {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../review/tests/plans");
    plans.join(name).display().to_string()
}

fn review(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seedling"))
        .arg("review")
        .args(arguments)
        .env_remove("SEEDLING_CLI")
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Runs, expects an exit code and a text in either output; gives the standard output.
fn expect(arguments: &[&str], code: i32, text: &str) -> Result<String, Failed> {
    let output = review(arguments);
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(code) && said.contains(text) {
        return Ok(out);
    }
    Err(format!(
        "{arguments:?}: {:?} instead of {code} and {text:?}:\n{said}",
        output.status.code()
    )
    .into())
}

fn exit_codes() -> Result<(), Failed> {
    let (image, lost) = (plan("tofu/image.json"), plan("tofu/destroy_storage.json"));
    expect(&[&image], 0, "4 pods restart, at most 1 missing")?;
    expect(&[&image, "--fail-on", "loss,restart"], 2, "4 pods restart")?;
    expect(&[&lost], 2, "is lost with the claim")?;
    expect(&[&lost, "--fail-on", "none"], 0, "is lost with the claim")?;
    expect(
        &[&image, &lost, "--format", "github"],
        2,
        "destroy\\_storage",
    )?;
    expect(&[&image, "--fail-on", "everything"], 2, "is none of loss")?;
    Ok(())
}

fn errors() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<String, Failed> {
        let file = folder.path().join(name);
        std::fs::write(&file, text)?;
        Ok(file.display().to_string())
    };
    let state = file("state.json", r#"{"format_version":"1.0","values":{}}"#)?;
    let newer = file(
        "newer.json",
        r#"{"format_version":"3.0","resource_changes":[]}"#,
    )?;
    let image = plan("tofu/image.json");
    expect(&["/nowhere/plan.json"], 1, "/nowhere/plan.json")?;
    expect(&[&state], 1, "show -json")?;
    expect(&[&newer], 1, "use a newer seedling")?;
    expect(&[&image, &image], 1, "was given twice")?;
    expect(&[&image, "--same-as", &state], 1, "is no review")?;
    expect(&[&image, "--prices", &state], 1, "price table")?;
    let empty = tempfile::tempdir()?;
    expect(&[&empty.path().display().to_string()], 1, "holds no plan")?;
    Ok(())
}

fn places() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("reviewed.json");
    let (image, out) = (plan("tofu/image.json"), out.display().to_string());
    let said = expect(&[&image, "--format", "json", "--out", &out], 0, "")?;
    assert!(said.is_empty(), "{said}");
    expect(
        &[&image, "--same-as", &out],
        0,
        "Nothing happens that was not reviewed",
    )?;
    expect(
        &[&plan("tofu/config.json"), "--same-as", &out],
        2,
        "no plan of this name was reviewed",
    )?;

    let mut child = Command::new(env!("CARGO_BIN_EXE_seedling"))
        .args(["review", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&std::fs::read(&image)?)?;
    let output = child.wait_with_output()?;
    assert!(String::from_utf8_lossy(&output.stdout).contains("4 pods restart"));
    Ok(())
}

/// The command line of this name, and no other.
async fn command_line(need: Need) -> Result<PathBuf, Failed> {
    let named = Path::new(need.name());
    Ok(Cli::find_or_build(Some(named), &Lines).await?.path)
}

/// A binary plan in its folder, found by the folder's name.
async fn plan_file(need: Need) -> Result<(), Failed> {
    let cli = command_line(need).await?;
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("dev");
    std::fs::create_dir(&root)?;
    std::fs::write(
        root.join("main.tf"),
        "resource \"terraform_data\" \"a\" {\n  input = \"canary-4711\"\n}\n",
    )?;
    for arguments in [&["init"][..], &["plan", "-out", "tfplan"]] {
        let status = run(&cli, arguments, &root)?.status;
        assert!(status.success(), "{arguments:?}");
    }
    let program = cli.display().to_string();
    let said = expect(
        &[&root.display().to_string(), "--cli", &program],
        0,
        "dev: 1 new",
    )?;
    assert!(
        said.contains("terraform_data.a") && !said.contains("canary-4711"),
        "{said}"
    );
    // Not a plan, but something in an archive.
    std::fs::write(root.join("tfplan"), b"PK\x03\x04 nothing")?;
    expect(
        &[&root.display().to_string(), "--cli", &program],
        1,
        "could not show",
    )?;
    Ok(())
}

fn run(program: &PathBuf, arguments: &[&str], folder: &Path) -> Result<Output, Failed> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()?;
    Ok(output)
}
