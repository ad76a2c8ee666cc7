//! States that do not hold what lives.

use libtest_mimic::Failed;
use serde_json::json;

use super::{applied, image, service, uids};
use crate::cluster::{Cluster, deployment};
use crate::stage::Stage;

/// Of an apply that ended just now, exactly as configured: gone on with, which is announced.
pub async fn lost(stage: &'static Stage) -> Result<(), Failed> {
    let everything = "quota = { cpu = \"4\", pods = 40 }
        network = \"isolated\"
        container_defaults = { cpu = \"10m\", memory = \"16Mi\" }
        image_pull = { \"registry.example\" = { username = \"acme\", password = \"nobody-knows\" } }
        deletion_protection = false";
    let arguments = format!(
        "{}\nport = 8080\nsecrets = {{ TOKEN = \"nobody-knows\" }}",
        image("1")
    );
    let text = service(&arguments).replace("deletion_protection = false", everything);
    let way =
        "resource \"seedling_gateway\" \"this\" { environment = seedling_environment.this.name }
        resource \"seedling_ingress\" \"this\" {
          environment = seedling_environment.this.name
          name        = \"site\"
          gateway     = seedling_gateway.this.name
          host        = \"lost.example\"
          tls         = { issuer = \"letsencrypt\" }
          routes      = { \"/\" = { service = seedling_service.api.name } }
        }
        resource \"seedling_group_access\" \"this\" {
          group        = \"1d5a0a76-0a45-4f0e-9a2e-64d9e2b9c003\"
          environments = { (seedling_environment.this.name) = \"logs\" }
        }";
    let folder = applied(stage, "lost", &format!("{text}\n{way}")).await?;
    let before = uids(stage, "lost").await?;
    folder.forget_state();
    folder.plan().await?.says(&[
        "environment lost is resumed",
        "lost/api is resumed",
        "state was lost, exactly as configured",
    ])?;
    folder.settles().await?;
    assert_eq!(uids(stage, "lost").await?, before);
    Ok(())
}

/// Refused at plan and at apply; the `import` blocks of the message lead out.
pub async fn lost_and_changed(stage: &'static Stage) -> Result<(), Failed> {
    let folder = applied(stage, "lost-changed", &service(&image("1"))).await?;
    let cluster = stage.cluster()?;
    let live = deployment("lost-changed", "api");
    let (before, object) = (
        uids(stage, "lost-changed").await?,
        cluster.get(&live).await?,
    );
    folder.forget_state();
    let changed = service(&image("2"));
    folder.write(&changed)?;
    let refused = &[
        "lost-changed/api exists already",
        "belongs to project `lost-changed`",
        "import { to = seedling_service.api id = \"lost-changed/api\" }",
    ];
    folder.plan().await?.failed_with(refused)?;
    folder.apply().await?.failed_with(refused)?;
    assert_eq!(
        cluster.get(&live).await?["spec"],
        object["spec"],
        "it was changed"
    );
    folder.write(&format!(
        "{changed}
        import {{
          to = seedling_service.api
          id = \"lost-changed/api\"
        }}
        import {{
          to = seedling_environment.this
          id = \"lost-changed\"
        }}"
    ))?;
    folder.settles().await?;
    assert_eq!(uids(stage, "lost-changed").await?, before);
    Ok(())
}

/// After an hour nobody takes it for the apply that lost its state.
pub async fn lost_long_after(stage: &'static Stage) -> Result<(), Failed> {
    let folder = applied(stage, "lost-long", &service(&image("1"))).await?;
    let before = uids(stage, "lost-long").await?;
    let cluster = stage.cluster()?;
    for path in [
        "/api/v1/namespaces/lost-long",
        &deployment("lost-long", "api"),
    ] {
        make_old(&cluster, path).await?;
    }
    folder.forget_state();
    folder
        .plan()
        .await?
        .failed_with(&["environment lost-long exists already"])?;
    folder
        .apply()
        .await?
        .failed_with(&["environment lost-long exists already"])?;
    folder.write(&alone("lost-long", &image("1")))?;
    folder
        .plan()
        .await?
        .failed_with(&["lost-long/api exists already", "import {"])?;
    folder
        .apply()
        .await?
        .failed_with(&["lost-long/api exists already", "import {"])?;
    assert_eq!(uids(stage, "lost-long").await?, before);
    Ok(())
}

/// A service in an environment that another root has.
fn alone(environment: &str, arguments: &str) -> String {
    format!(
        "resource \"seedling_service\" \"api\" {{\nenvironment = \"{environment}\"\nname = \"api\"\n{arguments}\n}}"
    )
}

async fn make_old(cluster: &Cluster, path: &str) -> Result<(), Failed> {
    let old = json!({ "metadata": { "annotations": { "seedling.dev/created": "2020-01-01T00:00:00Z" } } });
    cluster.merge(path, &old).await?;
    Ok(())
}

/// Neither another project nor another root of the same project gets what the first one has.
pub async fn second_root(stage: &'static Stage) -> Result<(), Failed> {
    let first = applied(stage, "first-root", &service(&image("1"))).await?;
    let before = uids(stage, "first-root").await?;
    let house = "resource \"seedling_environment\" \"this\" {\nname = \"first-root\"\n}";
    for (project, claim, title, owner) in [
        (
            "other-project",
            house.to_owned(),
            "environment first-root",
            "belongs to project `first-root`",
        ),
        (
            "other-project",
            alone("first-root", &image("1")),
            "first-root/api",
            "belongs to project `first-root`",
        ),
        (
            "first-root",
            alone("first-root", &image("2")),
            "first-root/api",
            "was finished at",
        ),
    ] {
        let second = stage.folder_of("second", project, stage.terraform()?)?;
        second.write(&claim)?;
        second.init().await?;
        let refused = format!("{title} exists already");
        second.plan().await?.failed_with(&[&refused, owner])?;
        second.apply().await?.failed_with(&[&refused, owner])?;
        assert_eq!(
            second.state()?["resources"].as_array().map_or(0, Vec::len),
            0
        );
    }
    assert_eq!(uids(stage, "first-root").await?, before);
    assert_eq!(
        first.plan().await?.code,
        Some(0),
        "the first root has something to do"
    );
    Ok(())
}
