//! The pipelines of `examples/pipelines` as their services will read them: by the linter of GitHub's workflows, every script by the
//! shell, and the scripts that write the comment run against stand-ins of the services.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use seedling_e2e::build::{GO_MODULES, go_program};
use seedling_e2e::progress::Lines;
use serde_yaml_ng::Value;

use super::services::Services;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/pipelines")
        .join(name)
}

fn documents(name: &str) -> Result<Vec<(PathBuf, Value)>, Failed> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(folder(name))? {
        let file = entry?.path();
        let text = std::fs::read_to_string(&file)?;
        documents.push((file, serde_yaml_ng::from_str(&text)?));
    }
    Ok(documents)
}

/// The workflows where a repository has them, read by actionlint.
pub async fn linted() -> Result<(), Failed> {
    let linter = go_program(GO_MODULES.actionlint, &Lines).await?;
    let repository = tempfile::tempdir()?;
    let workflows = repository.path().join(".github/workflows");
    let action = repository.path().join(".github/actions/tools");
    for folder in [&workflows, &action, &repository.path().join(".git")] {
        std::fs::create_dir_all(folder)?;
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder("github-actions"))? {
        let file = entry?.path();
        let name = file.file_name().unwrap().to_owned();
        if name == "action.yaml" {
            std::fs::copy(&file, action.join(name))?;
        } else {
            files.push(workflows.join(&name));
            std::fs::copy(&file, workflows.join(name))?;
        }
    }
    assert!(files.len() >= 3, "{files:?}");
    let lint = |files: &[PathBuf]| {
        Command::new(&linter)
            .arg("-no-color")
            .args(files)
            .current_dir(repository.path())
            .output()
    };
    let output = lint(&files)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    // The same eyes see a mistake: else silence would prove nothing.
    let broken = std::fs::read_to_string(&files[0])?.replace("runs-on:", "runs-in:");
    std::fs::write(&files[0], broken.replace("needs: ", "needs: no-such-job-"))?;
    assert!(!lint(&files)?.status.success());
    Ok(())
}

/// Every script of both services is one that the shell can read.
pub fn scripts() -> Result<(), Failed> {
    let mut count = 0;
    for service in ["github-actions", "azure-devops"] {
        for (file, document) in documents(service)? {
            let mut found = Vec::new();
            collect(&document, &mut found);
            for script in found {
                let output = Command::new("bash").args(["-n", "-c", &script]).output()?;
                assert!(
                    output.status.success(),
                    "{}: {}\n{script}",
                    file.display(),
                    String::from_utf8_lossy(&output.stderr)
                );
                count += 1;
            }
            steps_exist(&document)?;
        }
    }
    assert!(count >= 12, "only {count} scripts were found");
    Ok(())
}

/// The members under which both services keep scripts.
fn collect(value: &Value, scripts: &mut Vec<String>) {
    match value {
        Value::Mapping(members) => {
            for (name, value) in members {
                let is_script = matches!(name.as_str(), Some("run" | "bash" | "inlineScript"));
                match value.as_str() {
                    // Expressions are filled in before a shell sees them.
                    Some(text) if is_script => {
                        scripts.push(text.replace("${{", "x").replace("}}", "x"));
                    }
                    _ => collect(value, scripts),
                }
            }
        }
        Value::Sequence(elements) => elements.iter().for_each(|it| collect(it, scripts)),
        _ => {}
    }
}

/// What a script calls in `steps/` is there, and templates of Azure Pipelines lie beside each other.
fn steps_exist(document: &Value) -> Result<(), Failed> {
    let text = serde_yaml_ng::to_string(document)?;
    for (at, _) in text.match_indices("steps/") {
        let name: String = text[at..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "/.-".contains(*c))
            .collect();
        assert!(folder(&name).is_file(), "there is no {name}");
    }
    let templates = text.lines().filter_map(|line| {
        line.trim()
            .trim_start_matches("- ")
            .strip_prefix("template: ")
    });
    for template in templates {
        assert!(
            folder("azure-devops").join(template).is_file(),
            "{template}"
        );
    }
    Ok(())
}

fn script(service: &str, file: &str, containing: &str) -> Result<String, Failed> {
    let text = std::fs::read_to_string(folder(service).join(file))?;
    let mut scripts = Vec::new();
    collect(&serde_yaml_ng::from_str(&text)?, &mut scripts);
    let found = scripts.into_iter().find(|it| it.contains(containing));
    found.ok_or_else(|| format!("{file} has no script with {containing}").into())
}

/// The first review makes a comment, later ones change it.
pub fn comments() -> Result<(), Failed> {
    let others = r#"{ "id": 1, "body": "looks good" }"#;
    let ours = r#"{ "id": 7, "body": "<!-- seedling-review -->\nold" }"#;
    let github = script("github-actions", "deploy.yaml", "seedling-review")?;
    let variables = [("GITHUB_REPOSITORY", "acme/infra"), ("PULL_REQUEST", "12")];
    for (answers, expected) in [
        (
            format!("[{others}]"),
            "-X POST repos/acme/infra/issues/12/comments",
        ),
        (
            format!("[{others}, {ours}]"),
            "-X PATCH repos/acme/infra/issues/comments/7",
        ),
    ] {
        let ran = Services::answering("gh", &answers)?.run(&github, &variables)?;
        assert!(ran.succeeded && ran.calls.contains(expected), "{ran:?}");
    }

    let azure = script("azure-devops", "azure-pipelines.yaml", "seedling-review")?;
    let variables = [
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.example/acme/"),
        ("SYSTEM_TEAMPROJECT", "infra"),
        ("BUILD_REPOSITORY_ID", "r"),
        ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12"),
        ("SYSTEM_ACCESSTOKEN", "t"),
        ("STATUS", "2"),
    ];
    let thread = |text: &str| format!(r#"{{ "id": 9, "comments": [{{ "content": "{text}" }}] }}"#);
    for (threads, expected) in [
        (thread("looks good"), "-X POST"),
        (
            thread("<!-- seedling-review -->old"),
            "threads/9/comments/1?api-version",
        ),
    ] {
        let services = Services::answering("curl", &format!(r#"{{ "value": [{threads}] }}"#))?;
        let ran = services.run(&azure, &variables)?;
        assert!(ran.succeeded && ran.calls.contains(expected), "{ran:?}");
        assert!(services.written()?.contains("### new"));
    }
    Ok(())
}

/// The apply fetches the review of the pull request that was merged, or of the run that called it, and goes no further without
/// one.
pub fn fetched() -> Result<(), Failed> {
    let github = script("github-actions", "apply.yaml", "--name reviewed")?;
    let known = r#"[{ "head": { "sha": "abc" }, "databaseId": 5 }]"#;
    for (answers, run, succeeds, expected) in [
        (known, "", true, "run download 5 --name reviewed"),
        (known, "77", true, "run download 77 --name reviewed"),
        ("[]", "", false, "commits/def/pulls"),
    ] {
        let variables = [
            ("GITHUB_REPOSITORY", "acme/infra"),
            ("GITHUB_SHA", "def"),
            ("RUN", run),
        ];
        let ran = Services::answering("gh", answers)?.run(&github, &variables)?;
        assert_eq!(ran.succeeded, succeeds, "{ran:?}");
        assert!(ran.calls.contains(expected), "{ran:?}");
        assert!(succeeds || !ran.calls.contains("download"), "{ran:?}");
    }

    let azure = script("azure-devops", "apply.yaml", "--artifact-name reviewed")?;
    // What `az` prints for the pull request of a commit, and for the runs of a pull request.
    let az =
        "case \"$*\" in *'repos pr list'*) echo \"$REQUEST\" ;; *'runs list'*) echo 34 ;; esac\n";
    for (reason, request, succeeds, expected) in [
        ("IndividualCI", "12", true, "--branch refs/pull/12/merge"),
        (
            "IndividualCI",
            "12",
            true,
            "--run-id 34 --artifact-name reviewed",
        ),
        ("Schedule", "", true, "--run-id 99 --artifact-name reviewed"),
        ("IndividualCI", "", false, "repos pr list"),
    ] {
        let variables = [
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.example/acme/"),
            ("SYSTEM_TEAMPROJECT", "infra"),
            ("BUILD_REPOSITORY_ID", "r"),
            ("BUILD_SOURCEVERSION", "def"),
            ("BUILD_BUILDID", "99"),
            ("BUILD_REASON", reason),
            ("SYSTEM_DEFINITIONID", "1"),
            ("SYSTEM_ACCESSTOKEN", "t"),
            ("REQUEST", request),
        ];
        let ran = Services::new("az", az)?.run(&azure, &variables)?;
        assert_eq!(ran.succeeded, succeeds, "{ran:?}");
        assert!(ran.calls.contains(expected), "{ran:?}");
        assert!(
            succeeds || !ran.calls.contains("artifact download"),
            "{ran:?}"
        );
    }
    Ok(())
}
