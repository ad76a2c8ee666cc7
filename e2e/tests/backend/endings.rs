//! Every way in which a world ends leaves nothing.

use std::process::Command;
use std::time::Duration;

use libtest_mimic::Failed;
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::ledger::{self, ProcessId, Record};
use seedling_e2e::poll::{Look, poll};
use seedling_e2e::progress::Lines;
use seedling_e2e::trial::block_on;
use seedling_e2e::world::World;

pub async fn kept_and_ended() -> Result<(), Failed> {
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let record = world.keep()?;
    assert_eq!(record.processes.len(), 6, "{record:?}");
    assert!(
        is_running(&record),
        "a kept world ended with its owner: {record:?}"
    );
    assert!(ledger::kept()?.iter().any(|kept| kept.id == record.id));
    assert!(
        std::fs::exists(&record.about["kubeconfig"])? && std::fs::exists(&record.about["sandbox"])?
    );
    let ended = tokio::task::block_in_place(|| ledger::down(&record.id))?;
    assert_eq!(ended.processes.len(), 6, "{ended:?}");
    nothing_is_left(&record)
}

pub async fn dropped() -> Result<(), Failed> {
    let world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
    let record = world.record();
    drop(world);
    nothing_is_left(&record)
}

/// The variable that makes this program start a world and wait for its own end.
pub const VICTIM: &str = "SEEDLING_TEST_VICTIM";

pub fn be_killed() -> Result<(), Failed> {
    block_on(async {
        let _world = World::start(&ProcessBackend, &Options::default(), &Lines).await?;
        tokio::time::sleep(Duration::from_mins(5)).await;
        Ok(())
    })
}

pub async fn killed_and_swept() -> Result<(), Failed> {
    let mut victim = Command::new(std::env::current_exe()?)
        .env(VICTIM, "1")
        .spawn()?;
    let owner = ProcessId::of(victim.id());
    let look = || async {
        Look::at(
            ledger::owned_by(owner).ok().and_then(is_whole),
            "no whole world of the victim",
        )
    };
    let record = poll("the victim's world", Duration::from_mins(2), look).await;
    victim.kill()?;
    victim.wait()?;
    let record = record?;
    assert!(is_running(&record), "nothing was left to sweep");
    // Another test's start may sweep first.
    tokio::task::block_in_place(ledger::sweep)?;
    let gone = || async { Look::at(nothing_is_left(&record).ok(), "something is left") };
    poll("the end of the sweep", Duration::from_secs(20), gone).await?;
    Ok(())
}

/// The world, when all of its processes are known.
fn is_whole(mut records: Vec<Record>) -> Option<Record> {
    let record = records.pop()?;
    let known = record
        .processes
        .iter()
        .filter(|process| process.id.is_some())
        .count();
    (known == 6).then_some(record)
}

fn is_running(record: &Record) -> bool {
    record
        .processes
        .iter()
        .all(|process| process.id.is_some_and(ProcessId::is_alive))
}

fn nothing_is_left(record: &Record) -> Result<(), Failed> {
    for process in &record.processes {
        assert!(
            !process.id.is_some_and(ProcessId::is_alive),
            "{process:?} is still running"
        );
    }
    assert_eq!(
        ledger::with_environment(ledger::WORLD_VARIABLE, &record.id),
        []
    );
    for folder in &record.folders {
        assert!(
            !std::fs::exists(folder)?,
            "{} is still there",
            folder.display()
        );
    }
    assert!(ledger::kept()?.iter().all(|kept| kept.id != record.id));
    Ok(())
}
