//! What lives comes into an empty state.

use libtest_mimic::Failed;
use serde_json::json;

use super::{applied, image, service, uids};
use crate::folder::Folder;
use crate::stage::{Stage, tofu};

fn arguments() -> String {
    format!(
        "{}\nport = 8080\nconfig = {{ LEVEL = \"info\" }}",
        image("1")
    )
}

/// Nothing is changed by it, and the plan afterwards is empty.
async fn nothing_changes(stage: &Stage, folder: &Folder, imports: &str) -> Result<(), Failed> {
    let before = uids(stage, &folder.project).await?;
    folder.write(&format!("{}\n{imports}", service(&arguments())))?;
    folder
        .plan()
        .await?
        .says(&["2 to import, 0 to add, 0 to change, 0 to destroy"])?;
    folder.settles().await?;
    assert_eq!(uids(stage, &folder.project).await?, before);
    Ok(())
}

pub async fn by_id(stage: &'static Stage) -> Result<(), Failed> {
    let folder = applied(stage, "by-id", &service(&arguments())).await?;
    folder.forget_state();
    let imports = r#"
        import {
          to = seedling_environment.this
          id = "by-id"
        }
        import {
          to = seedling_service.api
          id = "by-id/api"
        }
    "#;
    nothing_changes(stage, &folder, imports).await
}

pub async fn by_identity(stage: &'static Stage) -> Result<(), Failed> {
    applied(stage, "by-identity", &service(&arguments())).await?;
    let folder = stage.folder_of("by-identity-tofu", "by-identity", &tofu().await?)?;
    folder.write(&service(&arguments()))?;
    folder.init().await?;
    let imports = r#"
        import {
          to       = seedling_environment.this
          identity = { name = "by-identity" }
        }
        import {
          to       = seedling_service.api
          identity = { environment = "by-identity", name = "api" }
        }
    "#;
    nothing_changes(stage, &folder, imports).await
}

/// A namespace that hashicorp/kubernetes managed changes its type in the state, and stays what it is.
pub async fn moved(stage: &'static Stage) -> Result<(), Failed> {
    let cluster = stage.cluster()?;
    cluster
        .kubectl(&["create", "namespace", "moved-house"], "")
        .await?;
    let uid = cluster.uid("/api/v1/namespaces/moved-house").await?;
    let folder = stage.folder("moved-house")?;
    folder.write("resource \"seedling_environment\" \"this\" {\nname = local.project\n}")?;
    folder.init().await?;
    std::fs::write(folder.state_file(), old_state(&uid).to_string())?;
    folder.write(
        r#"
        resource "seedling_environment" "this" { name = local.project }
        moved {
          from = kubernetes_namespace_v1.this
          to   = seedling_environment.this
        }
        "#,
    )?;
    folder.plan().await?.says(&[
        "(moved from kubernetes_namespace_v1.this)",
        "0 to add, 1 to change, 0 to destroy",
    ])?;
    folder.settles().await?;
    assert_eq!(cluster.uid("/api/v1/namespaces/moved-house").await?, uid);
    Ok(())
}

/// Written by hand: the type is theirs; the provider's address is ours, because theirs is not installed here.
fn old_state(uid: &str) -> serde_json::Value {
    let metadata = json!([{ "name": "moved-house", "uid": uid, "labels": {}, "annotations": {}, "generate_name": "", "generation": 0, "resource_version": "1" }]);
    json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "moved-house", "outputs": {},
        "resources": [{
            "mode": "managed", "type": "kubernetes_namespace_v1", "name": "this",
            "provider": "provider[\"registry.terraform.io/seedling-dev/seedling\"]",
            "instances": [{
                "schema_version": 0,
                "attributes": { "id": "moved-house", "metadata": metadata, "timeouts": null, "wait_for_default_service_account": null },
            }],
        }],
    })
}
