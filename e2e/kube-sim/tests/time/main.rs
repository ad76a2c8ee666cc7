//! Time and memory of a cluster: a stepped clock makes ten minutes pass in milliseconds, a saved cluster goes on where it was, and a
//! rollout takes the steps that a real one takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a trial that cannot go on has failed

mod deadline;
mod rolling;
mod saved;
mod stepped;
