//! Where the files and ports of one cluster are.

use std::path::{Path, PathBuf};

use super::super::{BackendError, Options};
use crate::ledger::Ledger;

/// The ports on 127.0.0.1.
pub(super) struct Ports {
    pub etcd: u16,
    pub etcd_peer: u16,
    pub api: u16,
    pub controllers: u16,
    pub scheduler: u16,
    pub kwok: u16,
}

/// The files.
pub(super) struct Layout {
    /// The one program of all parts.
    pub program: PathBuf,
    pub ports: Ports,
    pub folder: PathBuf,
    /// etcd's data, in memory where that is possible.
    pub data: PathBuf,
    pub audit_log: Option<PathBuf>,
}

/// A policy that notes who asked for what and what the answer was.
const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}"#;

/// How pods and nodes move on.
const STAGES: [&str; 6] = [
    include_str!("../../../control-plane/stages/node.yaml"),
    include_str!("../../../control-plane/stages/pod.yaml"),
    include_str!("../../../control-plane/stages/pod-config.yaml"),
    include_str!("../../../control-plane/stages/pod-crash.yaml"),
    include_str!("../../../control-plane/stages/pod-image.yaml"),
    include_str!("../../../control-plane/stages/pod-unready.yaml"),
];

/// What every container has said, in the format of the container runtime interface.
const CONTAINER_LOG: &str = "\
2026-01-01T00:00:00.000000000Z stdout F starting
2026-01-01T00:00:00.100000000Z stderr F these lines are the same for every pod: no container runs on this node
";

impl Layout {
    /// Makes the folders (again: a second try finds those of the first) and finds free ports.
    pub fn new(
        program: PathBuf,
        ledger: &Ledger,
        options: &Options,
    ) -> Result<Layout, BackendError> {
        let name = format!("seedling-{}", ledger.id());
        let folder = std::env::temp_dir().join(&name);
        let ports = Ports::free().map_err(BackendError::io(Path::new("127.0.0.1")))?;
        let data = memory()
            .unwrap_or_else(std::env::temp_dir)
            .join(format!("{name}-etcd-{}", ports.etcd));
        for folder in [&folder, &folder.join("logs"), &data] {
            ledger.folder(folder)?;
        }
        let audit_log = options.audit.then(|| folder.join("audit.log"));
        let layout = Layout {
            program,
            ports,
            folder,
            data,
            audit_log,
        };
        layout.write("audit-policy.yaml", AUDIT_POLICY)?;
        layout.write("stages.yaml", &STAGES.join("\n---\n"))?;
        layout.write("container.log", CONTAINER_LOG)?;
        layout.write("logs.yaml", &layout.logs_of_containers())?;
        Ok(layout)
    }

    /// Which file kwok answers with when somebody asks for a container's log, also of its run before.
    fn logs_of_containers(&self) -> String {
        let log = self.file("container.log");
        let spec = serde_json::json!({ "logs": [{ "logsFile": log, "previousLogsFile": log }] });
        let object = serde_json::json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "ClusterLogs", "metadata": { "name": "every-pod" }, "spec": spec,
        });
        object.to_string()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn kubeconfig(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.kubeconfig"))
    }

    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    pub fn write(&self, name: &str, content: &str) -> Result<(), BackendError> {
        let path = self.file(name);
        std::fs::write(&path, content).map_err(BackendError::io(&path))
    }
}

/// A file system in memory with room for etcd: it writes each change to the disk otherwise.
fn memory() -> Option<PathBuf> {
    let path = PathBuf::from("/dev/shm");
    let space = nix::sys::statvfs::statvfs(&path).ok()?;
    let free = space
        .blocks_available()
        .saturating_mul(space.fragment_size());
    (free > 512 << 20 && nix::unistd::access(&path, nix::unistd::AccessFlags::W_OK).is_ok())
        .then_some(path)
}
