//! Pods that the API server does not take: said at plan where one pod shows it, else half a minute into the rollout.

use std::time::Duration;

use libtest_mimic::Failed;
use serde_json::json;

use super::{EARLY, GOOD, in_environment, start};
use crate::stage::Stage;

const SMALL: &str = r#"resources = { cpu = "50m", memory = "16Mi" }"#;
const QUOTA: &str = r#"quota = { cpu = "200m" }"#;

/// Refused at plan by the dry run of one pod; nothing is written.
async fn is_refused_at_plan(
    stage: &Stage,
    project: &str,
    environment: &str,
    bad: &str,
    words: &[&str],
) -> Result<(), Failed> {
    let empty = format!(
        "resource \"seedling_environment\" \"this\" {{\nname = local.project\ndeletion_protection = false\n{environment}\n}}"
    );
    let folder = start(stage, project, &empty).await?;
    folder.settles().await?;
    if project == "limits" {
        limit_range(stage, project).await?;
    }
    folder.write(&in_environment(environment, &format!("{GOOD}\n{bad}")))?;
    folder
        .plan()
        .await?
        .failed_with(&["The API server refuses"])?
        .says(words)?;
    let live = format!("/apis/apps/v1/namespaces/{project}/deployments/api");
    assert_eq!(
        stage.cluster()?.find(&live).await?,
        None,
        "a plan has written"
    );
    folder.write(&in_environment(environment, &format!("{GOOD}\n{SMALL}")))?;
    folder.settles().await?;
    Ok(())
}

pub async fn one_pod_over_quota(stage: &'static Stage) -> Result<(), Failed> {
    is_refused_at_plan(
        stage,
        "quota-one",
        QUOTA,
        r#"resources = { cpu = "2", memory = "16Mi" }"#,
        &["exceeded quota", "requests.cpu=2"],
    )
    .await
}

/// Limits that somebody else has set in our namespace.
pub async fn limits(stage: &'static Stage) -> Result<(), Failed> {
    is_refused_at_plan(
        stage,
        "limits",
        "",
        r#"resources = { cpu = "50m", memory = "2Gi" }"#,
        &["maximum memory usage per Container is 1Gi"],
    )
    .await
}

async fn limit_range(stage: &Stage, namespace: &str) -> Result<(), Failed> {
    let limits = json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": { "name": "platform" },
        "spec": { "limits": [{ "type": "Container", "max": { "memory": "1Gi" } }] },
    });
    stage
        .cluster()?
        .create(
            &format!("/api/v1/namespaces/{namespace}/limitranges"),
            &limits,
        )
        .await?;
    Ok(())
}

pub async fn pod_security(stage: &'static Stage) -> Result<(), Failed> {
    is_refused_at_plan(
        stage,
        "pod-security",
        r#"pod_security = "baseline""#,
        "pod_patch = jsonencode({ spec = { hostNetwork = true } })",
        &["violates PodSecurity", "host namespaces"],
    )
    .await
}

/// One pod fits, all do not: a warning at plan, and the rollout ends half a minute after the last pod that fitted. A larger quota mends it.
pub async fn all_pods_over_quota(stage: &'static Stage) -> Result<(), Failed> {
    let wants = |quota: &str| in_environment(quota, &format!("{GOOD}\nreplicas = 6\n{SMALL}"));
    let folder = start(
        stage,
        "quota-all",
        &in_environment(QUOTA, &format!("{GOOD}\n{SMALL}")),
    )
    .await?;
    folder.settles().await?;
    folder.write(&wants(QUOTA))?;
    folder
        .plan()
        .await?
        .says(&["may not fit the quota of quota-all", "requests.cpu:"])?;
    let failed = folder.apply().await?.failed_with(&[
        "quota-all/api did not roll out: FailedCreate",
        "exceeded quota",
        "Next step: The API server refuses the pods: raise the environment's quota",
    ])?;
    assert!(
        failed.took >= Duration::from_secs(30),
        "gave up after {:?}",
        failed.took
    );
    assert!(failed.took < EARLY, "gave up after {:?}", failed.took);
    folder
        .plan()
        .await?
        .says(&["failed: FailedCreate", "may not fit the quota of quota-all"])?;
    folder.write(&wants(r#"quota = { cpu = "1" }"#))?;
    folder.settles().await?;
    Ok(())
}
