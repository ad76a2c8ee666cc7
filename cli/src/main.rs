//! `seedling`: the one command people type.
//!
//! Exit codes: 0, all is as it should be; 1, it is not (a step of the proof broke, the machine lacks something);
//! 2, what was asked for cannot be done (wrong arguments, wrong input, a failure around it); 130, interrupted.

mod commands;
mod failure;
mod say;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // Two parts of the program could otherwise disagree about the provider of cryptography. It fails only if one is
    // set already, and then there is nothing to do.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Worlds start this very program again for what a laptop lacks.
    seedling_e2e::world::run_if_asked();
    let command = commands::Arguments::parse().command;
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failure::Failure::new(format!("cannot start: {error}")).tell(),
    };
    match runtime.block_on(command.run()) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}
