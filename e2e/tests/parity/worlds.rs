//! A real world and a simulated one, side by side.

use std::sync::OnceLock;

use kube::Client;
use libtest_mimic::Failed;
use seedling_e2e::backend::{Backend, EmbeddedBackend, Options, ProcessBackend};
use seedling_e2e::progress::Lines;
use seedling_e2e::world::World;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

/// The worlds, and the runtime that their clients belong to.
struct Shared {
    runtime: Runtime,
    both: OnceCell<Result<Both, String>>,
}

/// Two worlds with the same nodes, classes and stand-ins.
pub struct Both {
    pub real: World,
    pub simulated: World,
}

static SHARED: OnceLock<Shared> = OnceLock::new();

impl Both {
    /// Both, with what to call them.
    pub fn each(&self) -> [(&'static str, &World); 2] {
        [("real", &self.real), ("simulated", &self.simulated)]
    }

    /// Administrators' clients of both.
    pub fn clients(&self) -> [Client; 2] {
        [self.real.client(), self.simulated.client()]
    }
}

/// Runs a test on both worlds, which the first test that needs them starts.
pub fn with<F: Future<Output = Result<(), Failed>>>(
    test: impl FnOnce(&'static Both) -> F,
) -> Result<(), Failed> {
    let shared = SHARED.get_or_init(|| Shared {
        runtime: Runtime::new().unwrap(),
        both: OnceCell::new(),
    });
    shared.runtime.block_on(async {
        let both = shared.both.get_or_init(start).await;
        test(both.as_ref().map_err(Failed::from)?).await
    })
}

/// Ends the worlds: they live in a static, which is never dropped.
pub fn stop() {
    if let Some(shared) = SHARED.get()
        && let Some(Ok(both)) = shared.both.get()
    {
        for (_, world) in both.each() {
            shared.runtime.block_on(world.stop()).unwrap();
        }
    }
}

async fn start() -> Result<Both, String> {
    let one = async |backend: &dyn Backend| {
        World::start(backend, &Options::default(), &Lines)
            .await
            .map_err(|error| error.to_string())
    };
    Ok(Both {
        real: one(&ProcessBackend).await?,
        simulated: one(&EmbeddedBackend).await?,
    })
}
