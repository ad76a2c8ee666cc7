//! The plugin as a process: what it says, whom it lets in, when it ends, and what the real command
//! lines make of it.
//!
//! This program is both the tests and the provider under test: started under a provider's name it
//! serves the demo provider.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test without the usual harness is not recognised as one"
)]

mod cli;
mod client;
#[path = "../demo/mod.rs"]
mod demo;
mod handshake;
mod life;
mod logs;
mod process;
mod scenarios;
mod tls;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use seedling_schema::{ServeEnvironment, serve};

/// Tests under the names of their functions.
macro_rules! trials {
    ($($module:ident::$name:ident)*) => {
        vec![$(trial(concat!(stringify!($module), "::", stringify!($name)), $module::$name)),*]
    };
}

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    let program = arguments.next().unwrap_or_default();
    let name = Path::new(&program)
        .file_name()
        .and_then(|name| name.to_str());
    if name.is_some_and(|name| name.starts_with("terraform-provider-")) {
        return serve(demo::Demo, &ServeEnvironment::from_process(), arguments);
    }
    let mut trials = trials! {
        handshake::the_line_says_where_to_connect
        handshake::a_start_by_hand_is_explained
        handshake::a_senseless_certificate_is_named
        handshake::multiplexing_is_declined_when_asked
        tls::the_client_is_let_in
        tls::others_are_refused
        life::shutdown_ends_it_at_once
        life::an_interrupt_does_not_end_it
        life::a_killed_parent_ends_it
        life::services_of_every_plugin_are_there
        logs::lines_are_what_core_reads
        logs::nothing_is_written_unasked
    };
    trials.extend(scenarios::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A test; a panic is its failure.
fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}
