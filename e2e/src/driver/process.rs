//! Runs one command: output into a log as it comes, a deadline, and Ctrl-C passed on once.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use super::{DriverError, Interrupt};

/// How long a command may take to end by itself once it was interrupted.
const GRACE: Duration = Duration::from_mins(1);

/// A command that has ended, however it ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// As it could be typed.
    pub command: String,
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error: where both command lines write errors.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Finished {
    /// The error of a command that should have succeeded.
    pub fn failed(&self) -> DriverError {
        let spoken = if self.stderr.trim().is_empty() {
            &self.stdout
        } else {
            &self.stderr
        };
        DriverError::Failed {
            command: self.command.clone(),
            code: self.code,
            diagnostics: spoken.trim().to_owned(),
        }
    }

    /// This command, or its error unless it ended with exit code 0.
    pub fn succeeded(self) -> Result<Self, DriverError> {
        if self.code == Some(0) {
            Ok(self)
        } else {
            Err(self.failed())
        }
    }
}

/// What a command is run under.
pub struct Conditions<'a> {
    /// As it could be typed, for messages.
    pub shown: String,
    /// The file that gets all output, line by line.
    pub log: &'a Path,
    /// When it must have ended.
    pub until: Instant,
    /// The user's Ctrl-C.
    pub interrupt: &'a Interrupt,
}

enum Line {
    Out(String),
    Err(String),
}

/// Runs a command to its end. It gets a process group of its own, so that a Ctrl-C on the terminal reaches it
/// through us exactly once: a second one makes Terraform abandon its state.
pub async fn run(
    mut command: Command,
    conditions: Conditions<'_>,
) -> Result<Finished, DriverError> {
    let Conditions {
        shown,
        log,
        until,
        interrupt,
    } = conditions;
    if interrupt.is_pressed() {
        return Err(DriverError::Interrupted);
    }
    let start = Instant::now();
    let path = command.as_std().get_program().to_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|source| DriverError::CliMissing {
        path: path.into(),
        source,
    })?;
    let (sender, mut lines) = mpsc::channel(64);
    forward(child.stdout.take(), sender.clone(), Line::Out);
    forward(child.stderr.take(), sender, Line::Err);

    let mut output = Output::open(log, &shown)?;
    let ending = tokio::select! {
        result = output.collect(&mut lines) => result.map(|()| None),
        () = tokio::time::sleep_until(until.into()) => Ok(Some(DriverError::Deadline {
            command: shown.clone(), waited: start.elapsed(), last: String::new(),
        })),
        () = interrupt.pressed(1) => Ok(Some(DriverError::Interrupted)),
    };
    // A log that cannot be written (a full disk) ends the command as properly as a deadline does.
    let reason = ending.unwrap_or_else(Some);
    if reason.is_some() {
        stop(&mut child, &mut output, &mut lines, interrupt).await;
    }
    let status = child.wait().await.map_err(DriverError::file(log))?;
    match reason {
        Some(DriverError::Deadline {
            command, waited, ..
        }) => Err(DriverError::Deadline {
            command,
            waited,
            last: output.last(),
        }),
        Some(other) => Err(other),
        None => Ok(Finished {
            command: shown,
            code: status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
            took: start.elapsed(),
        }),
    }
}

/// Interrupts the command and waits; a second Ctrl-C, or time, kills it with everything it started.
async fn stop(
    child: &mut Child,
    output: &mut Output,
    lines: &mut mpsc::Receiver<Line>,
    interrupt: &Interrupt,
) {
    let Some(pid) = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .map(Pid::from_raw)
    else {
        return;
    };
    // Its end may have come between our look and the signal: nothing to do then.
    let _ = kill(pid, Signal::SIGINT);
    let ended = async {
        let _ = output.collect(lines).await;
        let _ = child.wait().await;
    };
    tokio::select! {
        () = ended => {}
        () = tokio::time::sleep(GRACE) => { let _ = killpg(pid, Signal::SIGKILL); }
        () = interrupt.pressed(2) => { let _ = killpg(pid, Signal::SIGKILL); }
    }
}

fn forward<R>(stream: Option<R>, sender: mpsc::Sender<Line>, wrap: fn(String) -> Line)
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let Some(stream) = stream else { return };
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if sender.send(wrap(line)).await.is_err() {
                return;
            }
        }
    });
}

struct Output {
    log: std::fs::File,
    path: std::path::PathBuf,
    stdout: String,
    stderr: String,
}

impl Output {
    fn open(path: &Path, shown: &str) -> Result<Self, DriverError> {
        let mut log = std::fs::File::create(path).map_err(DriverError::file(path))?;
        writeln!(log, "$ {shown}").map_err(DriverError::file(path))?;
        Ok(Self {
            log,
            path: path.into(),
            stdout: String::new(),
            stderr: String::new(),
        })
    }

    async fn collect(&mut self, lines: &mut mpsc::Receiver<Line>) -> Result<(), DriverError> {
        while let Some(line) = lines.recv().await {
            let (line, text) = match line {
                Line::Out(line) => (line, &mut self.stdout),
                Line::Err(line) => (line, &mut self.stderr),
            };
            text.push_str(&line);
            text.push('\n');
            writeln!(self.log, "{line}").map_err(DriverError::file(&self.path))?;
        }
        Ok(())
    }

    fn last(&self) -> String {
        let mut lines = self.stdout.lines().chain(self.stderr.lines());
        lines
            .rfind(|line| !line.trim().is_empty())
            .unwrap_or("(none)")
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions<'a>(log: &'a Path, interrupt: &'a Interrupt, limit: Duration) -> Conditions<'a> {
        Conditions {
            shown: "sh".into(),
            log,
            until: Instant::now() + limit,
            interrupt,
        }
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn output_and_exit_code_are_kept() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let (_sender, interrupt) = Interrupt::manual();
        let command = shell("echo out; echo err >&2; exit 3");
        let done = run(
            command,
            conditions(log.path(), &interrupt, Duration::from_secs(20)),
        )
        .await
        .unwrap();
        assert_eq!(
            (done.code, done.stdout.as_str(), done.stderr.as_str()),
            (Some(3), "out\n", "err\n")
        );
        assert!(
            std::fs::read_to_string(log.path())
                .unwrap()
                .contains("out\n")
        );
        assert!(done.failed().to_string().contains("exit code 3"));
    }

    #[tokio::test]
    async fn a_deadline_interrupts_and_tells_the_last_words() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let (_sender, interrupt) = Interrupt::manual();
        let command = shell(
            "trap 'echo ended properly; exit 1' INT; echo begun; while :; do sleep 0.05; done",
        );
        let error = run(
            command,
            conditions(log.path(), &interrupt, Duration::from_millis(300)),
        )
        .await
        .unwrap_err();
        assert!(
            matches!(&error, DriverError::Deadline { last, .. } if last == "ended properly"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn ctrl_c_is_passed_on_once_and_the_second_kills() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let (sender, interrupt) = Interrupt::manual();
        let command = shell("trap 'echo caught' INT; echo begun; while :; do sleep 0.05; done");
        let until = conditions(log.path(), &interrupt, Duration::from_secs(30));
        let presses = async {
            crate_wait_for(log.path(), "begun").await;
            sender.send_replace(1);
            crate_wait_for(log.path(), "caught").await;
            sender.send_replace(2);
        };
        let (result, ()) = tokio::join!(run(command, until), presses);
        assert!(matches!(result, Err(DriverError::Interrupted)));
        let text = std::fs::read_to_string(log.path()).unwrap();
        assert_eq!(text.matches("caught").count(), 1, "{text}");
    }

    async fn crate_wait_for(log: &Path, word: &str) {
        let seen = || {
            std::fs::read_to_string(log)
                .unwrap_or_default()
                .lines()
                .any(|l| l == word)
        };
        for _ in 0..400 {
            if seen() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("never saw {word:?} in {}", log.display());
    }
}
