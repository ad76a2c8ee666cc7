//! A real command line on a configuration in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::process::link_provider;

/// The command lines that are supported, and what would bring a missing one.
pub const COMMAND_LINES: [(&str, &str); 2] = [
    ("terraform", "install Terraform 1.11 or newer"),
    ("tofu", "install OpenTofu 1.11 or newer"),
];

/// The command line's path, if it is installed.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether the command line knows identities of resources: since 1.12, both of them.
pub fn knows_identities(program: &Path) -> bool {
    let version = Command::new(program)
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    let minor = text
        .split_once(" v1.")
        .and_then(|(_, rest)| rest.split('.').next()?.parse::<u32>().ok());
    minor.unwrap_or_else(|| panic!("no version in {text:?}")) >= 12
}

/// A configuration, its things, and nothing of the user's.
pub struct Workspace {
    program: PathBuf,
    root: TempDir,
    variables: Vec<(String, String)>,
}

impl Workspace {
    /// An empty configuration. The provider under test is put in for both default registries.
    pub fn new(program: &Path) -> Self {
        let root = tempfile::Builder::new().prefix("t").tempdir().unwrap();
        for folder in ["bin", "config", "things", "things/other"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        link_provider(&root.path().join("bin"));
        let bin = root.path().join("bin").display().to_string();
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"registry.terraform.io/acme/demo\" = {bin:?}\n    \
             \"registry.opentofu.org/acme/demo\" = {bin:?}\n  }}\n}}\n"
        );
        std::fs::write(root.path().join("settings.tfrc"), settings).unwrap();
        Self {
            program: program.to_owned(),
            root,
            variables: Vec::new(),
        }
    }

    /// Where the things are.
    pub fn things(&self) -> PathBuf {
        self.root.path().join("things")
    }

    /// A file among the things.
    pub fn thing(&self, name: &str) -> PathBuf {
        self.things().join(name)
    }

    /// Sets a variable for the following commands.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Replaces the configuration; the provider is required and configured already.
    pub fn configure(&self, body: &str) {
        let provider = format!(
            "provider \"demo\" {{\n  folder = {:?}\n}}\n",
            self.things().display().to_string()
        );
        self.configure_all(&(provider + body));
    }

    /// Replaces the configuration, provider block included.
    pub fn configure_all(&self, body: &str) {
        let required =
            "terraform {\n  required_providers {\n    demo = { source = \"acme/demo\" }\n  }\n}\n";
        std::fs::write(
            self.root.path().join("config/main.tf"),
            format!("{required}{body}"),
        )
        .unwrap();
    }

    /// The stored state, as text.
    pub fn state(&self) -> String {
        std::fs::read_to_string(self.root.path().join("config/terraform.tfstate"))
            .unwrap_or_default()
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Child {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(self.root.path().join("config"))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.root.path())
            .env("TMPDIR", self.root.path())
            .env("TF_CLI_CONFIG_FILE", self.root.path().join("settings.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs a command; returns its exit code and everything it said.
    pub fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        said(&self.start(arguments).wait_with_output().unwrap())
    }

    /// Runs a command that must succeed; returns everything it said.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}\n{said}");
        said
    }

    /// Applies.
    pub fn apply(&self) -> String {
        self.succeed(&["apply", "-auto-approve", "-no-color"])
    }

    /// Plans; there must be nothing to do.
    pub fn assert_no_changes(&self) {
        let (code, said) = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        assert_eq!(code, Some(0), "{said}");
    }

    /// An output's value, as JSON.
    pub fn output(&self, name: &str) -> String {
        self.succeed(&["output", "-json", name]).trim().to_owned()
    }
}

/// What a command said on both channels.
pub fn said(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr[..]]
        .map(String::from_utf8_lossy)
        .concat();
    (output.status.code(), text)
}
