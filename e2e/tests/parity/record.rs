//! What a run of the standard proof and of kubectl meets at the real server, and the recordings of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::driver::Interrupt;
use seedling_e2e::ledger;
use seedling_e2e::progress::Lines;
use seedling_e2e::proof::{Request, launch};
use seedling_e2e::report::Live;
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};
use seedling_e2e::world::World;
use serde_json::Value;

use crate::coverage::{self, Used};
use crate::exchange::{self, Recording, Sender};
use crate::{documents, kubectl};

/// Set to write the recordings instead of comparing with them; to the name of one scenario to record that alone.
const RECORD: &str = "SEEDLING_RECORD";
/// The index of what is used.
const USED: &str = "used.json";
/// Controllers finish what a request began.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(150);

pub fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process, Need::Kubectl, Need::Terraform];
    vec![trial(
        "what_a_run_of_the_startup_stack_uses_is_recorded",
        NEEDS,
        || block_on(run()),
    )]
}

async fn run() -> Result<(), Failed> {
    let record = std::env::var(RECORD).ok();
    let all = exchange::all();
    let is_named = |(path, _): &(PathBuf, Recording)| {
        path.file_stem().and_then(|name| name.to_str()) == record.as_deref()
    };
    if let Some(named) = all.iter().position(is_named) {
        return exchanges(all.into_iter().skip(named).take(1)).await;
    }
    if record.is_some() {
        exchanges(all.into_iter()).await?;
    }
    let met = used_in_a_run().await?;
    let index = exchange::folder().join(USED);
    if record.is_some() {
        std::fs::write(index, serde_json::to_string_pretty(&met)? + "\n")?;
        return Ok(());
    }
    let noted = coverage::used();
    let mut lacking = Vec::new();
    for (client, labels) in &met {
        let noted = noted.get(client).cloned().unwrap_or_default();
        let labels = labels.difference(&noted);
        lacking.extend(labels.map(|label| format!("{label} (by {client})")));
    }
    if lacking.is_empty() {
        return Ok(());
    }
    Err(format!(
        "used, and not in {}:\n{}\nadd exchanges for them, and set {RECORD}=1",
        index.display(),
        lacking.join("\n")
    )
    .into())
}

/// Sends recorded requests to a new real cluster and writes its answers down.
async fn exchanges(recordings: impl Iterator<Item = (PathBuf, Recording)>) -> Result<(), Failed> {
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    documents::record(&world.client()).await;
    for (path, mut recording) in recordings {
        record(&mut recording, &world.client()).await;
        std::fs::write(&path, serde_json::to_string_pretty(&recording)? + "\n")?;
    }
    world.stop().await?;
    Ok(())
}

async fn record(recording: &mut Recording, client: &kube::Client) {
    let mut sender = Sender::new(client.clone());
    for exchange in &mut recording.exchanges {
        exchange.answer = sender.send(exchange, || ()).await;
        tokio::time::sleep(BETWEEN_REQUESTS).await;
    }
}

/// The standard proof of the startup stack and a session of kubectl, as the API server's audit log shows them.
async fn used_in_a_run() -> Result<Used, Failed> {
    let artefacts = tempfile::tempdir()?;
    let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/stacks/startup");
    let request = Request {
        roots: vec![stack],
        old_variables: BTreeMap::from([("release".to_owned(), "1.4.1".to_owned())]),
        cli: Some("terraform".into()),
        artefacts: Some(artefacts.path().to_owned()),
        keep: true,
        ..Request::default()
    };
    let (_pressed, interrupt) = Interrupt::manual();
    let launched = launch(&request, &ProcessBackend, &Live::new(), &interrupt).await?;
    let world = launched.kept.ok_or("the world was not kept")?;
    let used = match world.about.get("kubeconfig").map(PathBuf::from) {
        Some(kubeconfig) => {
            kubectl::session("kubectl".as_ref(), &kubeconfig)?;
            read(&kubeconfig.with_file_name("audit.log"))
        }
        None => Err("the world has no kubeconfig".into()),
    };
    ledger::down(&world.id)?;
    used
}

fn read(log: &Path) -> Result<Used, Failed> {
    let mut used = Used::new();
    for line in std::fs::read_to_string(log)?.lines() {
        let event: Value = serde_json::from_str(line)?;
        let Some(client) = client(event["userAgent"].as_str().unwrap_or_default()) else {
            continue;
        };
        // A new definition is refused for a moment while its storage is made.
        if let Some(label) = coverage::label_of_event(&event)
            && !is_document(&label)
            && !label.ends_with(": 429")
        {
            used.entry(client.to_owned()).or_default().insert(label);
        }
    }
    Ok(used)
}

/// Whom a `User-Agent` names, if it is none of the control plane's own programs.
fn client(agent: &str) -> Option<&'static str> {
    let known = [
        ("terraform-provider-seedling/", "provider"),
        ("kubectl/", "kubectl"),
        ("seedling", "harness"),
        ("kube.rs", "harness"),
    ];
    if agent.is_empty() {
        return Some("harness"); // `kube` names itself only where it is told to
    }
    known
        .into_iter()
        .find(|(beginning, _)| {
            agent.starts_with(beginning) && !agent.starts_with("seedling-control-plane")
        })
        .map(|(_, name)| name)
}

/// Documents that `recordings/server` has as files.
fn is_document(label: &str) -> bool {
    [
        "get /api",
        "get /apis",
        "get /openapi/",
        "get /version",
        "get /readyz",
        "get /livez",
    ]
    .iter()
    .any(|beginning| label.starts_with(beginning))
}
