//! Replacements that were asked for, and those that must not happen.

use libtest_mimic::Failed;

use super::{applied, image, service, uids};
use crate::stage::Stage;

const REPLACE: [&str; 5] = [
    "apply",
    "-no-color",
    "-input=false",
    "-auto-approve",
    "-replace=seedling_service.api",
];

/// Asked for by `-replace`: another Deployment, nothing left of the first.
pub async fn destroy_first(stage: &'static Stage) -> Result<(), Failed> {
    let folder = applied(stage, "replaced", &service(&image("1"))).await?;
    let [namespace, api] = uids(stage, "replaced").await?;
    folder.run(&REPLACE).await?.succeeded()?;
    let [namespace_after, api_after] = uids(stage, "replaced").await?;
    assert_eq!(namespace_after, namespace);
    assert_ne!(api_after, api, "the Deployment is still the same");
    folder.settles().await?;
    Ok(())
}

/// Two resources cannot have one name: what runs is left as it is, and both the create and the destroy say so.
pub async fn create_first(stage: &'static Stage) -> Result<(), Failed> {
    let arguments = format!(
        "{}\nlifecycle {{ create_before_destroy = true }}",
        image("1")
    );
    let folder = applied(stage, "first", &service(&arguments)).await?;
    let before = uids(stage, "first").await?;
    let said = folder
        .run(&REPLACE)
        .await?
        .says(&["create_before_destroy"])?;
    assert_eq!(uids(stage, "first").await?, before, "{}", said.text);
    let state = folder.state()?.to_string();
    assert!(state.contains("\"seedling_service\""), "{state}");
    folder.write(&service(&image("1")))?;
    folder.settles().await?;
    assert_eq!(uids(stage, "first").await?, before);
    Ok(())
}

/// `terraform taint` of a live service is refused at plan, and `untaint` mends it.
pub async fn tainted(stage: &'static Stage) -> Result<(), Failed> {
    let folder = applied(stage, "tainted", &service(&image("1"))).await?;
    let before = uids(stage, "tainted").await?;
    for address in ["seedling_service.api", "seedling_environment.this"] {
        folder.run(&["taint", address]).await?.succeeded()?;
        folder
            .plan()
            .await?
            .failed_with(&["exists already", "`untaint`"])?;
        folder
            .apply()
            .await?
            .failed_with(&["exists already", "`untaint`"])?;
        assert_eq!(uids(stage, "tainted").await?, before);
        folder.run(&["untaint", address]).await?.succeeded()?;
        assert_eq!(folder.plan().await?.code, Some(0));
    }
    Ok(())
}

/// A protected environment outlives destroy, replacement, taint and removal from the configuration.
pub async fn protected(stage: &'static Stage) -> Result<(), Failed> {
    let text = service(&image("1")).replace("deletion_protection = false", "");
    let folder = applied(stage, "protected", &text).await?;
    let before = uids(stage, "protected").await?;
    let refused = &[
        "Environment protected is protected",
        "deletion_protection = false",
    ];
    folder
        .run(&["destroy", "-no-color", "-auto-approve"])
        .await?
        .failed_with(refused)?;
    let replace = "-replace=seedling_environment.this";
    folder
        .run(&["apply", "-no-color", "-auto-approve", replace])
        .await?
        .failed_with(refused)?;
    folder.write(&text.replace("= local.project", "= \"another\""))?;
    folder.apply().await?.failed_with(refused)?;
    folder
        .run(&["taint", "seedling_environment.this"])
        .await?
        .succeeded()?;
    folder.write(&text)?;
    folder.apply().await?.failed_with(&["`untaint`"])?;
    folder
        .run(&["untaint", "seedling_environment.this"])
        .await?
        .succeeded()?;
    folder.write("")?;
    folder.apply().await?.failed_with(refused)?;
    assert_eq!(uids(stage, "protected").await?, before);
    folder.write(&text)?;
    folder.settles().await?;
    Ok(())
}
