//! A cluster that is measured: a process of its own, so that its time and memory are no one else's.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};

/// A cluster that is being started.
pub struct Cluster {
    start: Instant,
    kubeconfig: String,
    /// The cluster itself, where it is one process.
    process: Option<Process>,
}

struct Process {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Cluster {
    /// This program.
    pub fn own() -> Cluster {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kube-sim"));
        command
            .arg("--kubeconfig")
            .arg(folder.path().join("kubeconfig"));
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let kubeconfig = kubeconfig(&mut child);
        Cluster {
            start,
            kubeconfig,
            process: Some(Process {
                child,
                _folder: folder,
            }),
        }
    }

    /// What a command starts.
    pub fn by(command: &str) -> Cluster {
        let start = Instant::now();
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let kubeconfig = kubeconfig(&mut child);
        let status = child.wait().unwrap();
        assert!(status.success(), "{command}: {status}");
        Cluster {
            start,
            kubeconfig,
            process: None,
        }
    }

    /// An administrator's client.
    pub async fn client(&self) -> kube::Client {
        let kubeconfig = Kubeconfig::read_from(&self.kubeconfig).unwrap();
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
        kube::Client::try_from(config.unwrap()).unwrap()
    }

    /// From its start until it says that it is ready.
    pub async fn ready(&self, client: &kube::Client) -> Duration {
        let deadline = Duration::from_mins(2);
        while self.start.elapsed() < deadline {
            let request = http::Request::get("/readyz").body(Body::empty()).unwrap();
            if client
                .send(request)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return self.start.elapsed();
            }
        }
        panic!("not ready within {deadline:?}");
    }

    /// Processor time so far: members 14 and 15 of `/proc/PID/stat`, in hundredths of a second.
    pub fn own_time(&self) -> Option<Duration> {
        let stat = self.proc("stat")?;
        let ticks = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Some(Duration::from_millis(ticks * 10))
    }

    /// The most memory so far, in bytes.
    pub fn most_memory(&self) -> Option<u64> {
        let status = self.proc("status")?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes * 1024)
    }

    fn proc(&self, file: &str) -> Option<String> {
        let id = self.process.as_ref()?.child.id();
        std::fs::read_to_string(format!("/proc/{id}/{file}")).ok()
    }
}

/// The file that a child names on its output.
fn kubeconfig(child: &mut Child) -> String {
    let output = BufReader::new(child.stdout.take().unwrap());
    let named = output.lines().map_while(Result::ok).find_map(|line| {
        let (_, file) = line.split_once("export KUBECONFIG=")?;
        Some(file.trim().trim_matches(['\'', '"']).to_owned())
    });
    named.expect("a line `export KUBECONFIG=FILE`")
}
