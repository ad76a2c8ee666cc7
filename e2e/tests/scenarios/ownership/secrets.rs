//! Write-only values: seen by their digests.

use libtest_mimic::Failed;
use serde_json::Value;

use super::image;
use crate::cluster::deployment;
use crate::folder::Folder;
use crate::stage::Stage;

fn with(more: &str) -> String {
    let variable = "variable \"token\" { ephemeral = true }";
    let secrets = "secrets = { TOKEN = var.token, OTHER = \"constant\" }";
    format!(
        "{variable}\n{}",
        super::service(&format!("{}\n{secrets}\n{more}", image("1")))
    )
}

async fn start(stage: &Stage, project: &str, text: &str) -> Result<Folder, Failed> {
    let folder = stage.folder(project)?;
    folder.set("token", "the-first-token");
    folder.write(text)?;
    folder.init().await?;
    folder.settles().await?;
    Ok(folder)
}

async fn template(stage: &Stage, project: &str) -> Result<Value, Failed> {
    let live = stage.cluster()?.get(&deployment(project, "api")).await?;
    Ok(live["spec"]["template"].clone())
}

/// Another value rolls the pods in the same apply; the same value, nothing. The plan names the key that changed and no other.
pub async fn change(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(stage, "secrets", &with("")).await?;
    let first = template(stage, "secrets").await?;
    let digests = folder.attribute("seedling_service", "secret_digests")?;
    assert_eq!(
        digests.as_object().map_or(0, serde_json::Map::len),
        2,
        "{digests}"
    );
    folder.settles().await?;
    assert_eq!(
        template(stage, "secrets").await?,
        first,
        "pods rolled for nothing"
    );

    folder.set("token", "the-second-token");
    folder.plan().await?.says(&["secret_digests"])?;
    folder.settles().await?;
    assert_ne!(
        template(stage, "secrets").await?,
        first,
        "pods did not roll"
    );
    let after = folder.attribute("seedling_service", "secret_digests")?;
    assert_eq!(after["OTHER"], digests["OTHER"]);
    assert_ne!(after["TOKEN"], digests["TOKEN"]);

    folder.set("token", "the-first-token");
    folder.settles().await?;
    assert_eq!(
        folder.attribute("seedling_service", "secret_digests")?,
        digests
    );
    for (file, bytes) in folder.all_bytes()? {
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["the-first-token", "the-second-token"] {
            assert!(!text.contains(secret), "{secret} is in {}", file.display());
        }
    }
    Ok(())
}

/// With `secrets_version`, a new value is written on a new version only.
pub async fn version(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(stage, "versions", &with("secrets_version = \"1\"")).await?;
    let first = template(stage, "versions").await?;
    folder.set("token", "the-second-token");
    let plan = folder.plan().await?;
    assert_eq!(plan.code, Some(0), "{}", plan.text);
    folder.write(&with(
        "secrets_version = \"1\"\nconfig = { LEVEL = \"info\" }",
    ))?;
    folder.settles().await?;
    let digests = folder.attribute("seedling_service", "secret_digests")?;
    folder.write(&with("secrets_version = \"1\""))?;
    folder.settles().await?;
    assert_eq!(
        template(stage, "versions").await?,
        first,
        "the old version has another value"
    );
    folder.write(&with("secrets_version = \"2\""))?;
    folder.settles().await?;
    let after = folder.attribute("seedling_service", "secret_digests")?;
    assert_ne!(after["TOKEN"], digests["TOKEN"]);
    Ok(())
}
