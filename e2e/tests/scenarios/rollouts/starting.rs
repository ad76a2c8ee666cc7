//! Containers that do not start, or do not stay.

use libtest_mimic::Failed;
use serde_json::json;

use super::{GOOD, fails_and_is_mended, in_environment, is_resumed, service, start};
use crate::cluster::path;
use crate::stage::Stage;

pub async fn image_not_found(stage: &'static Stage) -> Result<(), Failed> {
    fails_and_is_mended(
        stage,
        "no-image",
        &service(r#"image = "registry.example/acme/api:not-found""#),
        &[
            "no-image/api did not roll out: ",
            "ImagePull",
            "Pod api-",
            "registry.example/acme/api:not-found",
            "Last warnings",
            "Next step: Check that the image and its tag exist",
        ],
        &service(GOOD),
    )
    .await
}

/// Refused before anything is asked of a cluster.
pub async fn image_is_no_name(stage: &'static Stage) -> Result<(), Failed> {
    let folder = start(
        stage,
        "no-name",
        &service(r#"image = "registry.example/Acme API:1""#),
    )
    .await?;
    let refused = folder.run(&["validate", "-no-color"]).await?;
    refused.failed_with(&["image = ", "resource \"seedling_service\" \"api\""])?;
    Ok(())
}

/// The log of the container is shown; no value of a secret is in anything that was said or written.
pub async fn crash_loop(stage: &'static Stage) -> Result<(), Failed> {
    const SECRET: &str = "nobody-may-read-this-4711";
    let with = |image: &str| {
        let variable = r#"variable "password" { ephemeral = true }"#;
        let arguments = format!("image = \"{image}\"\nsecrets = {{ PASSWORD = var.password }}");
        format!("{variable}\n{}", service(&arguments))
    };
    let folder = start(stage, "crash", &with("registry.example/acme/api:crash")).await?;
    folder.set("password", SECRET);
    folder.apply().await?.failed_with(&[
        "crash/api did not roll out: CrashLoopBackOff",
        "Pod api-",
        "exit code 1",
        "Last warnings",
        "BackOff",
        "Last log lines of api-",
        "Next step: The program ends by itself",
    ])?;
    is_resumed(stage, &folder, &with("registry.example/acme/api:1.0.0")).await?;
    for (file, bytes) in folder.all_bytes()? {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains(SECRET),
            "the secret is in {}",
            file.display()
        );
    }
    Ok(())
}

/// A Secret that somebody else makes may get its key within half a minute; then it is too late.
pub async fn key_missing(stage: &'static Stage) -> Result<(), Failed> {
    let refers = service(&format!(
        "{GOOD}\nsecret_refs = {{ API_KEY = {{ secret = \"shared\", key = \"api-key\" }} }}"
    ));
    let folder = start(stage, "no-key", &in_environment("", GOOD)).await?;
    folder.settles().await?;
    let secrets = "/api/v1/namespaces/no-key/secrets";
    let shared = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "shared" }, "stringData": { "other": "x" } });
    let cluster = stage.cluster()?;
    cluster.create(secrets, &shared).await?;
    folder.write(&refers)?;
    folder.apply().await?.failed_with(&[
        "no-key/api did not roll out: CreateContainerConfigError",
        "couldn't find key api-key in Secret no-key/shared",
        "Next step: Create the ConfigMap, Secret or key",
    ])?;
    folder.plan().await?.says(&[
        "rollout_status",
        "failed: CreateContainerConfigError",
        "complete",
    ])?;
    cluster
        .merge(
            &format!("{secrets}/shared"),
            &json!({ "stringData": { "api-key": "y" } }),
        )
        .await?;
    folder.settles().await?;
    Ok(())
}

/// Nobody but us will ever give our own ConfigMap a key: not waited for at all.
pub async fn own_key_missing(stage: &'static Stage) -> Result<(), Failed> {
    let config = format!("{GOOD}\nconfig = {{ LEVEL = \"info\" }}");
    let folder = start(stage, "own-key", &service(&config)).await?;
    folder.settles().await?;
    let maps = stage
        .cluster()?
        .get("/api/v1/namespaces/own-key/configmaps")
        .await?;
    let names = maps["items"].as_array().into_iter().flatten();
    let mut names = names.filter_map(|map| map["metadata"]["name"].as_str());
    let name = names
        .find(|name| name.starts_with("api-"))
        .ok_or("no ConfigMap of the service")?;
    folder.write(&service(&format!(
        r#"{config}
        pod_patch = jsonencode({{ spec = {{ containers = [{{
          name = "api"
          env  = [{{ name = "OTHER", valueFrom = {{ configMapKeyRef = {{ name = "{name}", key = "OTHER" }} }} }}]
        }}] }} }})"#
    )))?;
    folder.apply().await?.failed_with(&[
        "own-key/api did not roll out: CreateContainerConfigError",
        &format!("couldn't find key OTHER in ConfigMap own-key/{name}"),
    ])?;
    folder.write(&service(&config))?;
    folder.settles().await?;
    let live = path("apps/v1", "own-key", "deployments", "api");
    assert!(
        !stage
            .cluster()?
            .get(&live)
            .await?
            .to_string()
            .contains("OTHER")
    );
    Ok(())
}

/// Nothing says that it cannot succeed: the time-out ends it.
pub async fn out_of_time(stage: &'static Stage) -> Result<(), Failed> {
    fails_and_is_mended(
        stage,
        "too-late",
        &service(
            "image = \"registry.example/acme/api:never-ready\"\nport = 8080\nrollout = { timeout = \"15s\" }",
        ),
        &["too-late/api did not roll out: time-out", "Pods: 1 wanted", "raise `rollout.timeout`"],
        &service(&format!("{GOOD}\nport = 8080")),
    )
    .await
}
