//! What goes wrong in a team's life, with the real command line, provider and API server: rollouts that fail, objects that somebody
//! else made, states that are lost, providers that are killed. One world is shared; each scenario has a project and namespaces of its own.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

mod cluster;
mod folder;
mod kills;
mod ownership;
mod rollouts;
mod stage;
mod unseen;

use libtest_mimic::Arguments;
use seedling_e2e::world::run_if_asked;

/// Scenarios wait far more than they compute, so there can be more of them than cores.
const AT_A_TIME: usize = 3;

fn main() {
    run_if_asked();
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_A_TIME);
    let trials = [
        kills::trials(),
        rollouts::trials(),
        ownership::trials(),
        unseen::trials(),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials.into_iter().flatten().collect());
    stage::stop();
    conclusion.exit();
}
