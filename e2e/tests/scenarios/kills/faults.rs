//! Refusals and cut connections at the writes of an update.

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use seedling_faults::{Action, Answer, Moment, Noted, Proxy, Rule};

use super::{assert_same, name, objects, stack, through_proxy};
use crate::folder::Folder;
use crate::stage::Stage;

/// What can happen to a write.
fn faults() -> [Action; 5] {
    [
        Action::Answer(Answer::status(409)),
        Action::Answer(Answer::status(429).retry_after(1)),
        Action::Answer(Answer::status(500)),
        Action::Cut(Moment::Before),
        Action::Cut(Moment::After),
    ]
}

/// Each write of an update suffers each fault once, in as many updates as there are faults; every update ends as an undisturbed one.
pub async fn each_write(stage: &'static Stage) -> Result<(), Failed> {
    let (folder, proxy) = through_proxy(stage, "faults").await?;
    folder.write(&stack("info"))?;
    folder.init().await?;
    folder.settles().await?;
    let writes = writes_of_an_update(&folder, &proxy).await?;
    assert!(writes.len() > 5, "{writes:?}");
    let debug = objects(stage, "faults").await?;
    folder.write(&stack("info"))?;
    folder.settles().await?;
    let info = objects(stage, "faults").await?;

    for round in 0..faults().len() {
        let (level, expected) = if round % 2 == 0 {
            ("debug", &debug)
        } else {
            ("info", &info)
        };
        folder.write(&stack(level))?;
        proxy.clear();
        proxy.forget();
        for (index, write) in writes.iter().enumerate() {
            let write = write.clone();
            let is_it = move |request: &Noted| request.is_write() && name(request) == write;
            let fault = faults()[(index + round) % faults().len()].clone();
            proxy.inject(Rule::first(is_it, fault));
        }
        folder.apply().await?.succeeded()?;
        assert_eq!(
            proxy.faulted().len(),
            writes.len(),
            "{:?}",
            proxy.requests()
        );
        assert_same(expected, &objects(stage, "faults").await?);
        let plan = folder.plan().await?;
        assert_eq!(plan.code, Some(0), "{}", plan.text);
    }
    Ok(())
}

/// The writes of an update from level info to debug.
async fn writes_of_an_update(folder: &Folder, proxy: &Proxy) -> Result<Vec<String>, Failed> {
    proxy.forget();
    folder.write(&stack("debug"))?;
    folder.apply().await?.succeeded()?;
    let writes: BTreeSet<String> = proxy
        .requests()
        .iter()
        .filter(|request| request.is_write())
        .map(name)
        .collect();
    Ok(writes.into_iter().collect())
}

/// A fault that outlasts all patience is an error that says so and keeps the state; the next apply finishes the update.
pub async fn lasting(stage: &'static Stage) -> Result<(), Failed> {
    let (folder, proxy) = through_proxy(stage, "broken").await?;
    folder.write(&stack("info"))?;
    folder.init().await?;
    folder.settles().await?;
    let is_deployment =
        |request: &Noted| request.is_write() && request.id.path.ends_with("/deployments/api");
    proxy.inject(Rule::first(is_deployment, Action::Answer(Answer::status(500))).times(u32::MAX));
    folder.write(&stack("debug"))?;
    folder.apply().await?.failed_with(&[
        "Could not write Deployment/api of broken/api",
        "injected by the fault proxy",
        "apply again when it has recovered",
    ])?;
    proxy.clear();
    let plan = folder.plan().await?;
    assert_eq!(plan.code, Some(2), "{}", plan.text);
    folder.settles().await?;
    Ok(())
}
