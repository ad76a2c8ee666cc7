//! The process that does what other people's controllers do in a real cluster.
//!
//! Each stand-in is a function from what is there ([`View`]) to what is to be written ([`Write`]). A change of anything that is watched
//! makes all of them look again, so none has a memory that could be wrong; a write that was lost is simply wanted again.

mod addresses;
mod certificates;
mod conditions;
mod gateways;
mod kinds;
mod pods;
pub(super) mod registry;
mod routes;
mod storage;
mod view;
mod watch;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};

use self::view::View;
use self::write::Write;
use crate::backend::{Authority, run_simulator_if_asked};

/// The first argument that makes a program of ours this process.
pub const ARGUMENT: &str = "__stand-ins";

/// The first line of `main` of each program that starts worlds: becomes the stand-ins' process or the simulator's, and ends with it,
/// if that is asked for.
pub fn run_if_asked() {
    run_simulator_if_asked();
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != ARGUMENT) {
        return;
    }
    let folder = arguments.next().map(PathBuf::from).unwrap_or_default();
    let kubeconfig = arguments.next().map(PathBuf::from).unwrap_or_default();
    let code = match run(&folder, &kubeconfig) {
        Ok(()) => 0,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "stand-ins: {error}");
            1
        }
    };
    std::process::exit(code);
}

/// Runs until the world's folder is gone.
fn run(folder: &Path, kubeconfig: &Path) -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::WARN)
        .init();
    let authority = Authority::load(folder)?;
    let text = std::fs::read_to_string(kubeconfig)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut config = kube::Config::from_custom_kubeconfig(
            Kubeconfig::from_yaml(&text)?,
            &KubeConfigOptions::default(),
        )
        .await?;
        config.default_retry = false;
        config.headers.push((
            http::header::USER_AGENT,
            http::HeaderValue::from_static("seedling-stand-ins"),
        ));
        let client = kube::Client::try_from(config)?;
        tokio::select! {
            () = work(client, &authority) => Ok(()),
            () = until_gone(folder) => Ok(()),
            ended = registry::serve(folder) => ended,
        }?;
        Ok(())
    })
}

/// Changes come in crowds: one look for all that come within this time.
const CROWD: Duration = Duration::from_millis(20);
/// Before a refused write is tried again.
const PAUSE: Duration = Duration::from_millis(200);

async fn work(client: kube::Client, authority: &Authority) {
    let watched = watch::start(&client);
    watched.until_complete().await;
    loop {
        let view = watched.view();
        let refused = write::all(&client, wanted(&view, authority)).await;
        if refused {
            tokio::time::sleep(PAUSE).await;
        } else {
            watched.changed().await;
            tokio::time::sleep(CROWD).await;
        }
    }
}

fn wanted(view: &View, authority: &Authority) -> Vec<Write> {
    [
        pods::wanted(view),
        storage::wanted(view),
        addresses::wanted(view),
        gateways::wanted(view),
        routes::wanted(view),
        certificates::requested(view),
        certificates::issued(view, authority),
    ]
    .concat()
}

async fn until_gone(folder: &Path) {
    while folder.exists() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
