//! The Python environment with the clients, made once and kept in the user's cache folder under the digest of its requirements.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// A Python with the clients.
pub struct Python(PathBuf);

/// Whether the user has said that a missing Python is a failure (`SEEDLING_REQUIRE=az,…`).
pub fn is_required() -> bool {
    std::env::var("SEEDLING_REQUIRE")
        .is_ok_and(|list| list.split(',').any(|name| name.trim() == "az"))
}

impl Python {
    /// The environment, made if it is not there; else what is missing, and what would help. Tried once for all tests.
    pub fn have() -> Result<Python, String> {
        static TRIED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        TRIED
            .get_or_init(|| Python::made().map(|python| python.0))
            .clone()
            .map(Python)
    }

    fn made() -> Result<Python, String> {
        let missing = |what: String| {
            format!(
                "az is not available here: {what}; to enable it, install Python 3.10 or newer with venv and pip"
            )
        };
        let digest = Sha256::digest(REQUIREMENTS);
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        let name = format!("{number:016x}");
        let folder = cache().map_err(missing)?.join("seedling/python").join(name);
        let python = folder.join("bin/python");
        let ready = folder.join(".ready");
        std::fs::create_dir_all(&folder)
            .map_err(|error| missing(format!("{}: {error}", folder.display())))?;
        let lock =
            File::create(folder.join(".lock")).map_err(|error| missing(error.to_string()))?;
        lock.lock().map_err(|error| missing(error.to_string()))?;
        if !ready.exists() {
            make(&folder, &python).map_err(missing)?;
            std::fs::write(&ready, "").map_err(|error| missing(error.to_string()))?;
        }
        Ok(Python(python))
    }

    /// A program in it, with nothing of the user's own settings.
    pub fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        // Whatever is not for this machine goes to a proxy that is not there.
        command
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .env("NO_PROXY", "localhost,127.0.0.1");
        command
    }
}

fn cache() -> Result<PathBuf, String> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = || absolute("HOME").map(|home| home.join(".cache"));
    absolute("XDG_CACHE_HOME")
        .or_else(home)
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME is set to an absolute path".to_owned())
}

fn make(folder: &Path, python: &Path) -> Result<(), String> {
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, REQUIREMENTS).map_err(|error| error.to_string())?;
    told(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(folder),
    )?;
    std::fs::write(&requirements, REQUIREMENTS).map_err(|error| error.to_string())?;
    told(
        Command::new(python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ])
            .arg(&requirements),
    )
}

fn told(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let end: Vec<&str> = text.lines().rev().take(5).collect();
    Err(format!(
        "{command:?} failed: {}",
        end.into_iter().rev().collect::<Vec<_>>().join(" | ")
    ))
}

/// How long one command of a client may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(5);

/// Runs to the end, or to the end of patience.
pub fn output(command: &mut Command) -> Result<Output, String> {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let id = child.id();
    let (done, end) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if end
            .recv_timeout(PATIENCE)
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            let _ = Command::new("kill").arg(id.to_string()).status();
        }
    });
    let since = Instant::now();
    let output = child.wait_with_output().map_err(|error| error.to_string());
    let _ = done.send(());
    let _ = watch.join();
    if since.elapsed() > PATIENCE {
        return Err(format!("{command:?} did not end within {PATIENCE:?}"));
    }
    output
}
