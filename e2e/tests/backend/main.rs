//! The `process` backend and its stand-ins: what a cluster must do before anything is proved on it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

mod access;
#[path = "../cluster/mod.rs"]
mod cluster;
mod endings;
mod look;
mod network;
mod objects;
mod workloads;

use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};
use seedling_e2e::require::Need;
use seedling_e2e::trial::{block_on, trial};
use seedling_e2e::world::run_if_asked;

use cluster::Shared;

/// One world for all tests that do not end it.
static SHARED: OnceLock<Shared> = OnceLock::new();

fn main() {
    run_if_asked();
    if std::env::var_os(endings::VICTIM).is_some() {
        endings::be_killed().unwrap();
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials());
    if let Some(shared) = SHARED.get() {
        shared.stop();
    }
    conclusion.exit();
}

fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process];
    vec![
        trial("a_deployment_becomes_available", NEEDS, || {
            shared(workloads::deployment)
        }),
        trial(
            "an_image_that_cannot_be_had_is_told_by_state_and_events",
            NEEDS,
            || shared(workloads::image_not_found),
        ),
        trial(
            "a_missing_key_keeps_the_container_until_it_comes",
            NEEDS,
            || shared(workloads::missing_key),
        ),
        trial("a_crash_loop_has_restarts_and_a_log", NEEDS, || {
            shared(workloads::crash_loop)
        }),
        trial(
            "a_claim_gets_a_volume_that_grows_and_goes_with_it",
            NEEDS,
            || shared(workloads::claim),
        ),
        trial(
            "load_balancers_and_ingresses_have_loopback_addresses",
            NEEDS,
            || shared(network::addresses),
        ),
        trial(
            "a_gateway_is_programmed_and_its_route_accepted",
            NEEDS,
            || shared(network::gateway),
        ),
        trial("an_annotated_ingress_gets_a_certificate", NEEDS, || {
            shared(network::certificate)
        }),
        trial(
            "a_group_has_the_rights_of_its_binding_and_no_more",
            NEEDS,
            || shared(access::group),
        ),
        trial("pod_security_is_enforced_by_the_namespace", NEEDS, || {
            shared(access::pod_security)
        }),
        trial("requests_are_counted_by_user_agent", NEEDS, || {
            shared(access::audit)
        }),
        trial(
            "a_second_world_stays_when_kept_and_leaves_nothing_when_ended",
            NEEDS,
            || block_on(endings::kept_and_ended()),
        ),
        trial("what_a_killed_run_left_is_swept", NEEDS, || {
            block_on(endings::killed_and_swept())
        }),
        trial("a_dropped_world_leaves_nothing", NEEDS, || {
            block_on(endings::dropped())
        }),
    ]
}

fn shared<F: Future<Output = Result<(), Failed>>>(
    test: fn(&'static Shared) -> F,
) -> Result<(), Failed> {
    SHARED.get_or_init(Shared::new).run(test)
}
