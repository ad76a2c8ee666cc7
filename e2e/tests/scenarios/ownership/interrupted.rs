//! Ctrl-C.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use super::{image, service};
use crate::cluster::deployment;
use crate::stage::Stage;

/// A stopped create ends at once, long before its time-out, and the next apply goes on with what it made.
pub async fn create(stage: &'static Stage) -> Result<(), Failed> {
    let folder = Arc::new(stage.folder("ctrl-c")?);
    folder.write(&service(&format!("{}\nport = 8080", image("never-ready"))))?;
    folder.init().await?;
    let applying = Arc::clone(&folder);
    let apply = tokio::spawn(async move { applying.apply().await });
    let cluster = stage.cluster()?;
    cluster
        .until_a_pod("ctrl-c", "\"phase\":\"Running\"")
        .await?;
    let uid = cluster.uid(&deployment("ctrl-c", "api")).await?;
    let pressed = Instant::now();
    folder.press();
    assert!(apply.await?.is_err(), "an interrupted apply has succeeded");
    assert!(
        pressed.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        pressed.elapsed()
    );
    let printed = folder.printed();
    assert!(
        printed.contains("Stopped while ctrl-c/api was rolling out"),
        "{printed}"
    );
    let state = folder.state()?.to_string();
    assert!(!state.contains("seedling_service"), "{state}");
    folder.plan().await?.says(&["ctrl-c/api is resumed"])?;
    folder.write(&service(&format!("{}\nport = 8080", image("1"))))?;
    folder.settles().await?;
    assert_eq!(cluster.uid(&deployment("ctrl-c", "api")).await?, uid);
    Ok(())
}
