//! Objects that somebody made with kubectl.

use libtest_mimic::Failed;

use super::{image, uids};
use crate::cluster::{deployment, path};
use crate::stage::Stage;

const BY_HAND: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, annotations: {acme.example/owner: somebody}}
spec:
  replicas: 3
  revisionHistoryLimit: 7
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}, annotations: {acme.example/by-hand: "yes"}}
    spec:
      hostname: by-hand
      containers:
      - {name: api, image: "registry.example/acme/api:0", env: [{name: OLD, value: "1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {selector: {app: api}, ports: [{port: 9999}]}
"#;

/// Refused with its manager's name; `adopt = true` takes it over with its selector, and what only kubectl had set goes.
pub async fn service(stage: &'static Stage) -> Result<(), Failed> {
    let folder = stage.folder("by-hand")?;
    let environment = "resource \"seedling_environment\" \"this\" {\nname = local.project\ndeletion_protection = false\n}";
    folder.write(environment)?;
    folder.init().await?;
    folder.settles().await?;
    let cluster = stage.cluster()?;
    cluster
        .kubectl(&["apply", "-n", "by-hand", "-f", "-"], BY_HAND)
        .await?;
    let live = deployment("by-hand", "api");
    let (before, object) = (uids(stage, "by-hand").await?, cluster.get(&live).await?);
    let wanted = format!("{}\nport = 8080\nreplicas = 3", image("1"));
    folder.write(&super::service(&wanted))?;
    let refused = &[
        "by-hand/api exists already",
        "is not Seedling's; it is managed by kubectl-client-side-apply",
        "import { to = seedling_service.api id = \"by-hand/api\" }",
        "`adopt = true`",
    ];
    folder.plan().await?.failed_with(refused)?;
    folder.apply().await?.failed_with(refused)?;
    assert_eq!(
        cluster.get(&live).await?["spec"],
        object["spec"],
        "it was changed"
    );

    folder.write(&super::service(&format!("{wanted}\nadopt = true")))?;
    folder.plan().await?.says(&[
        "by-hand/api is adopted",
        "Deployment/api, managed by kubectl-client-side-apply",
    ])?;
    folder.settles().await?;
    assert_eq!(uids(stage, "by-hand").await?, before);
    let adopted = cluster.get(&live).await?;
    assert_eq!(
        adopted["spec"]["selector"]["matchLabels"],
        serde_json::json!({ "app": "api" })
    );
    for gone in [
        "by-hand\":\"yes",
        "\"hostname\":\"by-hand\"",
        "\"OLD\"",
        "acme.example/owner",
    ] {
        let text = adopted.to_string();
        assert!(!text.contains(gone), "{gone} is still in {text}");
    }
    assert_ne!(adopted["spec"]["revisionHistoryLimit"], 7);
    let ports = cluster
        .get(&path("v1", "by-hand", "services", "api"))
        .await?;
    assert!(!ports.to_string().contains("9999"), "{ports}");
    assert_eq!(
        folder.attribute("seedling_service", "selector")?["app"],
        "api"
    );
    Ok(())
}

/// The same for a namespace; what lives in it is not touched.
pub async fn environment(stage: &'static Stage) -> Result<(), Failed> {
    let cluster = stage.cluster()?;
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: old-house, labels: {acme.example/team: web}}\n";
    cluster.kubectl(&["apply", "-f", "-"], namespace).await?;
    cluster
        .kubectl(
            &[
                "create",
                "deployment",
                "api",
                "-n",
                "old-house",
                "--image=x:1",
            ],
            "",
        )
        .await?;
    let before = uids(stage, "old-house").await?;
    let folder = stage.folder("old-house")?;
    let text = "resource \"seedling_environment\" \"this\" {\nname = local.project\nADOPT\n}";
    folder.write(&text.replace("ADOPT", ""))?;
    folder.init().await?;
    let refused = &[
        "environment old-house exists already",
        "managed by kubectl",
        "`adopt = true`",
    ];
    folder.plan().await?.failed_with(refused)?;
    folder.write(&text.replace("ADOPT", "adopt = true"))?;
    folder.settles().await?;
    assert_eq!(uids(stage, "old-house").await?, before);
    let adopted = cluster.get("/api/v1/namespaces/old-house").await?;
    assert_eq!(
        adopted["metadata"]["labels"]["acme.example/team"],
        serde_json::Value::Null
    );
    Ok(())
}
