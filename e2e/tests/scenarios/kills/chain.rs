//! One chain: each apply is killed at the first write at which none was killed before, until an apply ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use libtest_mimic::Failed;
use seedling_e2e::ledger::{ProcessId, with_environment};
use seedling_e2e::proof::PROVIDER;
use seedling_faults::{Action, Moment, Noted, Proxy, Rule};

use super::{assert_same, name, objects, stack, through_proxy};
use crate::folder::Folder;
use crate::stage::Stage;

/// More writes than any stack here has: a chain that does not end must fail.
const LONGEST: usize = 200;

pub async fn before(stage: &'static Stage) -> Result<(), Failed> {
    small(stage, "kill-before", Moment::Before).await
}

pub async fn after(stage: &'static Stage) -> Result<(), Failed> {
    small(stage, "kill-after", Moment::After).await
}

async fn small(stage: &Stage, project: &str, moment: Moment) -> Result<(), Failed> {
    let (folder, proxy) = through_proxy(stage, project).await?;
    folder.write(&stack("info"))?;
    disturbed_is_as_undisturbed(stage, &folder, &proxy, moment).await
}

/// The stack that everything is for.
pub async fn startup(stage: &'static Stage) -> Result<(), Failed> {
    let (folder, proxy) = through_proxy(stage, "acme").await?;
    folder.connect(|sandbox| sandbox.lift_protection = true)?;
    let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/stacks/startup");
    folder.copy(&stack)?;
    let pair = r#"{ dev = "a-secret-of-dev", prod = "a-secret-of-prod" }"#;
    folder.set("database_urls", pair);
    folder.set("session_keys", pair);
    folder.set("registry_password", "a-secret-of-the-registry");
    folder.set("grafana_admin_password", "a-secret-of-grafana");
    disturbed_is_as_undisturbed(stage, &folder, &proxy, Moment::After).await
}

async fn disturbed_is_as_undisturbed(
    stage: &Stage,
    folder: &Folder,
    proxy: &Proxy,
    moment: Moment,
) -> Result<(), Failed> {
    folder.init().await?;
    killed_until_done(stage, folder, proxy, moment).await?;
    let disturbed = objects(stage, &folder.project).await?;
    destroy(stage, folder).await?;
    folder.settles().await?;
    let undisturbed = objects(stage, &folder.project).await?;
    assert_same(&undisturbed, &disturbed);
    destroy(stage, folder).await
}

/// Applies until an apply ends, killing each at its first write that is new. No object is ever made a second time.
async fn killed_until_done(
    stage: &Stage,
    folder: &Folder,
    proxy: &Proxy,
    moment: Moment,
) -> Result<(), Failed> {
    let killed: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut uids = BTreeMap::new();
    for _ in 0..LONGEST {
        let before = killed.lock().unwrap().len();
        proxy.forget();
        proxy.inject(kill_at_new_write(&killed, folder, moment));
        let said = folder.apply().await?;
        proxy.clear();
        for object in objects(stage, &folder.project).await? {
            let uid = uids
                .entry(object.to_string())
                .or_insert_with(|| object.uid().to_owned());
            assert_eq!(uid, object.uid(), "{object} was made twice; {}", said.text);
        }
        if killed.lock().unwrap().len() == before {
            said.succeeded()?;
            assert!(before > 5, "only {before} writes were killed");
            let plan = folder.plan().await?;
            assert_eq!(plan.code, Some(0), "{}", plan.text);
            return Ok(());
        }
        assert_eq!(said.code, Some(1), "killed, and yet: {}", said.text);
    }
    Err(format!("no end after {LONGEST} kills: {:?}", killed.lock().unwrap()).into())
}

fn kill_at_new_write(
    killed: &Arc<Mutex<BTreeSet<String>>>,
    folder: &Folder,
    moment: Moment,
) -> Rule {
    let known = Arc::clone(killed);
    let is_new =
        move |request: &Noted| request.is_write() && known.lock().unwrap().insert(name(request));
    let mark = folder.mark();
    let kill = move |_: &Noted| {
        let mark = mark.to_string_lossy();
        let all = with_environment("SEEDLING_SANDBOX", &mark).into_iter();
        all.filter(|process| is_provider(*process))
            .for_each(ProcessId::kill);
    };
    Rule::first(is_new, Action::Kill(moment, Arc::new(kill)))
}

/// The command line has the same environment, and lives on. A mirror adds the version to the provider's name.
fn is_provider(process: ProcessId) -> bool {
    let program = process.program();
    let name = program.as_deref().and_then(|path| path.file_name());
    name.is_some_and(|name| name.to_string_lossy().starts_with(PROVIDER.0))
}

/// Removes everything, and finds nothing left.
async fn destroy(stage: &Stage, folder: &Folder) -> Result<(), Failed> {
    folder
        .run(&["destroy", "-no-color", "-input=false", "-auto-approve"])
        .await?
        .succeeded()?;
    let left = objects(stage, &folder.project).await?;
    assert!(left.is_empty(), "left: {}", left[0]);
    Ok(())
}
