//! How much a cluster bears: 500 services of seven objects each are applied, rolled once and listed.
//!
//! `cargo bench -p seedling-kube-sim --bench scale` measures this program, `-- --against COMMAND` another cluster beside it: the command
//! starts it and prints `export KUBECONFIG=FILE`, as this program does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a measurement that cannot go on has failed
#![allow(clippy::cast_precision_loss)] // figures for people to read

mod cluster;
mod objects;
mod work;

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Parser;

use cluster::Cluster;
use work::Figures;

#[derive(Parser)]
struct Arguments {
    /// How many services.
    #[arg(long, default_value_t = 500)]
    services: usize,
    /// A command that starts another cluster, does not wait for its end, and prints `export KUBECONFIG=FILE`.
    #[arg(long)]
    against: Option<String>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let own = measured(Cluster::own(), arguments.services).await;
    let other = match &arguments.against {
        Some(command) => Some(measured(Cluster::by(command), arguments.services).await),
        None => None,
    };
    let profile = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    let text = table(profile, arguments.services, &own, other.as_ref());
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}

async fn measured(cluster: Cluster, services: usize) -> Figures {
    let client = cluster.client().await;
    let ready = cluster.ready(&client).await;
    let mut figures = Figures {
        ready,
        ..Figures::default()
    };
    work::furnish(&client).await;
    let before = cluster.own_time();
    figures.apply = work::apply(&client, services, 1).await;
    figures.roll = work::apply(&client, services, 2).await;
    figures.own = before
        .zip(cluster.own_time())
        .map(|(before, after)| after.saturating_sub(before));
    figures.list = work::list(&client, services).await;
    figures.memory = cluster.most_memory();
    figures
}

/// One line for each figure; a ratio says how many times longer the other cluster takes.
fn table(profile: &str, services: usize, own: &Figures, other: Option<&Figures>) -> String {
    let objects = services * objects::KINDS;
    let mut text =
        format!("{services} services, {objects} objects; kube-sim in the {profile} profile\n");
    let lines = own.lines(objects).into_iter().enumerate();
    for (index, (what, own)) in lines {
        let other = other.and_then(|other| other.lines(objects)[index].1);
        let _ = write!(text, "{what:<34}{}", shown(own));
        if let (Some(own), Some(other)) = (own, other) {
            let ratio = other.0 / own.0;
            let _ = write!(text, "{}  {ratio:.1} times", shown(Some(other)));
        }
        text.push('\n');
    }
    text
}

fn shown(figure: Option<(f64, &str)>) -> String {
    match figure {
        Some((amount, unit)) => format!("{amount:>10.2} {unit:<3}"),
        None => format!("{:>14}", "?"),
    }
}
