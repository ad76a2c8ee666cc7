//! Processes, named so that another process with the same pid is not taken for them.

use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// A process: its pid, and when it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProcessId {
    /// The number that the operating system uses, and uses again.
    pub pid: u32,
    /// The start time in the operating system's own unit; 0 when it was gone already.
    pub start: u64,
}

impl ProcessId {
    /// The process that has the pid now.
    pub fn of(pid: u32) -> ProcessId {
        ProcessId {
            pid,
            start: start_time(pid).unwrap_or(0),
        }
    }

    /// Whether it is running; one that has ended and was not waited for is not.
    pub fn is_alive(self) -> bool {
        start_time(self.pid) == Some(self.start)
    }

    /// The file that it runs; none where the operating system does not tell (it does on Linux).
    pub fn program(self) -> Option<PathBuf> {
        std::fs::read_link(format!("/proc/{}/exe", self.pid))
            .ok()
            .filter(|_| self.is_alive())
    }

    /// SIGKILL for it and its process group, if it is still the same process.
    pub fn kill(self) {
        let Ok(pid) = i32::try_from(self.pid) else {
            return;
        };
        if self.is_alive() {
            // It may end between the look and the signal: then there is nothing left to do.
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// All processes of this user that were started with the variable set to the value. Empty where the operating system does not show
/// the environment of a process (it does on Linux).
pub fn with_environment(variable: &str, value: &str) -> Vec<ProcessId> {
    let wanted = format!("{variable}={value}");
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let has_it = |folder: &Path| {
        std::fs::read(folder.join("environ")).is_ok_and(|all| {
            all.split(|byte| *byte == 0)
                .any(|one| one == wanted.as_bytes())
        })
    };
    processes
        .flatten()
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .parse()
                .ok()
                .map(|pid| (pid, entry.path()))
        })
        .filter(|(_, folder)| has_it(folder))
        .map(|(pid, _)| ProcessId::of(pid))
        .filter(|process| process.is_alive())
        .collect()
}

/// When a running process was started; none if there is no such process or it has ended.
fn start_time(pid: u32) -> Option<u64> {
    if !Path::new("/proc/self/stat").exists() {
        return start_time_by_ps(pid);
    }
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // proc(5): the name in parentheses may hold anything; behind it come state (field 3) up to starttime (field 22).
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let start = fields.nth(18)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(start)
}

fn start_time_by_ps(pid: u32) -> Option<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let output = std::process::Command::new("ps")
        .args(["-o", "stat=,lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (state, start) = text.trim().split_once(' ')?;
    let mut hash = DefaultHasher::new();
    start.trim().hash(&mut hash);
    (!state.starts_with('Z')).then(|| hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_of_the_same_pid_is_another_process() {
        let own = ProcessId::of(std::process::id());
        assert!(own.is_alive());
        assert!(
            !ProcessId {
                start: own.start + 1,
                ..own
            }
            .is_alive()
        );
    }

    #[test]
    fn a_zombie_is_not_alive() {
        let mut child = std::process::Command::new("sleep")
            .arg("300")
            .spawn()
            .unwrap();
        let process = ProcessId::of(child.id());
        process.kill();
        while process.is_alive() {
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
}
