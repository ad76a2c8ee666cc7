//! Updates that fail: left as they are, or undone.

use libtest_mimic::Failed;

use super::{EARLY, service, start};
use crate::cluster::deployment;
use crate::stage::Stage;

fn with(image: &str, level: &str, on_failure: &str) -> String {
    service(&format!(
        r#"
        image    = "registry.example/acme/api:{image}"
        replicas = 2
        config   = {{ LEVEL = "{level}" }}
        secrets  = {{ TOKEN = "{level}-token-value" }}
        rollout  = {{ on_failure = "{on_failure}" }}
        "#
    ))
}

/// `on_failure = "stop"`: the old pods serve on, the state and the next plan say how far it came.
pub async fn stopped_update(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(stage, "stopped", &with("1.0.0", "info", "stop")).await?;
    folder.settles().await?;
    folder.write(&with("not-found", "info", "stop"))?;
    let failed = folder
        .apply()
        .await?
        .failed_with(&["stopped/api did not roll out: "])?;
    assert!(failed.took < EARLY, "it took {:?}", failed.took);
    let live = stage.cluster()?.get(&deployment("stopped", "api")).await?;
    assert!(
        live["status"]["availableReplicas"].as_i64() >= Some(1),
        "{live}"
    );
    let plan = folder.plan().await?;
    plan.says(&[
        "seedling_service.api will be updated in-place",
        "rollout_status",
        "-> \"complete\"",
    ])?;
    folder.write(&with("1.0.1", "info", "stop"))?;
    folder.settles().await?;
    Ok(())
}

/// `on_failure = "roll_back"`: the last good template runs, and the state holds the last good values.
pub async fn update(stage: &'static Stage) -> Result<(), Failed> {
    let good = with("1.0.0", "info", "roll_back");
    let folder = start(stage, "back", &good).await?;
    folder.settles().await?;
    let cluster = stage.cluster()?;
    let template = |live: &serde_json::Value| live["spec"]["template"].clone();
    let before = template(&cluster.get(&deployment("back", "api")).await?);
    let digests = folder.attribute("seedling_service", "secret_digests")?;
    folder.write(&with("crash", "debug", "roll_back"))?;
    folder.apply().await?.failed_with(&[
        "back/api did not roll out: CrashLoopBackOff",
        "`on_failure` is `roll_back`: the last good values run again",
    ])?;
    let after = cluster.get(&deployment("back", "api")).await?;
    assert_eq!(template(&after), before, "another template runs");
    assert_eq!(after["status"]["availableReplicas"], 2, "{after}");
    assert_eq!(
        folder.attribute("seedling_service", "image")?,
        "registry.example/acme/api:1.0.0"
    );
    assert_eq!(
        folder.attribute("seedling_service", "secret_digests")?,
        digests
    );
    folder
        .plan()
        .await?
        .says(&["api:1.0.0\" -> \"registry.example/acme/api:crash\""])?;
    folder.write(&good)?;
    let plan = folder.plan().await?;
    assert_eq!(plan.code, Some(0), "{}", plan.text);
    folder.write(&with("1.0.1", "debug", "roll_back"))?;
    folder.settles().await?;
    Ok(())
}

/// A create that is undone leaves nothing, and the corrected one starts anew.
pub async fn create(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(
        stage,
        "back-to-none",
        &with("not-found", "info", "roll_back"),
    )
    .await?;
    folder
        .apply()
        .await?
        .failed_with(&["what was made was removed again"])?;
    let cluster = stage.cluster()?;
    for (group, plural) in [
        ("/apis/apps/v1", "deployments"),
        ("/api/v1", "configmaps"),
        ("/api/v1", "secrets"),
        ("/api/v1", "serviceaccounts"),
        ("/apis/policy/v1", "poddisruptionbudgets"),
    ] {
        let all = format!(
            "{group}/namespaces/back-to-none/{plural}?labelSelector=seedling.dev%2Ftype%3Dservice"
        );
        let left = cluster.get(&all).await?;
        assert_eq!(left["items"].as_array().map_or(0, Vec::len), 0, "{left}");
    }
    folder.write(&with("1.0.0", "info", "roll_back"))?;
    folder.plan().await?.says_nothing_of(&["is resumed"])?;
    folder.settles().await?;
    Ok(())
}
