//! What a machine can do, and what would enable the rest: asked by tests before they run and by `seedling doctor`.

use std::path::PathBuf;

use crate::build::{self, GO_MODULES};

/// Something that a backend or a test needs from the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The control plane of the `process` backend: built before, or buildable.
    Process,
    /// HashiCorp's command line.
    Terraform,
    /// OpenTofu's command line: installed, built before, or buildable.
    Tofu,
    /// The Kubernetes command line.
    Kubectl,
    /// A container engine, and kind.
    Kind,
    /// A real image registry, for tests.
    Registry,
    /// The linter of GitHub's workflows, for tests: built before, or buildable.
    Actionlint,
}

/// A need that this machine does not meet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not available here: {missing}; to enable it, {enable}", need.name())]
pub struct Missing {
    /// Which need.
    pub need: Need,
    /// What was looked for and not found.
    pub missing: String,
    /// What the user can do about it.
    pub enable: String,
}

/// The variable with the needs (comma-separated names) whose absence is a failure and not a reason to skip.
pub const REQUIRE: &str = "SEEDLING_REQUIRE";

impl Need {
    /// Those that decide what a user can run, in the order in which a report shows them.
    pub const ALL: [Need; 5] = [
        Need::Process,
        Need::Terraform,
        Need::Tofu,
        Need::Kubectl,
        Need::Kind,
    ];

    /// The name by which users and [`REQUIRE`] know it.
    pub fn name(self) -> &'static str {
        match self {
            Need::Process => "process",
            Need::Terraform => "terraform",
            Need::Tofu => "tofu",
            Need::Kubectl => "kubectl",
            Need::Kind => "kind",
            Need::Registry => "registry",
            Need::Actionlint => "actionlint",
        }
    }

    /// Whether the machine meets it. Looks only; builds and starts nothing.
    pub fn check(self) -> Result<(), Missing> {
        match self {
            Need::Process => self.buildable(GO_MODULES.control_plane),
            Need::Tofu if find_program("tofu").is_some() => Ok(()),
            Need::Tofu => self.buildable(GO_MODULES.tofu),
            Need::Actionlint => self.buildable(GO_MODULES.actionlint),
            Need::Registry => self.program("docker-registry", "install the registry that OCI's distribution project makes, in Debian: apt-get install docker-registry"),
            Need::Terraform => self.program("terraform", "install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install"),
            Need::Kubectl => self.program("kubectl", "install kubectl: https://kubernetes.io/docs/tasks/tools"),
            Need::Kind => self
                .program("docker", "install a container engine: https://docs.docker.com/engine/install")
                .and_then(|()| self.program("kind", "install kind: https://kind.sigs.k8s.io")),
        }
    }

    /// Whether the user has said that its absence is a failure.
    pub fn is_required(self) -> bool {
        std::env::var(REQUIRE)
            .is_ok_and(|list| list.split(',').any(|name| name.trim() == self.name()))
    }

    fn program(self, name: &str, enable: &str) -> Result<(), Missing> {
        match find_program(name) {
            Some(_) => Ok(()),
            None => Err(Missing {
                need: self,
                missing: format!("no program `{name}` in PATH"),
                enable: enable.to_owned(),
            }),
        }
    }

    fn buildable(self, module: &str) -> Result<(), Missing> {
        build::can_have(module).map_err(|error| Missing {
            need: self,
            missing: error.to_string(),
            enable: error.what_helps().to_owned(),
        })
    }
}

/// The first executable file of that name in PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let executable = |path: &PathBuf| {
        path.metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(executable)
}
