//! Stand-ins for the services that pipelines talk to: programs that note how they were called.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use libtest_mimic::Failed;
use tempfile::TempDir;

/// A program of this name that is found first.
pub struct Services {
    folder: TempDir,
}

/// What became of a script.
#[derive(Debug)]
#[allow(dead_code)] // `said` is read where a test fails
pub struct Ran {
    pub succeeded: bool,
    /// One line for each call of the program: its arguments.
    pub calls: String,
    said: String,
}

impl Services {
    /// A program that does what `script` says, after it has noted its arguments.
    pub fn new(program: &str, script: &str) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let comment = "<!-- seedling-review -->\n### new\n";
        std::fs::write(folder.path().join("comment.md"), comment)?;
        let file = folder.path().join(program);
        let note = "#!/bin/bash\nhere=$(dirname \"$0\")\necho \"$*\" >> \"$here/calls\"\n";
        std::fs::write(&file, format!("{note}{script}"))?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

    /// A program that keeps what is sent, and answers every question with this JSON: through the question's own `--jq`, if it
    /// has one.
    pub fn answering(program: &str, json: &str) -> Result<Self, Failed> {
        let script = "case \"$*\" in\n\
            *PATCH*|*POST*) case \"$*\" in *@-*) cat >> \"$here/body\";; esac ;;\n\
            *--jq*) while [ \"$1\" != --jq ]; do shift; done; jq -r \"$2\" \"$here/answers\" ;;\n\
            *) cat \"$here/answers\" ;;\nesac\n";
        let services = Self::new(program, script)?;
        std::fs::write(services.folder.path().join("answers"), json)?;
        Ok(services)
    }

    /// Runs a script as the services do.
    pub fn run(&self, script: &str, variables: &[(&str, &str)]) -> Result<Ran, Failed> {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .envs(variables.iter().copied())
            .output()?;
        let said = [&output.stdout, &output.stderr]
            .map(|it| String::from_utf8_lossy(it).into_owned())
            .concat();
        Ok(Ran {
            succeeded: output.status.success(),
            calls: std::fs::read_to_string(self.folder.path().join("calls"))?,
            said,
        })
    }

    /// Everything that was sent.
    pub fn written(&self) -> Result<String, Failed> {
        Ok(std::fs::read_to_string(self.folder.path().join("body"))?)
    }
}
