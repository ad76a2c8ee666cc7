//! A cluster of its own: prints where its kubeconfig is, and serves until it is interrupted.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use seedling_kube_sim::authority::Authority;
use seedling_kube_sim::http::{Listener, Serving};
use seedling_kube_sim::{Cluster, ClusterOptions};

/// A simulated Kubernetes API for any client.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to write the administrator's kubeconfig.
    #[arg(long, default_value = "kube-sim.kubeconfig")]
    kubeconfig: PathBuf,
    /// From which uids and name suffixes come: the same gives the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let arguments = Arguments::parse();
    let authority = Authority::new()?;
    let (certificate, key) = authority.server()?;
    let serving = Serving {
        certificate,
        key,
        client_ca: authority.certificate().to_owned(),
    };
    let listener = Listener::bind(arguments.listen, &serving).await?;
    let config = authority.kubeconfig(listener.address()?, "admin", "system:masters")?;
    std::fs::write(&arguments.kubeconfig, config)?;
    let cluster = Cluster::new(ClusterOptions {
        seed: arguments.seed,
        root_ca: authority.certificate().to_owned(),
        ..ClusterOptions::default()
    });
    let path = std::path::absolute(&arguments.kubeconfig)?;
    writeln!(std::io::stdout(), "export KUBECONFIG={}", path.display())?;
    tokio::select! {
        () = listener.serve(cluster.server().clone()) => {}
        () = cluster.controllers().run() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    for (what, count) in cluster.server().uncovered() {
        writeln!(std::io::stderr(), "{count} × {what}")?;
    }
    Ok(())
}
