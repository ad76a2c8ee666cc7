//! Another cluster answers where the state remembers one.

use libtest_mimic::Failed;
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::progress::Silent;
use seedling_e2e::world::World;

use super::{applied, image, service, uids};
use crate::cluster::deployment;
use crate::stage::Stage;

/// Refused; with `on_replaced = "forget"` everything is made anew in the new cluster, and the old one keeps what it has.
pub async fn replaced(stage: &'static Stage) -> Result<(), Failed> {
    let folder = applied(stage, "moving", &service(&image("1"))).await?;
    let before = uids(stage, "moving").await?;
    let world = World::start(&ProcessBackend, &Options::default(), &Silent).await?;
    let other = stage.cluster_of(&world)?;
    folder.connect(|sandbox| *sandbox = world.cluster().admin().sandbox())?;
    let state = folder.state()?;
    folder
        .plan()
        .await?
        .failed_with(&["Another cluster answers", "on_replaced = \"forget\""])?;
    folder
        .apply()
        .await?
        .failed_with(&["Another cluster answers"])?;
    assert_eq!(folder.state()?, state, "the state was changed");
    assert_eq!(other.find(&deployment("moving", "api")).await?, None);

    folder.head("on_replaced = \"forget\"")?;
    folder
        .plan()
        .await?
        .says(&["2 to add, 0 to change, 0 to destroy"])?;
    folder.settles().await?;
    other.get(&deployment("moving", "api")).await?;
    assert_eq!(
        uids(stage, "moving").await?,
        before,
        "the old cluster was touched"
    );
    world.stop().await?;
    Ok(())
}
