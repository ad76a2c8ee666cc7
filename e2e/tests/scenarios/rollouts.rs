//! Rollouts that cannot succeed, or not yet. Each ends at its moment, says pod, reason, event and next step, shows in the next plan as
//! unfinished, and is mended by the corrected configuration.

mod going_back;
mod nodes;
mod refusals;
mod starting;

use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use crate::cluster::deployment;
use crate::folder::Folder;
use crate::stage::{NEEDS, Stage, scenario};

/// Well below `rollout.timeout`, so that a rollout which ends within this has ended for its cause.
const EARLY: Duration = Duration::from_mins(2);

/// An image that starts.
const GOOD: &str = r#"image = "registry.example/acme/api:1.0.0""#;

pub fn trials() -> Vec<Trial> {
    vec![
        scenario("rollout_image_not_found", NEEDS, starting::image_not_found),
        scenario(
            "rollout_image_is_no_name",
            NEEDS,
            starting::image_is_no_name,
        ),
        scenario("rollout_crash_loop", NEEDS, starting::crash_loop),
        scenario("rollout_key_missing", NEEDS, starting::key_missing),
        scenario("rollout_own_key_missing", NEEDS, starting::own_key_missing),
        scenario("rollout_out_of_time", NEEDS, starting::out_of_time),
        scenario("rollout_no_node_ever", NEEDS, nodes::none_ever),
        scenario("rollout_node_may_come", NEEDS, nodes::may_come),
        scenario("rollout_node_is_busy", NEEDS, nodes::busy),
        scenario(
            "rollout_autoscaler_gives_up",
            NEEDS,
            nodes::autoscaler_gives_up,
        ),
        scenario(
            "rollout_one_pod_over_quota",
            NEEDS,
            refusals::one_pod_over_quota,
        ),
        scenario(
            "rollout_all_pods_over_quota",
            NEEDS,
            refusals::all_pods_over_quota,
        ),
        scenario("rollout_limits_refuse", NEEDS, refusals::limits),
        scenario(
            "rollout_pod_security_refuses",
            NEEDS,
            refusals::pod_security,
        ),
        scenario("rollout_update_fails", NEEDS, going_back::stopped_update),
        scenario("rollout_update_goes_back", NEEDS, going_back::update),
        scenario("rollout_create_goes_back", NEEDS, going_back::create),
    ]
}

/// An environment, and a service `api` in it with these arguments.
fn service(arguments: &str) -> String {
    in_environment("", arguments)
}

/// The same, with arguments of the environment.
fn in_environment(environment: &str, service: &str) -> String {
    format!(
        r#"
        resource "seedling_environment" "this" {{
          name                = local.project
          deletion_protection = false
          {environment}
        }}
        resource "seedling_service" "api" {{
          environment = seedling_environment.this.name
          name        = "api"
          {service}
        }}
        "#
    )
}

/// A folder with a configuration, initialised.
async fn start(stage: &Stage, project: &str, text: &str) -> Result<Folder, Failed> {
    let folder = stage.folder(project)?;
    folder.write(text)?;
    folder.init().await?;
    Ok(folder)
}

/// A create that fails early with these words, is announced as unfinished, and is mended in place.
async fn fails_and_is_mended(
    stage: &Stage,
    project: &str,
    bad: &str,
    words: &[&str],
    good: &str,
) -> Result<(), Failed> {
    let folder = start(stage, project, bad).await?;
    let failed = folder.apply().await?.failed_with(words)?;
    assert!(
        failed.took < EARLY,
        "it took {:?}: {}",
        failed.took,
        failed.text
    );
    is_resumed(stage, &folder, good).await
}

/// The next plan announces the resume; the corrected configuration goes on with the same Deployment.
async fn is_resumed(stage: &Stage, folder: &Folder, good: &str) -> Result<(), Failed> {
    let cluster = stage.cluster()?;
    let live = deployment(&folder.project, "api");
    let uid = cluster.uid(&live).await?;
    let title = format!("{}/api is resumed", folder.project);
    folder.plan().await?.says(&[&title, "did not finish"])?;
    folder.write(good)?;
    folder.settles().await?;
    assert_eq!(
        cluster.uid(&live).await?,
        uid,
        "the Deployment is another one"
    );
    Ok(())
}
