//! The provider as a child process.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What every core sets.
pub const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// No step of a test takes longer.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Waits until something holds; says what it waited for if it never does.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < DEADLINE,
            "{what}: not within {DEADLINE:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// This program under a provider's name.
pub fn link_provider(folder: &Path) -> PathBuf {
    let link = folder.join("terraform-provider-demo");
    std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &link).unwrap();
    link
}

/// A running provider; killed when dropped.
pub struct Plugin {
    pub child: Child,
    /// The first line of its output.
    pub line: String,
    output: BufReader<ChildStdout>,
    /// Its temporary folder.
    pub folder: TempDir,
}

impl Plugin {
    /// Starts one with these variables and reads its first line.
    pub fn start(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("t").tempdir().unwrap();
        let mut command = command(&folder, variables, arguments);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        Self {
            child,
            line: line.trim_end().to_owned(),
            output,
            folder,
        }
    }

    /// The fields of the handshake line.
    pub fn fields(&self) -> Vec<&str> {
        self.line.split('|').collect()
    }

    /// Reads its output up to a line.
    pub fn lines_until(&mut self, last: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|line| last(line)) {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "{lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        until("the provider's end", || self.child.try_wait().unwrap())
    }

    /// What it wrote to standard error, up to its end.
    pub fn errors(&mut self) -> String {
        let mut text = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    /// Its sockets' folders.
    pub fn sockets(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The command that starts a provider: an environment of its own, a folder of its own.
pub fn command(folder: &TempDir, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(link_provider(folder.path()));
    command
        .args(arguments)
        .env_clear()
        .env("TMPDIR", folder.path())
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
