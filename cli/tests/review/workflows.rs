//! The pipelines of `examples/pipelines` as their services will read them: by the linter of GitHub's workflows, every script by the
//! shell, and the scripts that write the comment run against stand-ins of the services.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use seedling_e2e::build::{GO_MODULES, go_program};
use seedling_e2e::progress::Lines;
use serde_yaml_ng::Value;
use tempfile::TempDir;

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

/// Programs that note how they were called and answer from a file.
struct Services {
    folder: TempDir,
}

impl Services {
    /// `answers` is what each program prints when it is asked for comments.
    fn new(program: &str, answers: &str) -> Result<Self, Failed> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("answers"), answers)?;
        std::fs::write(
            folder.path().join("comment.md"),
            "<!-- seedling-review -->\n### new\n",
        )?;
        let fake = folder.path().join(program);
        let script = "#!/bin/bash\nhere=$(dirname \"$0\")\necho \"$*\" >> \"$here/calls\"\ncase \"$*\" in\n\
            *PATCH*|*POST*) case \"$*\" in *@-*) cat >> \"$here/body\";; esac ;;\n\
            *--jq*) while [ \"$1\" != --jq ]; do shift; done; jq -r \"$2\" \"$here/answers\" ;;\n*) cat \"$here/answers\" ;;\nesac\n";
        std::fs::write(&fake, script)?;
        std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

    /// Runs a script with these programs first; gives the calls that wrote something.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Result<String, Failed> {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .envs(variables.iter().copied())
            .output()?;
        assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let calls = std::fs::read_to_string(self.folder.path().join("calls"))?;
        let writes = calls
            .lines()
            .filter(|it| it.contains("PATCH") || it.contains("POST"));
        Ok(writes.collect::<Vec<_>>().join("\n"))
    }
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
        let calls = Services::new("gh", &answers)?.run(&github, &variables)?;
        assert!(calls.contains(expected), "{calls}");
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
        (thread("looks good"), "threads?api-version"),
        (
            thread("<!-- seedling-review -->old"),
            "threads/9/comments/1?api-version",
        ),
    ] {
        let services = Services::new("curl", &format!(r#"{{ "value": [{threads}] }}"#))?;
        let calls = services.run(&azure, &variables)?;
        assert!(calls.contains(expected), "{calls}");
        let body = std::fs::read_to_string(services.folder.path().join("body"))?;
        assert!(body.contains("### new"), "{body}");
    }
    Ok(())
}
