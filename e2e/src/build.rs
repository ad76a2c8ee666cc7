//! Programs that the harness starts and that are not this program: built from source on first use, kept in the user's cache folder
//! by the hash of what they are built from.

mod cache;
mod go;
mod manifest;
mod rust;

pub use go::{can_have, go_program};
pub use manifest::BuildError;
pub use rust::{RustBuildError, rust_program};

/// The Go modules of this repository, as folders below its root.
pub struct GoModules {
    /// etcd, the Kubernetes control plane, kwok and kubectl in one program.
    pub control_plane: &'static str,
    /// OpenTofu's command line.
    pub tofu: &'static str,
    /// The linter of GitHub's workflows.
    pub actionlint: &'static str,
}

/// Where the Go modules are.
pub const GO_MODULES: GoModules = GoModules {
    control_plane: "e2e/control-plane",
    tofu: "e2e/tools/tofu",
    actionlint: "e2e/tools/actionlint",
};
