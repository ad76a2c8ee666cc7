//! A simulated Azure of its own: prints how clients reach it, and serves until it is interrupted.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use seedling_azure_sim::authority::Authority;
use seedling_azure_sim::clock::{Clock, RunningClock, SteppedClock};
use seedling_azure_sim::http::Listener;
use seedling_azure_sim::settings::Settings;
use seedling_azure_sim::store::{Seed, World};
use seedling_azure_sim::{Simulator, settings};
use time::OffsetDateTime;

/// A simulated Azure for any client.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to write the certificate that clients have to trust.
    #[arg(long, default_value = "azure-sim.pem")]
    authority: PathBuf,
    /// What is there, as an earlier run saved it; written again when the program ends.
    #[arg(long)]
    state: Option<PathBuf>,
    /// How long things take, as JSON; without it as long as they take in Azure.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Everything takes a second, and nothing is throttled.
    #[arg(long, conflicts_with = "settings")]
    fast: bool,
    /// Time stands until `POST /_simulator/step`.
    #[arg(long)]
    stepped: bool,
    /// From which ids come: the same gives the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let arguments = Arguments::parse();
    let authority = Authority::new()?;
    std::fs::write(&arguments.authority, authority.certificate())?;
    let listener = Listener::bind(arguments.listen, &authority).await?;
    let seed = Seed {
        number: arguments.seed,
        ..Seed::default()
    };
    let clock: Arc<dyn Clock> = if arguments.stepped {
        Arc::new(SteppedClock::at(OffsetDateTime::now_utc()))
    } else {
        Arc::new(RunningClock)
    };
    let settings = read_settings(&arguments)?;
    let world = match arguments.state.as_ref().filter(|path| path.exists()) {
        Some(path) => serde_json::from_slice(&std::fs::read(path)?)?,
        None => World::new(&seed, clock.now()),
    };
    let simulator = Simulator::new(world, settings, clock, authority, listener.url()?)?;
    announce(&simulator, &arguments, &seed)?;
    tokio::select! {
        () = listener.serve(simulator.clone()) => {}
        () = simulator.clone().run() => {}
        result = stopped() => result?,
    }
    if let Some(path) = &arguments.state {
        std::fs::write(path, simulator.save().to_string())?;
    }
    Ok(())
}

async fn stopped() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

fn read_settings(arguments: &Arguments) -> Result<Settings, Failure> {
    match &arguments.settings {
        Some(path) => Ok(serde_json::from_slice(&std::fs::read(path)?)?),
        None if arguments.fast => Ok(settings::Settings::fast()),
        None => Ok(Settings::default()),
    }
}

/// As lines for a shell; the last one says that it is ready.
fn announce(simulator: &Simulator, arguments: &Arguments, seed: &Seed) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let authority = std::path::absolute(&arguments.authority)?;
    writeln!(out, "export AZURE_SIM={}", simulator.base())?;
    writeln!(out, "export AZURE_SIM_CA={}", authority.display())?;
    writeln!(out, "export ARM_TENANT_ID={}", seed.tenant)?;
    writeln!(out, "export ARM_SUBSCRIPTION_ID={}", seed.subscription)?;
    writeln!(out, "export ARM_CLIENT_ID={}", seed.client_id)?;
    writeln!(out, "export ARM_CLIENT_SECRET={}", seed.client_secret)?;
    writeln!(out, "# ready")?;
    out.flush()
}
