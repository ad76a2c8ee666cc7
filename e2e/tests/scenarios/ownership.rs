//! Who owns an object: states that are lost, replaced, tainted or shared, objects that others made, clusters that are replaced.
//! Nothing live is removed or taken over unasked: uids are compared before and after.

mod adoption;
mod changes;
mod clusters;
mod imports;
mod interrupted;
mod replacement;
mod secrets;
mod states;

use libtest_mimic::{Failed, Trial};
use seedling_e2e::require::Need;

use crate::cluster::deployment;
use crate::folder::Folder;
use crate::stage::{NEEDS, Stage, scenario};

pub fn trials() -> Vec<Trial> {
    const BOTH: &[Need] = &[Need::Process, Need::Terraform, Need::Tofu];
    vec![
        scenario("cluster_replaced", NEEDS, clusters::replaced),
        scenario("create_interrupted", NEEDS, interrupted::create),
        scenario("replace_destroys_first", NEEDS, replacement::destroy_first),
        scenario("replace_creates_first", NEEDS, replacement::create_first),
        scenario("tainted_by_hand", NEEDS, replacement::tainted),
        scenario("protected_environment", NEEDS, replacement::protected),
        scenario("state_lost_same_configuration", NEEDS, states::lost),
        scenario(
            "state_lost_other_configuration",
            NEEDS,
            states::lost_and_changed,
        ),
        scenario("state_lost_long_after", NEEDS, states::lost_long_after),
        scenario("second_root", NEEDS, states::second_root),
        scenario("made_by_kubectl", NEEDS, adoption::service),
        scenario("namespace_made_by_kubectl", NEEDS, adoption::environment),
        scenario("imported_by_id", NEEDS, imports::by_id),
        scenario("imported_by_identity", BOTH, imports::by_identity),
        scenario("moved_from_kubernetes_namespace", NEEDS, imports::moved),
        scenario("image_set_by_a_pipeline", NEEDS, changes::ignored_image),
        scenario("scaled_without_a_drop", NEEDS, changes::scaled),
        scenario("storage_never_shrinks", NEEDS, changes::storage),
        scenario("secrets_roll_when_they_change", NEEDS, secrets::change),
        scenario("secrets_with_a_version", NEEDS, secrets::version),
    ]
}

/// The project's environment, and a service `api` in it with these arguments.
fn service(arguments: &str) -> String {
    format!(
        r#"
        resource "seedling_environment" "this" {{
          name                = local.project
          deletion_protection = false
        }}
        resource "seedling_service" "api" {{
          environment = seedling_environment.this.name
          name        = "api"
          {arguments}
        }}
        "#
    )
}

fn image(tag: &str) -> String {
    format!("image = \"registry.example/acme/api:{tag}\"")
}

/// A folder whose configuration is applied.
async fn applied(stage: &Stage, project: &str, text: &str) -> Result<Folder, Failed> {
    let folder = stage.folder(project)?;
    folder.write(text)?;
    folder.init().await?;
    folder.settles().await?;
    Ok(folder)
}

/// The uids of namespace and Deployment.
async fn uids(stage: &Stage, project: &str) -> Result<[String; 2], Failed> {
    let cluster = stage.cluster()?;
    Ok([
        cluster
            .uid(&format!("/api/v1/namespaces/{project}"))
            .await?,
        cluster.uid(&deployment(project, "api")).await?,
    ])
}
