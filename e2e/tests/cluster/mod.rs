//! A world that several tests share.

use libtest_mimic::Failed;
use seedling_e2e::backend::{Options, ProcessBackend};
use seedling_e2e::progress::Lines;
use seedling_e2e::world::World;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

/// A runtime, because a client belongs to the one it was made on; and the world, started by the first test that needs it.
pub struct Shared {
    runtime: Runtime,
    world: OnceCell<Result<World, String>>,
}

impl Shared {
    pub fn new() -> Shared {
        Shared {
            runtime: Runtime::new().unwrap(),
            world: OnceCell::new(),
        }
    }

    pub fn run<F: Future<Output = Result<(), Failed>>>(
        &'static self,
        test: fn(&'static Shared) -> F,
    ) -> Result<(), Failed> {
        self.runtime.block_on(async {
            self.world.get_or_init(start).await;
            test(self).await
        })
    }

    pub fn world(&self) -> Result<&World, Failed> {
        self.world
            .get()
            .ok_or("not started")?
            .as_ref()
            .map_err(Failed::from)
    }

    /// Ends the world: it lives in a static, which is never dropped.
    pub fn stop(&self) {
        if let Ok(world) = self.world() {
            self.runtime.block_on(world.stop()).unwrap();
        }
    }
}

async fn start() -> Result<World, String> {
    let options = Options {
        audit: true,
        ..Options::default()
    };
    World::start(&ProcessBackend, &options, &Lines)
        .await
        .map_err(|error| error.to_string())
}
