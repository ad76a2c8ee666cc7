//! The parts of the control plane and their command lines.

use std::path::Path;
use std::process::Command;

use super::certificates::{CONTROLLERS, KWOK, SCHEDULER};
use super::layout::Layout;

/// A program within the one program.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Etcd,
    ApiServer,
    ControllerManager,
    Scheduler,
    Kwok,
}

/// Without these the controllers wait for their own rate limit (20 requests a second) during any roll-out.
const FAST: [&str; 2] = ["--kube-api-qps=500", "--kube-api-burst=1000"];

impl Part {
    pub const ALL: [Part; 5] = [
        Part::Etcd,
        Part::ApiServer,
        Part::ControllerManager,
        Part::Scheduler,
        Part::Kwok,
    ];

    /// The first argument of the one program, and the name of the process in ledger and logs.
    pub fn name(self) -> &'static str {
        match self {
            Part::Etcd => "etcd",
            Part::ApiServer => "kube-apiserver",
            Part::ControllerManager => "kube-controller-manager",
            Part::Scheduler => "kube-scheduler",
            Part::Kwok => "kwok",
        }
    }

    pub fn command(self, layout: &Layout) -> Command {
        let mut command = Command::new(&layout.program);
        // The parts read no configuration of the user: kwok would, from its home.
        command
            .arg(self.name())
            .current_dir(&layout.folder)
            .env("HOME", &layout.folder)
            .env_remove("KUBECONFIG");
        match self {
            Part::Etcd => etcd(&mut command, layout),
            Part::ApiServer => api_server(&mut command, layout),
            Part::ControllerManager => controller_manager(&mut command, layout),
            Part::Scheduler => scheduler(&mut command, layout),
            Part::Kwok => kwok(&mut command, layout),
        }
        command
    }
}

fn etcd(command: &mut Command, layout: &Layout) {
    let client = format!("http://127.0.0.1:{}", layout.ports.etcd);
    let peer = format!("http://127.0.0.1:{}", layout.ports.etcd_peer);
    flags(
        command,
        &["--name=seedling", "--unsafe-no-fsync", "--log-level=warn"],
    );
    path(command, "--data-dir", &layout.data);
    for (flag, url) in [
        ("--listen-client-urls", &client),
        ("--advertise-client-urls", &client),
        ("--listen-peer-urls", &peer),
        ("--initial-advertise-peer-urls", &peer),
    ] {
        command.arg(format!("{flag}={url}"));
    }
    command.arg(format!("--initial-cluster=seedling={peer}"));
}

fn api_server(command: &mut Command, layout: &Layout) {
    flags(
        command,
        &[
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            // Nodes of kwok have no name that resolves.
            "--kubelet-preferred-address-types=InternalIP",
        ],
    );
    command.arg(format!(
        "--etcd-servers=http://127.0.0.1:{}",
        layout.ports.etcd
    ));
    command.arg(format!("--secure-port={}", layout.ports.api));
    for (flag, file) in [
        ("--tls-cert-file", "server.crt"),
        ("--tls-private-key-file", "server.key"),
        ("--client-ca-file", "ca.crt"),
        ("--cert-dir", "apiserver"),
        ("--service-account-key-file", "service-accounts.pub"),
        ("--service-account-signing-key-file", "service-accounts.key"),
        ("--kubelet-client-certificate", "admin.crt"),
        ("--kubelet-client-key", "admin.key"),
        ("--kubelet-certificate-authority", "ca.crt"),
    ] {
        path(command, flag, &layout.file(file));
    }
    if let Some(log) = &layout.audit_log {
        path(
            command,
            "--audit-policy-file",
            &layout.file("audit-policy.yaml"),
        );
        path(command, "--audit-log-path", log);
    }
}

fn controller_manager(command: &mut Command, layout: &Layout) {
    component(command, layout, CONTROLLERS, layout.ports.controllers);
    flags(
        command,
        &[
            "--use-service-account-credentials=true",
            "--concurrent-deployment-syncs=10",
            "--concurrent-replicaset-syncs=10",
        ],
    );
    path(
        command,
        "--service-account-private-key-file",
        &layout.file("service-accounts.key"),
    );
    path(command, "--root-ca-file", &layout.file("ca.crt"));
}

fn scheduler(command: &mut Command, layout: &Layout) {
    component(command, layout, SCHEDULER, layout.ports.scheduler);
}

/// What controller manager and scheduler have in common.
fn component(command: &mut Command, layout: &Layout, user: &str, port: u16) {
    let kubeconfig = layout.kubeconfig(user);
    for flag in [
        "--kubeconfig",
        "--authentication-kubeconfig",
        "--authorization-kubeconfig",
    ] {
        path(command, flag, &kubeconfig);
    }
    path(command, "--cert-dir", &layout.file("components"));
    flags(
        command,
        &["--bind-address=127.0.0.1", "--leader-elect=false"],
    );
    command.arg(format!("--secure-port={port}")).args(FAST);
}

fn kwok(command: &mut Command, layout: &Layout) {
    path(command, "--kubeconfig", &layout.kubeconfig(KWOK));
    path(command, "--config", &layout.file("stages.yaml"));
    path(command, "--config", &layout.file("logs.yaml"));
    path(command, "--tls-cert-file", &layout.file("server.crt"));
    path(
        command,
        "--tls-private-key-file",
        &layout.file("server.key"),
    );
    flags(
        command,
        &[
            "--manage-all-nodes=true",
            "--node-lease-duration-seconds=40",
            "--cidr=10.0.0.1/16",
            "--node-ip=127.0.0.1",
        ],
    );
    let port = layout.ports.kwok;
    command
        .arg(format!("--node-port={port}"))
        .arg(format!("--server-address=127.0.0.1:{port}"));
}

fn flags(command: &mut Command, flags: &[&str]) {
    command.args(flags);
}

fn path(command: &mut Command, flag: &str, path: &Path) {
    command.arg(format!("{flag}={}", path.display()));
}
