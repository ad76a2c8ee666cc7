//! Changes of things that others change too, or that must not change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libtest_mimic::Failed;
use serde_json::json;

use super::{applied, image, service, uids};
use crate::cluster::{Cluster, deployment};
use crate::stage::Stage;

/// With `ignore_changes = [image]` a pipeline sets the image, and an apply of something else keeps it.
pub async fn ignored_image(stage: &'static Stage) -> Result<(), Failed> {
    let with = |replicas: i64| {
        let ignored = "lifecycle { ignore_changes = [image] }";
        service(&format!("{}\nreplicas = {replicas}\n{ignored}", image("1")))
    };
    let folder = applied(stage, "pipeline", &with(1)).await?;
    let cluster = stage.cluster()?;
    let live = deployment("pipeline", "api");
    let image = "api=registry.example/acme/api:2";
    cluster
        .kubectl(
            &["set", "image", "-n", "pipeline", "deployment/api", image],
            "",
        )
        .await?;
    // A plan in the middle of the pipeline's own roll offers to wait for it, which is another story.
    cluster
        .kubectl(
            &[
                "rollout",
                "status",
                "-n",
                "pipeline",
                "deployment/api",
                "--timeout=60s",
            ],
            "",
        )
        .await?;
    let plan = folder.plan().await?;
    assert_eq!(plan.code, Some(0), "{}", plan.text);
    folder.write(&with(2))?;
    folder.settles().await?;
    let after = cluster.get(&live).await?;
    let container = &after["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], "registry.example/acme/api:2");
    assert_eq!(after["spec"]["replicas"], 2);
    Ok(())
}

/// From a fixed number to an autoscaler and back: never fewer pods wanted than before, and pods are not replaced.
pub async fn scaled(stage: &'static Stage) -> Result<(), Failed> {
    let with = |scale: &str| {
        service(&format!(
            "{}\nresources = {{ cpu = \"10m\", memory = \"16Mi\" }}\n{scale}",
            image("1")
        ))
    };
    let fixed = with("replicas = 4");
    let folder = applied(stage, "scaled", &fixed).await?;
    let cluster = stage.cluster()?;
    let before = uids(stage, "scaled").await?;
    let sampler = Sampler::start(cluster.clone(), deployment("scaled", "api"));
    folder.write(&with("autoscale = { min = 2, max = 6, cpu_percent = 70 }"))?;
    folder.settles().await?;
    folder.write(&fixed)?;
    folder.settles().await?;
    let (lowest, samples) = sampler.stop().await?;
    assert!(samples > 10, "only {samples} looks");
    assert_eq!(lowest, 4, "dropped");
    assert_eq!(uids(stage, "scaled").await?, before);
    let scalers = "/apis/autoscaling/v2/namespaces/scaled/horizontalpodautoscalers/api";
    assert_eq!(cluster.find(scalers).await?, None, "the autoscaler is left");
    Ok(())
}

/// Reads the wanted number of pods again and again.
struct Sampler {
    ended: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<Result<(i64, usize), String>>,
}

impl Sampler {
    fn start(cluster: Cluster, path: String) -> Sampler {
        let ended = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&ended);
        let task = tokio::spawn(async move {
            let (mut lowest, mut samples) = (i64::MAX, 0);
            while !until.load(Ordering::Relaxed) {
                let live = cluster
                    .get(&path)
                    .await
                    .map_err(|error| format!("{error:?}"))?;
                let available = live["status"]["availableReplicas"].as_i64().unwrap_or(0);
                let wanted = live["spec"]["replicas"].as_i64().unwrap_or(1);
                lowest = lowest.min(available).min(wanted);
                samples += 1;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Ok((lowest, samples))
        });
        Sampler { ended, task }
    }

    async fn stop(self) -> Result<(i64, usize), Failed> {
        self.ended.store(true, Ordering::Relaxed);
        Ok(self.task.await??)
    }
}

/// Refused at plan; growing is done.
pub async fn storage(stage: &'static Stage) -> Result<(), Failed> {
    let with = |size: &str| {
        let storage = format!("storage = {{ \"/data\" = {{ size = \"{size}\" }} }}");
        service(&format!("{}\n{storage}", image("1")))
    };
    let folder = applied(stage, "storage", &with("2Gi")).await?;
    let before = uids(stage, "storage").await?;
    folder.write(&with("1Gi"))?;
    folder
        .plan()
        .await?
        .failed_with(&["Storage /data", "cannot shrink from 2Gi to 1Gi"])?;
    folder.write(&with("3Gi"))?;
    folder.settles().await?;
    let claims = stage
        .cluster()?
        .get("/api/v1/namespaces/storage/persistentvolumeclaims")
        .await?;
    assert_eq!(
        claims["items"][0]["spec"]["resources"]["requests"],
        json!({ "storage": "3Gi" })
    );
    assert_eq!(uids(stage, "storage").await?, before);
    // An environment with data in it stays, although it is not protected.
    folder.write("")?;
    folder.apply().await?.failed_with(&["storage"])?;
    stage.cluster()?.get("/api/v1/namespaces/storage").await?;
    Ok(())
}
